"""private_key_jwt: an app proves itself by its certificate, or by a token of an issuer it trusts (federation)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from outlook_mcp.sandbox.directory import App, FederatedCredential
from outlook_mcp.sandbox.entra.authority import Authority
from outlook_mcp.sandbox.entra.base64url import base64url
from outlook_mcp.sandbox.entra.errors import EntraError

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
FEDERATED_AUDIENCE = "api://AzureADTokenExchange"
_ALGORITHMS = ["RS256", "PS256"]
_LEEWAY_S = 300
# Times are measured against the clock of the sandbox, which tests move.
_SIGNATURE_ONLY: Any = {"verify_aud": False, "verify_exp": False, "verify_nbf": False, "verify_iat": False}


def readable_certificate(pem: str) -> str:
    """The PEM itself; ValueError when it is no certificate."""
    x509.load_pem_x509_certificate(pem.encode())
    return pem


def check_client_assertion(authority: Authority, app: App, fields: Mapping[str, str], now: float) -> None:
    """Raises the refusal of an assertion that does not stand for the app."""
    if "client_assertion_type" not in fields:
        raise EntraError(900144, field="client_assertion_type")
    if fields["client_assertion_type"] != ASSERTION_TYPE:
        raise EntraError(9002313)
    assertion = fields["client_assertion"]
    try:
        header = jwt.get_unverified_header(assertion)
        claims: dict[str, Any] = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.PyJWTError:
        raise EntraError(50027) from None
    if claims.get("iss") == app.client_id:
        _check_certificate(authority, app, header, claims, assertion)
    else:
        _check_federated(app.federated, claims, assertion)
    _check_times(claims, now)


def _check_certificate(
    authority: Authority, app: App, header: Mapping[str, Any], claims: Mapping[str, Any], assertion: str
) -> None:
    if claims.get("sub") != app.client_id:
        raise EntraError(700021)
    if app.certificate is None:
        raise EntraError(700027)
    certificate = x509.load_pem_x509_certificate(app.certificate.encode())
    der = certificate.public_bytes(Encoding.DER)
    sha1, sha256 = hashlib.sha1(der, usedforsecurity=False).digest(), hashlib.sha256(der).digest()
    named = str(header.get("x5t", "")).rstrip("="), str(header.get("x5t#S256", "")).rstrip("=")
    if named[0] != base64url(sha1) and named[1] != base64url(sha256):
        raise EntraError(700027)
    try:
        jwt.decode(assertion, certificate.public_key(), _ALGORITHMS, options=_SIGNATURE_ONLY)  # type: ignore[arg-type]
    except jwt.PyJWTError:
        raise EntraError(700027) from None
    if claims.get("aud") not in _audiences(authority):
        raise EntraError(700023)


def _check_federated(known: FederatedCredential | None, claims: Mapping[str, Any], assertion: str) -> None:
    if known is None or claims.get("iss") != known.issuer:
        raise EntraError(700211, presented=str(claims.get("iss")))
    if claims.get("aud") != FEDERATED_AUDIENCE:
        raise EntraError(700212, presented=str(claims.get("aud")))
    if claims.get("sub") != known.subject:
        raise EntraError(700213, presented=str(claims.get("sub")))
    try:
        keys = jwt.PyJWKSet.from_dict(dict(known.jwks))
        key = keys[str(jwt.get_unverified_header(assertion).get("kid"))]
        jwt.decode(assertion, key.key, _ALGORITHMS, options=_SIGNATURE_ONLY)
    except (jwt.PyJWTError, KeyError):
        raise EntraError(700027) from None


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    begins, ends = claims.get("nbf", now), claims.get("exp")
    if not isinstance(begins, int | float) or not isinstance(ends, int | float):
        raise EntraError(700024)
    if not begins - _LEEWAY_S <= now < ends + _LEEWAY_S:
        raise EntraError(700024)


def _audiences(authority: Authority) -> frozenset[str]:
    """The token endpoint or the issuer, by tenant id or as the address was written."""
    names = {authority.name, authority.tid or authority.name}
    addresses = {f"{authority.origin}/{name}" for name in names}
    return frozenset(f"{base}/{path}" for base in addresses for path in ("oauth2/v2.0/token", "v2.0"))
