"""Who is calling over HTTP: the user that the verified access token of the request names."""

from __future__ import annotations

from collections.abc import Collection

from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken
from pydantic import Field, SecretStr

from outlook_mcp.errors import SignInRequired
from outlook_mcp.identity.context import UserContext
from outlook_mcp.identity.principal import Principal
from outlook_mcp.identity.scopes import DEFAULT_SCOPES, graph_permissions
from outlook_mcp.identity.session import Session, SessionService
from outlook_mcp.identity.user import Identity
from outlook_mcp.oauth.tokens.on_behalf_of import Assertion


class CallerToken(AccessToken):
    """A verified access token. `session` is the grant it belongs to, `subject` is `tid:oid`, `claims` hold `iss`.

    `is_narrowed` means that the client asked for fewer scopes than the grant has; `session` then has only those.
    """

    token: str = Field(repr=False)
    session: Session
    is_narrowed: bool = False

    @property
    def principal(self) -> Principal:
        """Raises SignInRequired for a token without issuer or subject: a client id alone names no user."""
        issuer = (self.claims or {}).get("iss")
        if not isinstance(issuer, str) or not self.subject:
            raise SignInRequired("The access token names no user.")
        return Principal(issuer, self.subject, self.client_id)


def callers_assertion() -> Assertion | None:
    """The access token of the current request, for the On-Behalf-Of flow; None without a verified token."""
    token = _current_token()
    if token is None or token.session.user is None:
        return None
    identity = Identity(token.session.user, token.session.account, "")
    return Assertion(SecretStr(token.token), identity, graph_permissions(token.session.scopes or ()))


class HttpCaller:
    """Reads the verified token of the current request; keeps nothing about a user. `scopes` are those offered here."""

    def __init__(self, sessions: SessionService, scopes: Collection[str] = DEFAULT_SCOPES) -> None:
        self._sessions = sessions
        self._scopes = scopes

    async def context(self) -> UserContext:
        """Raises SignInRequired outside a request with a verified token."""
        token = _current_token()
        if token is None or token.session.user is None:
            raise SignInRequired("The request carries no verified access token.")
        if token.principal.subject != str(token.session.user):
            raise SignInRequired("The access token and its session name different users.")
        return UserContext(token.session.user, token.session)

    @property
    def is_narrowed(self) -> bool:
        """True when the client asked for this token with fewer scopes than its grant has."""
        token = _current_token()
        return token is not None and token.is_narrowed

    async def allows(self, scope: str) -> bool:
        """Looks a missing scope up again: the grant may have been widened since the token was verified.

        A grant may be older than the configuration: what is not offered any more is not done, whoever granted it.
        """
        context = await self.context()
        if scope not in self._scopes:
            return False
        if context.session.allows(scope) or self.is_narrowed:
            return context.session.allows(scope)
        session = await self._sessions.find_session(context.user, context.session.id)
        return session is not None and session.allows(scope)


def _current_token() -> CallerToken | None:
    """The verified token of the current request."""
    token = get_access_token()
    return token if isinstance(token, CallerToken) else None
