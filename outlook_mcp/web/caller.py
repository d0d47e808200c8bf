"""Who is calling over HTTP: whom the verified access token names, and nobody else."""

from __future__ import annotations

from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken

from outlook_mcp.errors import SignInRequired
from outlook_mcp.identity.context import UserContext
from outlook_mcp.identity.session import Session


class CallerToken(AccessToken):
    """A verified access token. Its `session` is the grant behind it; `subject` is `tid:oid`, `claims` hold `iss`."""

    session: Session


class HttpCaller:
    """Reads the token of the request being answered; holds nothing itself."""

    async def context(self) -> UserContext:
        """Raises SignInRequired outside a request with a verified token."""
        token = get_access_token()
        if not isinstance(token, CallerToken) or token.session.user is None:
            raise SignInRequired("The request carries no verified access token.")
        return UserContext(token.session.user, token.session)
