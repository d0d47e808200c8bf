"""An issuer as its discovery document describes it (OpenID Connect Discovery 1.0)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import anyio
from pydantic import SecretStr

from outlook_mcp.errors import OutlookError, SignInUnavailable
from outlook_mcp.net.addresses import is_protected, origin, require_protected
from outlook_mcp.net.clock import seconds_since_boot
from outlook_mcp.net.json_answer import JsonAnswer
from outlook_mcp.net.json_http import JsonHttp
from outlook_mcp.net.proxies import NO_PROXIES, Proxies
from outlook_mcp.net.verification_keys import RETRY_AFTER_S, VerificationKey, VerificationKeys
from outlook_mcp.oauth.entra.metadata import TENANT_PLACEHOLDER

METADATA_LIFETIME_S = 24 * 3600.0
DEADLINE_S = 10.0
_WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class IssuerMetadata:
    """`issuer` may contain `{tenantid}`, where several tenants of Entra ID share a document.

    `sends_iss` says that callbacks have the parameter `iss` (RFC 9207).
    """

    issuer: str
    jwks_uri: str
    authorization_endpoint: str | None
    token_endpoint: str | None
    token_auth_methods: tuple[str, ...]
    sends_iss: bool


class Issuer:
    """Fetches and caches the metadata and keys of one issuer. Every call may raise SignInUnavailable.

    `address` is the issuer identifier. With `is_entra` its tokens name users by `tid` and `oid`, else by `sub`.
    """

    def __init__(
        self,
        address: str,
        *,
        is_entra: bool,
        ca_file: Path | None = None,
        proxies: Proxies = NO_PROXIES,
    ) -> None:
        self.address = address
        self.is_entra = is_entra
        self._host = urlsplit(require_protected(address, "issuer")).hostname or ""
        self._http = JsonHttp(self._host, address, ca_file=ca_file, deadline_s=DEADLINE_S, proxies=proxies)
        self._keys = VerificationKeys(self._host, self._fetch_keys)
        self._metadata: tuple[IssuerMetadata, float] | None = None
        self._retry_at = float("-inf")
        self._lock = anyio.Lock()

    @classmethod
    def of_entra(cls, base_url: str, *, ca_file: Path | None = None, proxies: Proxies = NO_PROXIES) -> Self:
        """Entra ID; `base_url` is `{authority}/{tenant}`, as in OAuthSettings."""
        return cls(f"{base_url}/v2.0", is_entra=True, ca_file=ca_file, proxies=proxies)

    @classmethod
    def of_oidc(cls, issuer: str, *, ca_file: Path | None = None, proxies: Proxies = NO_PROXIES) -> Self:
        """Any OpenID Connect issuer; `issuer` must be its identifier, character by character."""
        return cls(issuer, is_entra=False, ca_file=ca_file, proxies=proxies)

    async def metadata(self) -> IssuerMetadata:
        """The discovery document, cached for a day."""
        async with self._lock:
            if self._metadata is None or seconds_since_boot() > self._metadata[1]:
                self._metadata = (await self._fetch_metadata(), seconds_since_boot() + METADATA_LIFETIME_S)
            return self._metadata[0]

    async def find_key(self, key_id: str) -> VerificationKey | None:
        """The verification key of this id; None when the issuer has none."""
        return await self._keys.find_key(key_id)

    async def post(
        self, url: str, form: Mapping[str, str], *, basic: tuple[str, SecretStr] | None = None
    ) -> JsonAnswer:
        """The answer to a form; `basic` is client id and secret for HTTP Basic authentication."""
        return await self._http.post_form(url, form, basic=basic)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _fetch_metadata(self) -> IssuerMetadata:
        if seconds_since_boot() < self._retry_at:
            raise SignInUnavailable("The issuer did not answer a moment ago.")
        try:
            return self._parsed_metadata(
                _require_body(await self._http.get_json(self.address.rstrip("/") + _WELL_KNOWN))
            )
        except OutlookError:
            self._retry_at = seconds_since_boot() + RETRY_AFTER_S
            raise

    async def _fetch_keys(self) -> Mapping[str, Any]:
        return _require_body(await self._http.get_json((await self.metadata()).jwks_uri))

    def _parsed_metadata(self, body: Mapping[str, Any]) -> IssuerMetadata:
        issuer, keys = body.get("issuer"), _protected_url(body, "jwks_uri")
        if not isinstance(issuer, str) or keys is None or not self._is_own(issuer, keys):
            raise SignInUnavailable("The discovery document of the issuer names another issuer or lacks its keys.")
        methods = body.get("token_endpoint_auth_methods_supported")
        return IssuerMetadata(
            issuer,
            keys,
            _protected_url(body, "authorization_endpoint"),
            _protected_url(body, "token_endpoint"),
            tuple(map(str, methods)) if isinstance(methods, list) else ("client_secret_basic",),
            body.get("authorization_response_iss_parameter_supported") is True,
        )

    def _is_own(self, issuer: str, jwks_uri: str) -> bool:
        """True for the configured issuer itself; a tenant of Entra ID may be configured by another of its names."""
        if self.is_entra:
            return origin(self.address) == origin(jwks_uri) and issuer.endswith("/v2.0")
        return issuer == self.address


def of_tenant(issuer: str, tenant: object) -> str:
    """`issuer` with `tenant` in place of `{tenantid}`.

    >>> of_tenant("https://login.example/{tenantid}/v2.0", "contoso")
    'https://login.example/contoso/v2.0'
    """
    return issuer.replace(TENANT_PLACEHOLDER, tenant) if isinstance(tenant, str) else issuer


def _protected_url(body: Mapping[str, Any], name: str) -> str | None:
    url = body.get(name)
    return url if isinstance(url, str) and is_protected(url) else None


def _require_body(answer: JsonAnswer) -> Mapping[str, Any]:
    if answer.status != 200:
        raise SignInUnavailable(f"The issuer did not return its metadata or keys (HTTP {answer.status}).")
    return answer.body
