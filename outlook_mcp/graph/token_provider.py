"""Puts the access token of one user on that user's requests, and nobody else's."""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import urlsplit

from kiota_abstractions.authentication import AccessTokenProvider, AllowedHostsValidator
from kiota_abstractions.request_information import RequestInformation
from pydantic import SecretStr

from outlook_mcp.graph.settings import GraphSettings
from outlook_mcp.graph.tokens import Refusal, TokenSource
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey


class UserTokenProvider(AccessTokenProvider):
    """The SDK asks this for a token before every request.

    For an address outside this Graph it raises RequestRejected, and the request is not sent.
    """

    def __init__(
        self, tokens: TokenSource, user: UserKey, connection: ConnectionId | None, settings: GraphSettings
    ) -> None:
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
        return (await self._tokens.access_token(self._user, self._connection)).get_secret_value()

    async def renew(self, request: RequestInformation, refusal: Refusal) -> None:
        """Puts another token on `request` than the one that Graph refused; it satisfies the claims challenge, if any.

        Raises SignInError when there is no such token.
        """
        self._settings.require_graph(request.url)
        refused = "".join(refusal.request.headers.get("Authorization")).removeprefix("Bearer ")
        token = await self._tokens.access_token(
            self._user,
            self._connection,
            claims=refusal.claims or None,
            rejected=None if refusal.claims else SecretStr(refused),
        )
        request.headers.remove("Authorization")
        request.headers.add("Authorization", f"Bearer {token.get_secret_value()}")


@cache
def _only(host: str) -> AllowedHostsValidator:
    """A validator for one host. It is the same for every user, so it is cached."""
    return AllowedHostsValidator([host])
