"""What a call may use: the caller, their mailbox, and the record of the call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from mcp.server.mcpserver import Context

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.errors import error_text
from outlook_mcp.answers.mailboxes import AboutMailbox, ConnectedMailbox, shared_mailbox_line
from outlook_mcp.answers.remedies import Audience
from outlook_mcp.audit.log import AuditLog
from outlook_mcp.errors import OutlookError, ScopeRequired
from outlook_mcp.identity.context import UserContext
from outlook_mcp.identity.scopes import BASIC_PERMISSIONS, BY_NAME, DIRECTORY_PERMISSION, covers
from outlook_mcp.net.clock import utc_now
from outlook_mcp.oauth.connections.mailbox_choice import Mailboxes
from outlook_mcp.server.call_record import CallRecord
from outlook_mcp.server.mailbox_choice import READ_SHARED, choose_mailbox
from outlook_mcp.server.sign_in import SignIns
from outlook_mcp.workspace.lazy import EmailWorkspace
from outlook_mcp.workspace.manager import EmailWorkspaceManager
from outlook_mcp.workspace.models import PeopleSources


@dataclass(frozen=True, slots=True)
class GrantedPermissions:
    """The Graph permissions that Microsoft granted for a mailbox, by their short names; none where unknown."""

    names: Sequence[str] = ()

    def include(self, permission: str) -> bool | None:
        """Whether this one was granted, itself or within a greater one; None when that is not known.

        >>> GrantedPermissions(["Mail.ReadWrite"]).include("Mail.Read"), GrantedPermissions().include("Mail.Read")
        (True, None)
        """
        return covers(self.names, (permission,)) if self.names else None


class Caller(Protocol):
    """Who is calling; never taken from anything the model or the client can choose."""

    async def context(self) -> UserContext:
        """Raises SignInRequired when nobody is signed in."""

    async def allows(self, scope: str) -> bool:
        """Whether the caller's grant holds this scope of ours."""


@dataclass(frozen=True, slots=True)
class Services:
    """One for the life of the server; holds nothing of a user. `audience` is who reads its errors."""

    caller: Caller
    mailboxes: Mailboxes
    workspaces: EmailWorkspaceManager
    sign_ins: SignIns
    audit: AuditLog
    audience: Audience = Audience.REMOTE_CLIENT

    async def known_caller(self) -> UserContext | None:
        """Who is calling, None when nobody is signed in or that cannot be found out."""
        try:
            return await self.caller.context()
        except OutlookError:
            return None

    async def require_scope(self, scope: str) -> None:
        """Raises ScopeRequired when the caller's grant does not hold it."""
        if not await self.caller.allows(scope):
            raise ScopeRequired(f"This client may not do that yet: {BY_NAME[scope].plain_words}.", scope=scope)

    async def mailbox(self, account: str | None = None) -> tuple[EmailWorkspace, GrantedPermissions]:
        """The mailbox that the caller calls `account`, else their default one, and what was granted for it.

        It is one that they connected, or that somebody else shares with them; see `choose_mailbox`.
        """
        user = (await self.caller.context()).user
        chosen = await choose_mailbox(self.mailboxes, user, account)
        if chosen.shared is None:
            workspace = await self.workspaces.open_workspace(user, chosen.connection.id)
        else:
            workspace = await self.workspaces.open_shared_mailbox(user, chosen.connection.id, chosen.shared)
        return workspace, GrantedPermissions(chosen.permissions)

    async def other_mailboxes(self, than: EmailWorkspace) -> Sequence[ConnectedMailbox]:
        """The mailboxes that the user who is calling connected, without this one; oldest first."""
        user = (await self.caller.context()).user
        return [
            ConnectedMailbox(connection.name, connection.address, connection.is_default)
            for connection in await self.mailboxes.connections_of(user)
            if connection.id != than.connection
        ]

    async def accounts(self) -> Sequence[str]:
        """What the user who is calling can name as `account`: the names of their mailboxes, then the addresses."""
        connections = await self.mailboxes.connections_of((await self.caller.context()).user)
        addresses = [connection.address for connection in connections]
        return list(dict.fromkeys([*(connection.name for connection in connections), *addresses]))

    async def lacks_permission(self, scope: str, account: str | None) -> bool:
        """Whether the caller's client may do it, and we may not in this mailbox: it was signed in to for less."""
        context = await self.caller.context()
        if context.session.scopes is None:
            return False
        chosen = await choose_mailbox(self.mailboxes, context.user, account)
        # What a sign-in asks for a shared mailbox the configuration says; asking again gives no more.
        return chosen.shared is None and not covers(chosen.permissions, (*BASIC_PERMISSIONS, *BY_NAME[scope].graph))

    async def account_to_sign_in(self, account: str | None) -> str | None:
        """The mailbox to sign in to for a call about `account`, which may be shared and then has no sign-in."""
        if account is None:
            return None
        try:
            chosen = await choose_mailbox(self.mailboxes, (await self.caller.context()).user, account)
        except OutlookError:
            return account
        return account if chosen.shared is None else chosen.connection.id

    async def is_granted(self, permission: str, account: str | None) -> bool | None:
        """Whether Microsoft granted this Graph permission for the mailbox; None when that is not known."""
        try:
            chosen = await choose_mailbox(self.mailboxes, (await self.caller.context()).user, account)
        except OutlookError:
            return None
        return GrantedPermissions(chosen.permissions).include(permission)


@dataclass(frozen=True, slots=True)
class UnavailableServices:
    """Takes the place of `Services` that could not be opened: every call is refused with the reason and the remedy."""

    error: OutlookError

    @property
    def text(self) -> str:
        """For the model of a user on this machine."""
        told = error_text(self.error, Audience.LOCAL_CLIENT)
        return f"No mailbox can be opened yet. {told} Tell the user, who then starts this server again in their client."


@dataclass(slots=True)
class CallServices:
    """The services of the server for one call, the record of it, and what was granted for the mailbox it opened."""

    services: Services
    record: CallRecord
    granted: GrantedPermissions = GrantedPermissions()


# The pipeline makes it and the SDK hands it on; it stands in no schema, so no argument of the model can choose it.
if TYPE_CHECKING:
    Call = Context[CallServices, Any]
else:
    # The SDK looks for the class alone; with parameters it would be a model of its own, which takes long to build.
    Call = Context


def record_of(call: Call) -> CallRecord:
    """What this call concerned, to be filled by whatever answers it."""
    return call.request_context.lifespan_context.record


async def callers_mailbox(call: Call, account: str | None = None) -> EmailWorkspace:
    """The mailbox of whoever made this call; `account` names one of theirs, or one that is shared with them."""
    services = call.request_context.lifespan_context
    mailbox, services.granted = await services.services.mailbox(account)
    services.record.mailbox_opened(mailbox.handles, shared=mailbox.config.address if mailbox.opened_by else "")
    if mailbox.opened_by:
        owner = ConnectedMailbox(mailbox.config.display_name, mailbox.config.address)
        services.record.heading = shared_mailbox_line(owner, mailbox.opened_by)
    return mailbox


async def mailbox_with_calendar(call: Call, account: str | None = None) -> EmailWorkspace:
    """As `callers_mailbox`; mail tells what the calendar says of invitations, and how they are answered.

    Both count where the client has our scope for it, and Microsoft granted what that needs.
    """
    mailbox = await callers_mailbox(call, account)
    services = call.request_context.lifespan_context
    caller, granted = services.services.caller, services.granted
    if mailbox.opened_by:
        return mailbox
    return replace(
        mailbox,
        shows_calendar=granted.include("Calendars.Read") is True and await caller.allows("calendar.read"),
        answers_meetings=granted.include("Calendars.ReadWrite") is True and await caller.allows("calendar.send"),
    )


async def client_of(call: Call) -> str:
    """The client that made this call: over HTTP its grant, which lasts over restarts; over stdio the local profile."""
    session = (await call.request_context.lifespan_context.services.caller.context()).session
    return session.id if session.transport == "http" else "stdio"


async def permitted_sources(call: Call) -> PeopleSources:
    """Where the caller may look for people in the mailbox that this call has opened.

    A source counts where the client has our scope for it, and Microsoft granted what that needs.
    """
    services = call.request_context.lifespan_context
    caller, granted = services.services.caller, services.granted
    return PeopleSources(
        sent_items=await caller.allows("mail.read") and granted.include("Mail.Read") is not False,
        contacts=await caller.allows("contacts.read") and granted.include("Contacts.Read") is True,
        has_directory=granted.include(DIRECTORY_PERMISSION),
    )


def answer_context(call: Call, mailbox: EmailWorkspace) -> AnswerContext:
    """Shapes an answer for the owner of this mailbox: their ids, their time zone, now. What it shows is on record."""
    return AnswerContext(
        on_shown=record_of(call).shown,
        handles=mailbox.handles,
        zone=mailbox.config.zone(),
        now=utc_now(),
        mailbox_address=mailbox.config.address,
        unknown_zone=mailbox.config.unknown_zone,
        answers_meetings=mailbox.answers_meetings,
        is_granted=call.request_context.lifespan_context.granted.include,
    )


async def about_mailbox(call: Call, mailbox: EmailWorkspace) -> AboutMailbox:
    """Whose mailbox this is, and which others its user connected."""
    services = call.request_context.lifespan_context
    return AboutMailbox(
        ConnectedMailbox(mailbox.config.display_name, mailbox.config.address),
        mailbox.config.zone().key,
        await services.services.other_mailboxes(mailbox),
        services.granted.include(READ_SHARED) is True,
    )
