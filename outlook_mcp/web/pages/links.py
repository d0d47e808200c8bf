"""Links that a client hands to its user in the middle of a call: sign in again, connect a mailbox, allow more."""

from __future__ import annotations

import asyncio
import secrets
from typing import Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, SecretStr

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
    """Why a link came to nothing, for every server that waits for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    is_for_administrator: bool
    message: str
    next_step: str

    @classmethod
    def of(cls, error: OutlookError) -> LinkFailure:
        return cls(
            is_for_administrator=isinstance(error, AdministratorRequired),
            message=error.message,
            next_step=error.next_step,
        )

    def error(self) -> SignInError:
        kind = AdministratorRequired if self.is_for_administrator else SignInRefused
        return kind(self.message, next_step=self.next_step)


class LinkTicket(BaseModel):
    """Whose link it is, of which session, and how it went. `scopes` are ours: all that the session has and wants.

    `mailbox` is the one to sign in to, at the address `account`; None means the user's own. `claims` is what Microsoft
    wants of that sign-in.
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
        """Users of another issuer than Entra ID have no mailbox of their own here: they link one."""
        return self.purpose == "add" or (self.mailbox is None and self.user.kind == "issuer")

    @property
    def has_ended(self) -> bool:
        return self.is_done or self.failure is not None


class LinkTickets:
    """Tickets by handle, kept for ten minutes after each change so that whoever waits sees it."""

    def __init__(self, tickets: Tickets) -> None:
        self._tickets = tickets

    async def read(self, handle: SecretStr) -> LinkTicket | None:
        value = await self._tickets.read(_PURPOSE, handle)
        return None if value is None else LinkTicket.model_validate_json(value)

    async def write(self, handle: SecretStr, ticket: LinkTicket) -> None:
        await self._tickets.put(_PURPOSE, handle, ticket.model_dump_json().encode(), lifetime_s=LIFETIME_S)

    async def done(self, handle: SecretStr, ticket: LinkTicket) -> None:
        await self.write(handle, ticket.model_copy(update={"is_done": True}))

    async def failed(self, handle: SecretStr, ticket: LinkTicket, error: OutlookError) -> None:
        await self.write(handle, ticket.model_copy(update={"failure": LinkFailure.of(error)}))


class ConnectLink:
    """`id` is no secret and may travel through the client; `url` is for the caller's own browser."""

    def __init__(self, id: str, url: str, handle: SecretStr, tickets: LinkTickets, poll_s: float) -> None:
        self.id = id
        self.url = url
        self._handle = handle
        self._tickets = tickets
        self._poll_s = poll_s

    async def has_ended(self) -> bool:
        """True when it came to something, to nothing, or its time is over."""
        ticket = await self._tickets.read(self._handle)
        return ticket is None or ticket.has_ended

    async def wait(self) -> None:
        """Until the person is done, at whichever server; the caller bounds it.

        Raises the SignInError that ended it, SignInRequired when its time is over.
        """
        while True:
            ticket = await self._tickets.read(self._handle)
            if ticket is None:
                raise SignInRequired("The link has expired.", next_step="Call the tool again for a new link.")
            if ticket.failure is not None:
                raise ticket.failure.error()
            if ticket.is_done:
                return
            await asyncio.sleep(self._poll_s)


class ConnectLinks:
    """Links bound to a caller's user and session; the handle in a link is found again only by that caller and id."""

    def __init__(self, settings: WebSettings, tickets: Tickets, digests: Digests, *, poll_s: float = POLL_S) -> None:
        self._settings = settings
        self._tickets = LinkTickets(tickets)
        self._digests = digests
        self._poll_s = poll_s

    async def begin(
        self,
        caller: UserContext,
        purpose: LinkPurpose,
        *,
        scopes: tuple[str, ...] = (),
        mailbox: Connection | None = None,
        claims: str | None = None,
    ) -> ConnectLink:
        """A link for ten minutes.

        `renew` signs the caller in again to `mailbox`, else to their own, or links one when the caller comes from
        another issuer than Entra ID; `add` connects one more mailbox; `widen` lets the session do `scopes` as well.
        `claims` is a challenge of Microsoft's that the sign-in is to satisfy.
        """
        link = self._link(caller, secrets.token_urlsafe(16))
        session = caller.session
        has = session.scopes or ()
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
            scopes=known_scopes((*has, *scopes)),
            added=tuple(scope for scope in known_scopes(scopes) if scope not in has),
        )
        await self._tickets.write(self._handle(caller, link.id), ticket)
        return link

    async def find(self, caller: UserContext, id: str) -> ConnectLink | None:
        """The caller's own link of this id; None when there is none or its time is over."""
        ticket = await self._tickets.read(self._handle(caller, id))
        return None if ticket is None else self._link(caller, id)

    def _link(self, caller: UserContext, id: str) -> ConnectLink:
        handle = self._handle(caller, id)
        query = urlencode({"ticket": handle.get_secret_value()})
        url = f"{self._settings.public_url}{CONNECT_PATH}?{query}"
        return ConnectLink(id, url, handle, self._tickets, self._poll_s)

    def _handle(self, caller: UserContext, id: str) -> SecretStr:
        return SecretStr(self._digests.of("connect_link", SecretStr(f"{caller.user}\n{caller.session.id}\n{id}")))
