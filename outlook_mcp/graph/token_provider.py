"""Puts the access token of one user on that user's requests, and nobody else's."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kiota_abstractions.authentication import AccessTokenProvider, AllowedHostsValidator
from kiota_abstractions.request_information import RequestInformation
from pydantic import SecretStr

from outlook_mcp.identity.user import UserKey

if TYPE_CHECKING:
    from outlook_mcp.graph.client_factory import TokenSource
    from outlook_mcp.graph.settings import GraphSettings


class UserTokenProvider(AccessTokenProvider):
    """The SDK asks this for a token before every request; a foreign address raises and nothing is sent."""

    def __init__(self, tokens: TokenSource, user: UserKey, connection: str | None, settings: GraphSettings) -> None:
        self._tokens = tokens
        self._user = user
        self._connection = connection
        self._settings = settings
        self._hosts = _only(urlsplit(settings.base_url).hostname or "")

    def get_allowed_hosts_validator(self) -> AllowedHostsValidator:
        return self._hosts

    async def get_authorization_token(
        self, uri: str, additional_authentication_context: dict[str, Any] | None = None
    ) -> str:
        self._settings.require_graph(uri)
        challenge = (additional_authentication_context or {}).get("claims")
        token = await self._tokens.access_token(self._user, self._connection, claims=challenge or None)
        return token.get_secret_value()

    async def renew(self, request: RequestInformation, refused: RequestInformation, challenge: str) -> None:
        """Puts on `request` another token than Graph refused, one that answers the challenge if there is one."""
        self._settings.require_graph(request.url)
        old = "".join(refused.headers.get("Authorization")).removeprefix("Bearer ")
        token = await self._tokens.access_token(
            self._user,
            self._connection,
            claims=challenge or None,
            rejected=None if challenge else SecretStr(old),
        )
        request.headers.remove("Authorization")
        request.headers.add("Authorization", f"Bearer {token.get_secret_value()}")


@cache
def _only(host: str) -> AllowedHostsValidator:
    """The same for every user, so made once."""
    return AllowedHostsValidator([host])
