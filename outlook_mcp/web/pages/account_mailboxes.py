"""The mailboxes of the person at the browser: connect, name, make the default, disconnect."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping

from starlette.responses import Response

from outlook_mcp.errors import InvalidInput, SignInError
from outlook_mcp.identity.scopes import graph_permissions, widened
from outlook_mcp.identity.session import SessionService
from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.connections.integration_service import OAuthIntegrationService
from outlook_mcp.oauth.sign_in.oauth_manager import OAuthManager, SignInRequest
from outlook_mcp.web.pages.account_forms import TO_ACCOUNT, done, signed_in_user
from outlook_mcp.web.pages.page import Visit, explained
from outlook_mcp.web.pages.rendering import departure
from outlook_mcp.web.pages.upstream import Linking, UpstreamSignIns


class MailboxForms:
    """The forms are about the id of a connection, which opens only among the user's own."""

    def __init__(
        self,
        callback: str,
        connections: OAuthIntegrationService,
        sessions: SessionService,
        manager: OAuthManager,
        upstream: UpstreamSignIns,
    ) -> None:
        self._callback = callback
        self._connections = connections
        self._sessions = sessions
        self._manager = manager
        self._upstream = upstream

    async def add(self, visit: Visit) -> Response:
        """Asks Microsoft for all that the user's clients may do, so that they can do it there as well."""
        user = signed_in_user(visit)
        request = SignInRequest(scopes=await self._permissions(user), owner=user, select_account=True)
        begun = await self._manager.begin(self._callback, request)
        await self._upstream.remember(begun.state, visit.browser, Linking(owner=user))
        return departure(begun.url)

    async def finish(self, visit: Visit, purpose: Linking, callback: Mapping[str, str]) -> Response:
        """The browser is back from Microsoft; the person signed in at it must still be the owner."""
        if signed_in_user(visit) != purpose.owner:
            raise explained(InvalidInput("You are signed in as somebody else now."), link=TO_ACCOUNT)
        try:
            await self._manager.complete(callback)
        except (SignInError, InvalidInput) as error:
            raise explained(error, title="The mailbox is not connected", link=TO_ACCOUNT) from error
        return done()

    async def make_default(self, visit: Visit) -> Response:
        user = signed_in_user(visit)
        return await self._changed(self._connections.set_default(user, visit.about))

    async def rename(self, visit: Visit) -> Response:
        user = signed_in_user(visit)
        return await self._changed(self._connections.rename(user, visit.about, visit.form.get("name", "")))

    async def disconnect(self, visit: Visit) -> Response:
        user = signed_in_user(visit)
        return await self._changed(self._connections.disconnect(user, visit.about))

    async def _permissions(self, user: UserKey) -> tuple[str, ...]:
        """What sessions here need; of clients that another issuer lets in, only the mailboxes they use can tell."""
        sessions = await self._sessions.list(user)
        if sessions:
            return graph_permissions(scope for session in sessions for scope in session.scopes or ())
        mailboxes = [connection.mailbox for connection in await self._connections.list(user)]
        asked = [await self._connections.asked_before(user, mailbox) for mailbox in mailboxes]
        return widened(graph_permissions(()), *asked)

    @staticmethod
    async def _changed(change: Awaitable[object]) -> Response:
        try:
            await change
        except InvalidInput as error:
            raise explained(error, link=TO_ACCOUNT) from error
        return done()
