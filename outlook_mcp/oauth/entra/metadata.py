"""Entra's OpenID Connect discovery document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from outlook_mcp.errors import SignInUnavailable
from outlook_mcp.net.addresses import is_protected, origin

# Literal text in the issuer of the multi-tenant endpoints.
TENANT_PLACEHOLDER = "{tenantid}"
SHARED_AUTHORITIES = ("common", "organizations")


@dataclass(frozen=True, slots=True)
class EntraMetadata:
    """`issuer` may hold the text `{tenantid}`, to be filled from the id token."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    device_authorization_endpoint: str | None
    jwks_uri: str

    def token_endpoint_of(self, tenant: str | None) -> str:
        """The endpoint of a tenant id where the metadata are for several tenants; the common one without `tenant`."""
        parts = urlsplit(self.token_endpoint)
        _, shared, *rest = parts.path.split("/")
        if tenant is None or shared not in SHARED_AUTHORITIES:
            return self.token_endpoint
        return parts._replace(path="/".join(("", quote(tenant, safe=""), *rest))).geturl()


def read_metadata(body: Mapping[str, Any], authority: str) -> EntraMetadata:
    """Raises SignInUnavailable when an address is missing or leads away from the authority."""

    def endpoint(name: str) -> str:
        url = body.get(name)
        if not isinstance(url, str) or not is_protected(url) or origin(url) != origin(authority):
            raise SignInUnavailable(f"The discovery document of Entra ID has no usable {name}.")
        return url

    issuer = body.get("issuer")
    if not isinstance(issuer, str) or not is_protected(issuer):
        raise SignInUnavailable("The discovery document of Entra ID has no usable issuer.")
    return EntraMetadata(
        issuer=issuer,
        authorization_endpoint=endpoint("authorization_endpoint"),
        token_endpoint=endpoint("token_endpoint"),
        device_authorization_endpoint=(
            endpoint("device_authorization_endpoint") if "device_authorization_endpoint" in body else None
        ),
        jwks_uri=endpoint("jwks_uri"),
    )
