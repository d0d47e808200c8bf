"""Who is calling over HTTP: whom the verified access token names, and nobody else."""

from __future__ import annotations

from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken
from pydantic import Field, SecretStr

from outlook_mcp.errors import SignInRequired
from outlook_mcp.identity.context import UserContext
from outlook_mcp.identity.scopes import graph_permissions
from outlook_mcp.identity.session import Session, SessionService
from outlook_mcp.oauth.id_token import Identity
from outlook_mcp.oauth.on_behalf_of import Assertion


class CallerToken(AccessToken):
    """A verified access token. Its `session` is the grant behind it; `subject` is `tid:oid`, `claims` hold `iss`."""

    token: str = Field(repr=False)
    session: Session


def callers_assertion() -> Assertion | None:
    """The token of the request being answered, to act on its user's behalf with; None outside one."""
    token = get_access_token()
    if not isinstance(token, CallerToken) or token.session.user is None:
        return None
    identity = Identity(token.session.user, token.session.account, "")
    return Assertion(SecretStr(token.token), identity, graph_permissions(token.session.scopes or ()))


class HttpCaller:
    """Reads the token of the request being answered; holds nothing of a user itself."""

    def __init__(self, sessions: SessionService) -> None:
        self._sessions = sessions

    async def context(self) -> UserContext:
        """Raises SignInRequired outside a request with a verified token."""
        token = get_access_token()
        if not isinstance(token, CallerToken) or token.session.user is None:
            raise SignInRequired("The request carries no verified access token.")
        return UserContext(token.session.user, token.session)

    async def allows(self, scope: str) -> bool:
        """The grant may have been widened since the token was verified, so a lack is looked up again."""
        context = await self.context()
        if context.session.allows(scope):
            return True
        session = await self._sessions.get(context.user, context.session.id)
        return session is not None and session.allows(scope)
