"""Signing a user in during a tool call over HTTP: a link to `/connect` that works for the caller only."""

from __future__ import annotations

from outlook_mcp.errors import ClaimsRequired, InvalidInput, Remedy, ScopeRequired, SignInError
from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.connections.connection import Connection
from outlook_mcp.oauth.connections.mailbox_choice import Mailboxes
from outlook_mcp.web.caller import HttpCaller
from outlook_mcp.web.pages.links import ConnectLink, ConnectLinks
from outlook_mcp.web.settings import WebSettings


class HttpSignIns:
    """The links of the user who is calling, on any replica.

    Only grants of our own authorization server can be widened, and only with a token that has all their scopes.
    """

    def __init__(self, links: ConnectLinks, caller: HttpCaller, mailboxes: Mailboxes, settings: WebSettings) -> None:
        self._links = links
        self._caller = caller
        self._mailboxes = mailboxes
        self._settings = settings

    async def begin_sign_in(self, needed: SignInError, account: str | None) -> ConnectLink:
        """A link that widens the grant when a scope is `needed`, else one that signs in again to a mailbox.

        The mailbox is the one that the caller calls `account`, by default their own. Raises ScopeRequired when the
        scope cannot be granted here: the organisation or another issuer grants it, or the client's token is narrowed.
        """
        context = await self._caller.context()
        if isinstance(needed, ScopeRequired):
            if context.session.is_asserted:
                raise ScopeRequired(needed.message, scope=needed.scope, remedy=Remedy.ASK_ADMINISTRATOR)
            if self._settings.token_issuer is not None or self._caller.is_narrowed:
                (scope,) = self._settings.spelled([needed.scope])
                next_step = f"Connect again with a token that has the scope {scope}."
                raise ScopeRequired(needed.message, scope=needed.scope, next_step=next_step)
            return await self._links.create_link(context, "widen", scopes=(needed.scope,))
        claims = needed.claims if isinstance(needed, ClaimsRequired) else None
        mailbox = await self._mailbox_to_renew(context.user, account)
        return await self._links.create_link(context, "renew", mailbox=mailbox, claims=claims)

    async def find_sign_in(self, sign_in_id: str) -> ConnectLink | None:
        """The caller's own link of this id; None when it is unknown or has expired."""
        return await self._links.find_link(await self._caller.context(), sign_in_id)

    async def _mailbox_to_renew(self, user: UserKey, account: str | None) -> Connection | None:
        """None for the caller's own mailbox, also when it is not connected yet."""
        try:
            connection = await self._mailboxes.choose(user, account)
        except (SignInError, InvalidInput):
            return None
        return None if connection.mailbox == user else connection
