"""Links to `/connect` that a tool call gives to its user: sign in again, connect a mailbox, or allow more."""

from __future__ import annotations

import secrets
from typing import Literal
from urllib.parse import urlencode

import anyio
from pydantic import BaseModel, ConfigDict, SecretStr

from outlook_mcp.answers.remedies import Audience, message_for, next_step
from outlook_mcp.errors import AdministratorRequired, OutlookError, SignInError, SignInRefused, SignInRequired
from outlook_mcp.identity.context import UserContext
from outlook_mcp.identity.scopes import known_scopes
from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.connections.connection import Connection
from outlook_mcp.vault.digests import Digests
from outlook_mcp.vault.tickets import Tickets
from outlook_mcp.web.settings import WebSettings

CONNECT_PATH = "/connect"
LIFETIME_S = 600.0
POLL_S = 0.5
_PURPOSE = "connect"

LinkPurpose = Literal["renew", "add", "widen"]


class LinkFailure(BaseModel):
    """Why a link failed, so that whichever server waits for it raises the same error."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    is_for_administrator: bool
    message: str
    next_step: str

    @classmethod
    def from_error(cls, error: OutlookError) -> LinkFailure:
        return cls(
            is_for_administrator=isinstance(error, AdministratorRequired),
            message=message_for(error, Audience.REMOTE_CLIENT),
            next_step=next_step(error, Audience.REMOTE_CLIENT),
        )

    def to_error(self) -> SignInError:
        error_class = AdministratorRequired if self.is_for_administrator else SignInRefused
        return error_class(self.message, next_step=self.next_step)


class LinkTicket(BaseModel):
    """What a link is for, and how it ended.

    `user` and `session_id` are those of the caller. `scopes` are our scopes that the session has or asks for, `added`
    those it asks for. `mailbox` is the one to sign in to, with the mail address `account`; None is the user's own.
    `claims` is the claims challenge of Microsoft that the sign-in must satisfy.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    user: UserKey
    session_id: str
    client_id: str
    client_name: str
    client_kind: str
    redirect_uri: str
    account: str
    purpose: LinkPurpose
    scopes: tuple[str, ...]
    added: tuple[str, ...] = ()
    mailbox: UserKey | None = None
    claims: str | None = None
    is_done: bool = False
    failure: LinkFailure | None = None

    @property
    def takes_any_mailbox(self) -> bool:
        """True when the user chooses the mailbox. Users of an issuer other than Entra ID have none of their own."""
        return self.purpose == "add" or (self.mailbox is None and self.user.kind == "issuer")

    @property
    def has_ended(self) -> bool:
        return self.is_done or self.failure is not None


class LinkTickets:
    """Tickets by handle, stored for ten minutes after each change."""

    def __init__(self, tickets: Tickets) -> None:
        self._tickets = tickets

    async def find_ticket(self, handle: SecretStr) -> LinkTicket | None:
        """None when it is unknown or has expired."""
        value = await self._tickets.read_ticket(_PURPOSE, handle)
        return None if value is None else LinkTicket.model_validate_json(value)

    async def store_ticket(self, handle: SecretStr, ticket: LinkTicket) -> None:
        await self._tickets.put_ticket(_PURPOSE, handle, ticket.model_dump_json().encode(), lifetime_s=LIFETIME_S)

    async def mark_done(self, handle: SecretStr, ticket: LinkTicket) -> None:
        await self.store_ticket(handle, ticket.model_copy(update={"is_done": True}))

    async def mark_failed(self, handle: SecretStr, ticket: LinkTicket, error: OutlookError) -> None:
        await self.store_ticket(handle, ticket.model_copy(update={"failure": LinkFailure.from_error(error)}))


class ConnectLink:
    """`id` is not secret and may pass through the client; `url` is for the user's own browser.

    It is short enough for a model, so `link` is the same.
    """

    def __init__(self, link_id: str, url: str, handle: SecretStr, tickets: LinkTickets, poll_s: float) -> None:
        self.id = link_id
        self.url = self.link = url
        self._handle = handle
        self._tickets = tickets
        self._poll_s = poll_s

    async def has_ended(self) -> bool:
        """True when it is done, has failed or has expired."""
        ticket = await self._tickets.find_ticket(self._handle)
        return ticket is None or ticket.has_ended

    async def wait(self) -> None:
        """Returns when the user has finished, on whichever server; the caller sets the deadline.

        Raises the SignInError that ended the link; SignInRequired when it has expired.
        """
        while True:
            ticket = await self._tickets.find_ticket(self._handle)
            if ticket is None:
                raise SignInRequired("The link has expired.", next_step="Try again for a new link.")
            if ticket.failure is not None:
                raise ticket.failure.to_error()
            if ticket.is_done:
                return
            await anyio.sleep(self._poll_s)


class ConnectLinks:
    """Links bound to the user and session of a caller: the handle of a link is derived from both and the link's id."""

    def __init__(self, settings: WebSettings, tickets: Tickets, digests: Digests, *, poll_s: float = POLL_S) -> None:
        self._settings = settings
        self._tickets = LinkTickets(tickets)
        self._digests = digests
        self._poll_s = poll_s

    async def create_link(
        self,
        caller: UserContext,
        purpose: LinkPurpose,
        *,
        scopes: tuple[str, ...] = (),
        mailbox: Connection | None = None,
        claims: str | None = None,
    ) -> ConnectLink:
        """A link that works for ten minutes.

        `renew` signs the user in again to `mailbox`, by default their own; a user of an issuer other than Entra ID
        connects one. `add` connects one more mailbox. `widen` adds `scopes` to the session. `claims` is a claims
        challenge of Microsoft that the sign-in must satisfy.
        """
        link = self._link(caller, secrets.token_urlsafe(16))
        session = caller.session
        granted = session.scopes or ()
        ticket = LinkTicket(
            user=caller.user,
            session_id=session.id,
            client_id=session.client_id,
            client_name=session.client_name,
            client_kind=session.client_kind,
            redirect_uri=session.redirect_uri,
            account=session.account if mailbox is None else mailbox.address,
            mailbox=None if mailbox is None else mailbox.mailbox,
            claims=claims,
            purpose=purpose,
            scopes=known_scopes((*granted, *scopes)),
            added=tuple(scope for scope in known_scopes(scopes) if scope not in granted),
        )
        await self._tickets.store_ticket(self._handle(caller, link.id), ticket)
        return link

    async def find_link(self, caller: UserContext, link_id: str) -> ConnectLink | None:
        """The caller's own link of this id; None when it is unknown or has expired."""
        ticket = await self._tickets.find_ticket(self._handle(caller, link_id))
        return None if ticket is None else self._link(caller, link_id)

    def _link(self, caller: UserContext, link_id: str) -> ConnectLink:
        handle = self._handle(caller, link_id)
        query = urlencode({"ticket": handle.get_secret_value()})
        url = f"{self._settings.public_url}{CONNECT_PATH}?{query}"
        return ConnectLink(link_id, url, handle, self._tickets, self._poll_s)

    def _handle(self, caller: UserContext, link_id: str) -> SecretStr:
        return SecretStr(
            self._digests.digest_of("connect_link", SecretStr(f"{caller.user}\n{caller.session.id}\n{link_id}"))
        )
