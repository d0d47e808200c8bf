"""The caller's way to what a tool needs: a link to a page of ours, made for this caller alone."""

from __future__ import annotations

from outlook_mcp.errors import InvalidInput, ScopeRequired, SignInError
from outlook_mcp.identity.session import ASK_ADMINISTRATOR
from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.connections.connection import Connection
from outlook_mcp.oauth.connections.mailbox_choice import Mailboxes
from outlook_mcp.oauth.entra.errors import ClaimsRequired
from outlook_mcp.web.caller import HttpCaller
from outlook_mcp.web.pages.links import ConnectLink, ConnectLinks
from outlook_mcp.web.settings import WebSettings


class HttpSignIns:
    """Links of the user who is calling, on any replica. Only our own grants can be widened, and no narrowed token."""

    def __init__(self, links: ConnectLinks, caller: HttpCaller, mailboxes: Mailboxes, settings: WebSettings) -> None:
        self._links = links
        self._caller = caller
        self._mailboxes = mailboxes
        self._settings = settings

    async def begin(self, needed: SignInError, account: str | None) -> ConnectLink:
        """A link that widens the grant when a scope is `needed`, else one that signs in again to the mailbox meant.

        Raises ScopeRequired when an organisation or another issuer decides, or the client narrowed its token.
        """
        context = await self._caller.context()
        if isinstance(needed, ScopeRequired):
            if context.session.is_asserted:
                raise ScopeRequired(needed.message, scope=needed.scope, next_step=ASK_ADMINISTRATOR)
            if self._settings.token_issuer is not None or self._caller.is_narrowed:
                (scope,) = self._settings.spelled([needed.scope])
                next_step = f"Connect again with a token that has the scope {scope}."
                raise ScopeRequired(needed.message, scope=needed.scope, next_step=next_step)
            return await self._links.begin(context, "widen", scopes=(needed.scope,))
        claims = needed.claims if isinstance(needed, ClaimsRequired) else None
        mailbox = await self._meant(context.user, account)
        return await self._links.begin(context, "renew", mailbox=mailbox, claims=claims)

    async def find(self, id: str) -> ConnectLink | None:
        """The caller's own link of this id."""
        return await self._links.find(await self._caller.context(), id)

    async def _meant(self, user: UserKey, account: str | None) -> Connection | None:
        """None for the caller's own mailbox, also when none is connected yet."""
        try:
            connection = await self._mailboxes.choose(user, account)
        except (SignInError, InvalidInput):
            return None
        return None if connection.mailbox == user else connection
