"""Puts the access token of one user on that user's requests, and nobody else's."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kiota_abstractions.authentication import AccessTokenProvider, AllowedHostsValidator
from kiota_abstractions.request_information import RequestInformation

from outlook_mcp.identity.user import UserKey

if TYPE_CHECKING:
    from outlook_mcp.graph.client_factory import TokenSource
    from outlook_mcp.graph.settings import GraphSettings

# An empty claims request: "not the token you have in store, a new one".
ANOTHER = "{}"
_CLAIMS = re.compile(r'claims="([^"]+)"')


class UserTokenProvider(AccessTokenProvider):
    """The SDK asks this for a token before every request; a foreign address raises and nothing is sent."""

    def __init__(self, tokens: TokenSource, user: UserKey, connection: str | None, settings: GraphSettings) -> None:
        self._tokens = tokens
        self._user = user
        self._connection = connection
        self._settings = settings
        self._hosts = AllowedHostsValidator([urlsplit(settings.base_url).hostname or ""])

    def get_allowed_hosts_validator(self) -> AllowedHostsValidator:
        return self._hosts

    async def get_authorization_token(
        self, uri: str, additional_authentication_context: dict[str, Any] | None = None
    ) -> str:
        self._settings.require_graph(uri)
        challenge = (additional_authentication_context or {}).get("claims")
        claims = decode_claims(challenge) if challenge else None
        token = await self._tokens.access_token(self._user, self._connection, claims=claims)
        return token.get_secret_value()

    async def renew(self, request: RequestInformation, challenge: str = "") -> None:
        """Replaces the refused token of `request` by a new one that answers the challenge, if there is one."""
        self._settings.require_graph(request.url)
        claims = decode_claims(challenge) if challenge else ANOTHER
        token = await self._tokens.access_token(self._user, self._connection, claims=claims)
        request.headers.remove("Authorization")
        request.headers.add("Authorization", f"Bearer {token.get_secret_value()}")


def challenge_in(header: str) -> str:
    """The claims of a WWW-Authenticate header, still encoded, whichever scheme stands first; else ''."""
    found = _CLAIMS.search(header)
    return found.group(1) if found else ""


def decode_claims(challenge: str) -> str:
    """The JSON inside a claims challenge; padding may be missing and either base64 alphabet is taken."""
    plain = challenge.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        text = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode()
        return text if isinstance(json.loads(text), dict) else ANOTHER
    except (binascii.Error, ValueError):
        return ANOTHER
