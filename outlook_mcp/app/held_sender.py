"""Sends a held message as the user who agreed to it, if the access that was given for it still stands."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from outlook_mcp.audit.log import AuditLog
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.errors import AuditError, OutcomeUnknown, OutlookError
from outlook_mcp.graph.ids import Handle, MessageId
from outlook_mcp.identity.scopes import scope_of_toolset
from outlook_mcp.identity.session import SessionService
from outlook_mcp.mail.lazy import Drafts
from outlook_mcp.oauth.connections.integration_service import OAuthIntegrationService
from outlook_mcp.server.call_record import CallRecord
from outlook_mcp.vault.blocked_users import BlockedUsers
from outlook_mcp.vault.held_sends import HeldSend
from outlook_mcp.workspace.manager import EmailWorkspaceManager

_log = logging.getLogger(__name__)
ACCESS_ENDED = "The access of the app that asked for it was ended, so it was not sent."


@dataclass(frozen=True, slots=True)
class WorkspaceHeldSender:
    """A `HeldSender`."""

    workspaces: EmailWorkspaceManager
    sessions: SessionService
    connections: OAuthIntegrationService
    blocked: BlockedUsers
    audit: AuditLog

    async def check_allowed(self, held: HeldSend) -> str:
        """Looks up the session, the mailbox and the user anew: any server may have ended one of them."""
        session = await self.sessions.find_session(held.user, held.session)
        if session is None or not session.allows(scope_of_toolset("mail-send").name):
            return ACCESS_ENDED
        if await self.blocked.is_blocked(held.user):
            return "The administrator blocked this user, so it was not sent."
        known = {connection.id for connection in await self.connections.connections_of(held.user)}
        if held.connection is not None and held.connection not in known:
            return "The mailbox was disconnected, so it was not sent."
        return ""

    async def send_held(self, held: HeldSend, before: Callable[[], Awaitable[None]]) -> None:
        """Puts on record what was sent, or may have been."""
        record = CallRecord([held.draft])
        try:
            drafts = await self._drafts(held)
            record.sent((await drafts.send_held(MessageId(Handle(held.draft)), held.check, before)).recipients)
        except OutcomeUnknown as unknown:
            record.sent(unknown.recipients)
            await self._put_on_record(AuditTag.MAIL_SEND_UNKNOWN, held, record, unknown.code)
            raise
        except OutlookError as error:
            await self._put_on_record(AuditTag.MAIL_SEND_STOPPED, held, record, error.code)
            raise
        await self._put_on_record(AuditTag.MAIL_SENT, held, record, "ok")

    async def was_sent(self, held: HeldSend) -> bool:
        """See `HeldSender.was_sent`."""
        return not await (await self._drafts(held)).is_still_draft(MessageId(Handle(held.draft)))

    async def _drafts(self, held: HeldSend) -> Drafts:
        return (await self.workspaces.open_workspace(held.user, held.connection)).drafts

    async def _put_on_record(self, tag: AuditTag, held: HeldSend, record: CallRecord, outcome: str) -> None:
        counts, personal = record.fields()
        details: dict[str, str | int] = {"tool": "mail_send", "outcome": outcome, "session": held.session, **counts}
        try:
            await self.audit.record(tag, held.user, details, personal=personal)
        except AuditError as error:
            # What was done stays done: that it was asked for is on record.
            _log.warning("A held message is not on record: %s", error.message)
