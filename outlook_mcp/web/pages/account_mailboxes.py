"""The mailbox forms of the account page: connect, rename, make default, disconnect."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping

from starlette.responses import Response

from outlook_mcp.errors import InvalidInput, SignInError
from outlook_mcp.identity.scopes import graph_permissions, merged_permissions
from outlook_mcp.identity.session import SessionService
from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.connections.integration_service import OAuthIntegrationService
from outlook_mcp.oauth.sign_in.oauth_manager import OAuthManager, SignInRequest
from outlook_mcp.web.pages.account_forms import ACCOUNT_LINK, redirect_to_account, signed_in_user
from outlook_mcp.web.pages.failed_sign_ins import log_failed_sign_in
from outlook_mcp.web.pages.page import PageRequest, refusal_for
from outlook_mcp.web.pages.rendering import forwarding_page
from outlook_mcp.web.pages.started_sign_ins import MailboxSignIn, StartedSignIns


class MailboxForms:
    """Each form carries the id of a connection, which is looked up among the connections of the signed-in user only."""

    def __init__(
        self,
        callback: str,
        connections: OAuthIntegrationService,
        sessions: SessionService,
        manager: OAuthManager,
        started: StartedSignIns,
    ) -> None:
        self._callback = callback
        self._connections = connections
        self._sessions = sessions
        self._manager = manager
        self._started = started

    async def add_mailbox(self, request: PageRequest) -> Response:
        """Starts a sign-in that asks for every Graph permission that the user's clients need in a mailbox."""
        user = signed_in_user(request)
        sign_in = SignInRequest(scopes=await self._needed_permissions(user), owner=user, select_account=True)
        begun = await self._manager.begin_sign_in(self._callback, sign_in)
        await self._started.store_sign_in(begun.state, request.browser, MailboxSignIn(owner=user))
        return forwarding_page(begun.url)

    async def finish(self, request: PageRequest, purpose: MailboxSignIn, callback: Mapping[str, str]) -> Response:
        """Completes a sign-in that `add_mailbox` began; the user signed in at the browser must still be its owner."""
        if signed_in_user(request) != purpose.owner:
            raise refusal_for(InvalidInput("You are signed in as somebody else now."), link=ACCOUNT_LINK)
        try:
            await self._manager.complete_sign_in(callback)
        except (SignInError, InvalidInput) as error:
            log_failed_sign_in(error, person=str(purpose.owner), client="account page")
            raise refusal_for(error, title="The mailbox is not connected", link=ACCOUNT_LINK) from error
        return redirect_to_account()

    async def set_default(self, request: PageRequest) -> Response:
        user = signed_in_user(request)
        return await self._finished_change(self._connections.set_default(user, request.form_subject))

    async def rename_mailbox(self, request: PageRequest) -> Response:
        user = signed_in_user(request)
        name = request.form.get("name", "")
        return await self._finished_change(self._connections.rename_connection(user, request.form_subject, name))

    async def disconnect_mailbox(self, request: PageRequest) -> Response:
        user = signed_in_user(request)
        return await self._finished_change(self._connections.disconnect(user, request.form_subject))

    async def _needed_permissions(self, user: UserKey) -> tuple[str, ...]:
        """The Graph permissions that the user's sessions need.

        Where another issuer issues the tokens there are no sessions here; then those asked for before count.
        """
        sessions = await self._sessions.sessions_of(user)
        if sessions:
            return graph_permissions(scope for session in sessions for scope in session.scopes or ())
        connections = await self._connections.connections_of(user)
        asked = [await self._connections.requested_permissions(user, connection.mailbox) for connection in connections]
        return merged_permissions(graph_permissions(()), *asked)

    @staticmethod
    async def _finished_change(change: Awaitable[object]) -> Response:
        try:
            await change
        except InvalidInput as error:
            raise refusal_for(error, link=ACCOUNT_LINK) from error
        return redirect_to_account()
