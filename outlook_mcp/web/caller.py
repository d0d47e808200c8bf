"""Who is calling over HTTP: whom the verified access token names, and nobody else."""

from __future__ import annotations

from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken
from pydantic import Field, SecretStr

from outlook_mcp.errors import SignInRequired
from outlook_mcp.identity.context import UserContext
from outlook_mcp.identity.principal import Principal
from outlook_mcp.identity.scopes import graph_permissions
from outlook_mcp.identity.session import Session, SessionService
from outlook_mcp.oauth.entra.id_token import Identity
from outlook_mcp.oauth.tokens.on_behalf_of import Assertion


class CallerToken(AccessToken):
    """A verified access token. Its `session` is the grant behind it; `subject` is `tid:oid`, `claims` hold `iss`.

    Of a narrowed one the session may do what the token may, whatever the user allows the client.
    """

    token: str = Field(repr=False)
    session: Session
    is_narrowed: bool = False

    @property
    def principal(self) -> Principal:
        """Raises SignInRequired for a token without issuer or subject: a client id alone is many people."""
        issuer = (self.claims or {}).get("iss")
        if not isinstance(issuer, str) or not self.subject:
            raise SignInRequired("The access token names nobody.")
        return Principal(issuer, self.subject, self.client_id)


def callers_assertion() -> Assertion | None:
    """The token of the request being answered, to act on its user's behalf with; None outside one."""
    token = _callers_token()
    if token is None or token.session.user is None:
        return None
    identity = Identity(token.session.user, token.session.account, "")
    return Assertion(SecretStr(token.token), identity, graph_permissions(token.session.scopes or ()))


class HttpCaller:
    """Reads the token of the request being answered; holds nothing of a user itself."""

    def __init__(self, sessions: SessionService) -> None:
        self._sessions = sessions

    async def context(self) -> UserContext:
        """Raises SignInRequired outside a request with a verified token."""
        token = _callers_token()
        if token is None or token.session.user is None:
            raise SignInRequired("The request carries no verified access token.")
        if token.principal.subject != str(token.session.user):
            raise SignInRequired("The access token is somebody else's than its session.")
        return UserContext(token.session.user, token.session)

    @property
    def is_narrowed(self) -> bool:
        """Whether the client gave away part of what it may do with this token."""
        token = _callers_token()
        return token is not None and token.is_narrowed

    async def allows(self, scope: str) -> bool:
        """The grant may have been widened since the token was verified, so a lack is looked up again."""
        context = await self.context()
        if context.session.allows(scope) or self.is_narrowed:
            return context.session.allows(scope)
        session = await self._sessions.get(context.user, context.session.id)
        return session is not None and session.allows(scope)


def _callers_token() -> CallerToken | None:
    """Of the request being answered."""
    token = get_access_token()
    return token if isinstance(token, CallerToken) else None
