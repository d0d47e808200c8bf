"""An issuer as its discovery document describes it (OpenID Connect Discovery 1.0)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import SecretStr

from outlook_mcp.errors import OutlookError, SignInUnavailable
from outlook_mcp.net.addresses import is_protected, origin, require_protected
from outlook_mcp.net.clock import seconds_since_boot
from outlook_mcp.net.json_http import JsonAnswer, JsonHttp
from outlook_mcp.net.verification_keys import RETRY_AFTER_S, VerificationKey, VerificationKeys
from outlook_mcp.oauth.entra.metadata import TENANT_PLACEHOLDER

METADATA_LIFETIME_S = 24 * 3600.0
DEADLINE_S = 10.0
_WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class IssuerMetadata:
    """`issuer` may hold the text `{tenantid}` where several tenants of Entra ID share a document.

    `names_itself` says that callbacks carry the parameter `iss` (RFC 9207).
    """

    issuer: str
    jwks_uri: str
    authorization_endpoint: str | None
    token_endpoint: str | None
    token_auth_methods: tuple[str, ...]
    names_itself: bool


class Issuer:
    """Holds no user's data. Every call may raise SignInUnavailable; `is_entra` tells how its tokens name people."""

    def __init__(
        self,
        address: str,
        *,
        is_entra: bool,
        ca_file: Path | None = None,
    ) -> None:
        self.address = address
        self.is_entra = is_entra
        self._host = urlsplit(require_protected(address, "issuer")).hostname or ""
        self._http = JsonHttp(self._host, address, ca_file=ca_file, deadline_s=DEADLINE_S)
        self._keys = VerificationKeys(self._host, self._fetch_keys)
        self._metadata: tuple[IssuerMetadata, float] | None = None
        self._next_try = float("-inf")
        self._lock = asyncio.Lock()

    @classmethod
    def of_entra(cls, base_url: str, *, ca_file: Path | None = None) -> Self:
        """`base_url` is `{authority}/{tenant}`, as in OAuthSettings."""
        return cls(f"{base_url}/v2.0", is_entra=True, ca_file=ca_file)

    @classmethod
    def of_oidc(cls, issuer: str, *, ca_file: Path | None = None) -> Self:
        """`issuer` exactly as the issuer writes itself."""
        return cls(issuer, is_entra=False, ca_file=ca_file)

    async def metadata(self) -> IssuerMetadata:
        """The discovery document, fetched once a day."""
        async with self._lock:
            if self._metadata is None or seconds_since_boot() > self._metadata[1]:
                self._metadata = (await self._described(), seconds_since_boot() + METADATA_LIFETIME_S)
            return self._metadata[0]

    async def key(self, key_id: str) -> VerificationKey | None:
        """None when the issuer has no such key."""
        return await self._keys.find(key_id)

    async def post(
        self, url: str, form: Mapping[str, str], *, basic: tuple[str, SecretStr] | None = None
    ) -> JsonAnswer:
        return await self._http.post(url, form, basic=basic)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _described(self) -> IssuerMetadata:
        if seconds_since_boot() < self._next_try:
            raise SignInUnavailable("The issuer could not be asked a moment ago.")
        try:
            return self._read(_body(await self._http.get(self.address.rstrip("/") + _WELL_KNOWN)))
        except OutlookError:
            self._next_try = seconds_since_boot() + RETRY_AFTER_S
            raise

    async def _fetch_keys(self) -> Mapping[str, Any]:
        return _body(await self._http.get((await self.metadata()).jwks_uri))

    def _read(self, body: Mapping[str, Any]) -> IssuerMetadata:
        issuer, keys = body.get("issuer"), _address(body, "jwks_uri")
        if not isinstance(issuer, str) or keys is None or not self._is_own(issuer, keys):
            raise SignInUnavailable("The discovery document of the issuer is not its own.")
        methods = body.get("token_endpoint_auth_methods_supported")
        return IssuerMetadata(
            issuer,
            keys,
            _address(body, "authorization_endpoint"),
            _address(body, "token_endpoint"),
            tuple(map(str, methods)) if isinstance(methods, list) else ("client_secret_basic",),
            body.get("authorization_response_iss_parameter_supported") is True,
        )

    def _is_own(self, issuer: str, jwks_uri: str) -> bool:
        """Exactly the configured one; a tenant of Entra ID may be configured by another of its names."""
        if self.is_entra:
            return origin(self.address) == origin(jwks_uri) and issuer.endswith("/v2.0")
        return issuer == self.address


def of_tenant(issuer: str, tenant: object) -> str:
    """`issuer`, with the tenant of a token in place of `{tenantid}`."""
    return issuer.replace(TENANT_PLACEHOLDER, tenant) if isinstance(tenant, str) else issuer


def _address(body: Mapping[str, Any], name: str) -> str | None:
    url = body.get(name)
    return url if isinstance(url, str) and is_protected(url) else None


def _body(answer: JsonAnswer) -> Mapping[str, Any]:
    if answer.status != 200:
        raise SignInUnavailable(f"The issuer refused to describe itself (HTTP {answer.status}).")
    return answer.body
