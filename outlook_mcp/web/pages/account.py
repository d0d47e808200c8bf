"""What a person sees of themselves: who they are here, their sessions and their mailboxes."""

from __future__ import annotations

from starlette.responses import Response

from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.identity.session import SessionService
from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.connections.integration_service import OAuthIntegrationService
from outlook_mcp.oauth.security_service import OAuthSecurityService
from outlook_mcp.web.pages.account_forms import ACCOUNT_PATH, done, signed_in_user
from outlook_mcp.web.pages.identification import IdentityProviders
from outlook_mcp.web.pages.page import Visit


class AccountPage:
    """Shows the browser's own user, and asks for a sign-in when there is none."""

    def __init__(
        self, sessions: SessionService, connections: OAuthIntegrationService, identities: IdentityProviders
    ) -> None:
        self._sessions = sessions
        self._connections = connections
        self._names = {people: provider.name for people, provider in identities.items()}

    async def show(self, visit: Visit) -> Response:
        if visit.browser.account is None:
            return visit.render("account_sign_in.html", here=ACCOUNT_PATH, names=self._names)
        user = visit.browser.account.user
        return visit.render(
            "account.html",
            here=ACCOUNT_PATH,
            sessions=await self._sessions.list(user),
            connections=await self._connections.list(user),
        )


class SessionForms:
    """Ending one session, or all of them; the form is about the session's id."""

    def __init__(self, sessions: SessionService, security: OAuthSecurityService) -> None:
        self._sessions = sessions
        self._security = security

    async def end(self, visit: Visit) -> Response:
        user = signed_in_user(visit)
        await self._end(user, visit.about)
        return done()

    async def end_all(self, visit: Visit) -> Response:
        user = signed_in_user(visit)
        for session in await self._sessions.list(user):
            await self._end(user, session.id)
        return done()

    async def _end(self, user: UserKey, session_id: str) -> None:
        if await self._sessions.end(user, session_id):
            await self._security.record(AuditTag.SESSION_ENDED, user, session=session_id)
