"""The account page: the user's own sessions and mailboxes, and the forms that end sessions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.responses import Response

from outlook_mcp.audit.log import AuditLog
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.identity.session import SessionService
from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.connections.integration_service import OAuthIntegrationService
from outlook_mcp.vault.held_sends import HeldSend, VaultHeldSends
from outlook_mcp.web.pages.account_forms import ACCOUNT_PATH, redirect_to_account, signed_in_user
from outlook_mcp.web.pages.page import PageRequest
from outlook_mcp.web.pages.sign_in import IdentityProviders


class AccountPage:
    """Shows the account of the user who is signed in at the browser; offers to sign in when nobody is.

    `scopes` are those offered here: a grant may be older than the configuration.
    """

    def __init__(
        self,
        sessions: SessionService,
        connections: OAuthIntegrationService,
        identities: IdentityProviders,
        held_sends: VaultHeldSends,
        scopes: Collection[str],
    ) -> None:
        self._sessions = sessions
        self._connections = connections
        self._held_sends = held_sends
        self._scopes = scopes
        self._provider_names = {user_kind: provider.name for user_kind, provider in identities.items()}

    async def show_account(self, request: PageRequest) -> Response:
        if request.browser.account is None:
            return request.render("account_sign_in.html", here=ACCOUNT_PATH, provider_names=self._provider_names)
        user = request.browser.account.user
        sessions = await self._sessions.sessions_of(user)
        return request.render(
            "account.html",
            here=ACCOUNT_PATH,
            sessions=sessions,
            offered=self._scopes,
            connections=await self._connections.connections_of(user),
            held=[
                held_message(held, [session.id for session in sessions])
                for held in await self._held_sends.of_user(user)
            ],
        )


@dataclass(frozen=True, slots=True)
class HeldMessageRow:
    """A message that waits to be sent at `due`, or was stopped for a `reason`. Nothing of what it says is kept."""

    due: datetime
    reason: str


def held_message(held: HeldSend, sessions: Collection[str]) -> HeldMessageRow:
    """`sessions` are the ids of those that have not ended: what another one asked for is not sent."""
    due = datetime.fromtimestamp(held.due, UTC)
    if held.state == "waiting" and held.session not in sessions:
        return HeldMessageRow(due, "The access of the app that asked for it was ended.")
    return HeldMessageRow(due, held.reason if held.state == "stopped" else "")


class SessionForms:
    """Ends one session of the user, or all of them. The form carries the id of the session."""

    def __init__(self, sessions: SessionService, audit: AuditLog) -> None:
        self._sessions = sessions
        self._audit = audit

    async def end_session(self, request: PageRequest) -> Response:
        user = signed_in_user(request)
        await self._end_session(user, request.form_subject)
        return redirect_to_account()

    async def end_all_sessions(self, request: PageRequest) -> Response:
        user = signed_in_user(request)
        sessions = await self._sessions.sessions_of(user)
        await self._sessions.outdate_sessions(user)
        for session in sessions:
            await self._audit.record(AuditTag.SESSION_ENDED, user, {"session": session.id})
        return redirect_to_account()

    async def _end_session(self, user: UserKey, session_id: str) -> None:
        if await self._sessions.end_session(user, session_id):
            await self._audit.record(AuditTag.SESSION_ENDED, user, {"session": session_id})
