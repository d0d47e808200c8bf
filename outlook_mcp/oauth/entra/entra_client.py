"""The HTTP side of Entra ID: its discovery document, its keys, its token endpoint, and the check of id tokens.

Loads httpx and PyJWT, so MicrosoftOAuthProvider imports this module at its first request.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import anyio
from pydantic import SecretStr

from outlook_mcp.identity.user import Identity
from outlook_mcp.net.clock import seconds_since_boot
from outlook_mcp.net.json_answer import JsonAnswer, PageAnswer
from outlook_mcp.net.json_http import JsonHttp
from outlook_mcp.net.verification_keys import VerificationKeys
from outlook_mcp.oauth.entra.client_credential import ClientCredential
from outlook_mcp.oauth.entra.errors import sign_in_error
from outlook_mcp.oauth.entra.id_token import validate_id_token
from outlook_mcp.oauth.entra.metadata import EntraMetadata, read_metadata
from outlook_mcp.oauth.entra.settings import OAuthSettings

PEER = "Entra ID"
METADATA_LIFETIME_S = 24 * 3600.0


class EntraClient:
    """Requests of one app registration. Every request may raise SignInUnavailable and other SignInErrors."""

    def __init__(self, settings: OAuthSettings, credential: ClientCredential | None) -> None:
        self._settings = settings
        self._credential = credential
        self._http = JsonHttp(
            PEER,
            settings.authority,
            ca_file=settings.ca_file,
            deadline_s=settings.deadline_s,
            proxies=settings.proxies,
        )
        self._keys = VerificationKeys(PEER, self._fetch_keys)
        self._metadata: tuple[EntraMetadata, float] | None = None
        self._metadata_lock = anyio.Lock()

    async def metadata(self) -> EntraMetadata:
        """The discovery document, fetched once a day."""
        async with self._metadata_lock:
            if self._metadata is None or seconds_since_boot() > self._metadata[1]:
                url = f"{self._settings.base_url}/v2.0/.well-known/openid-configuration"
                metadata = read_metadata(_require_success(await self._http.get_json(url)), self._settings.authority)
                self._metadata = (metadata, seconds_since_boot() + METADATA_LIFETIME_S)
            return self._metadata[0]

    async def post_form(self, endpoint: str, form: Mapping[str, str]) -> JsonAnswer:
        """The answer to a form that carries the client id."""
        return await self._http.post_form(endpoint, {**form, "client_id": self._settings.client_id})

    async def get_page(self, url: str) -> PageAnswer:
        """The answer to a request such as a browser sends."""
        return await self._http.get_page(url)

    async def post_authenticated_form(self, token_endpoint: str, form: Mapping[str, str]) -> JsonAnswer:
        """The answer to a form that carries the client id and, for a confidential app, its credential."""
        proof = {} if self._credential is None else await self._credential.parameters(token_endpoint)
        return await self.post_form(token_endpoint, {**form, **proof})

    async def identify(self, id_token: SecretStr, *, nonce: SecretStr | None) -> Identity:
        """The person of the id token, after every check of `validate_id_token`."""
        return await validate_id_token(
            id_token,
            self._keys,
            client_id=self._settings.client_id,
            issuer=(await self.metadata()).issuer,
            nonce=nonce,
        )

    async def aclose(self) -> None:
        """Closes the connections to Entra ID."""
        await self._http.aclose()

    async def _fetch_keys(self) -> Mapping[str, Any]:
        return _require_success(await self._http.get_json((await self.metadata()).jwks_uri))


def _require_success(answer: JsonAnswer) -> Mapping[str, Any]:
    if answer.status == 200:
        return answer.body
    raise sign_in_error(answer.body, status=answer.status)
