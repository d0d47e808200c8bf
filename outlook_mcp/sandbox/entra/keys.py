"""The keys that sign tokens, published as JWKS."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.x509.oid import NameOID

from outlook_mcp.sandbox.entra.base64url import base64url

_ALGORITHM = "RS256"
_VALID_FROM = datetime(2020, 1, 1, tzinfo=UTC)
_VALID_UNTIL = datetime(2049, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Key:
    kid: str
    private: RSAPrivateKey
    certificate: str

    def public_jwk(self, issuer: str) -> dict[str, Any]:
        numbers = self.private.public_key().public_numbers()
        return {
            "kty": "RSA",
            "use": "sig",
            "kid": self.kid,
            "x5t": self.kid,
            "n": base64url(numbers.n.to_bytes(256)),
            "e": base64url(numbers.e.to_bytes(3)),
            "x5c": [self.certificate],
            "cloud_instance_name": "microsoftonline.com",
            "issuer": issuer,
        }


class SigningKeys:
    """The newest key signs; the ones before it stay published."""

    def __init__(self) -> None:
        self._keys = [_new_key()]

    @property
    def kid(self) -> str:
        return self._keys[-1].kid

    def roll(self) -> None:
        """From now on a new key signs, as Entra ID does without notice."""
        self._keys.append(_new_key())

    def jwks(self, issuer: str) -> dict[str, Any]:
        return {"keys": [key.public_jwk(issuer) for key in self._keys]}

    def sign(self, claims: dict[str, Any]) -> str:
        key = self._keys[-1]
        return jwt.encode(claims, key.private, _ALGORITHM, headers={"kid": key.kid, "x5t": key.kid})

    def claims_of(self, token: str) -> dict[str, Any] | None:
        """The claims of a token signed here, whatever its audience and age; None for any other."""
        for key in self._keys:
            options: Any = {"verify_aud": False, "verify_exp": False, "verify_nbf": False, "verify_iat": False}
            try:
                return dict(jwt.decode(token, key.private.public_key(), [_ALGORITHM], options=options))
            except jwt.InvalidTokenError:
                continue
        return None

    def signed(self, token: str) -> bool:
        return self.claims_of(token) is not None


def _new_key() -> _Key:
    private = generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "accounts.sandbox.example")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_VALID_FROM)
        .not_valid_after(_VALID_UNTIL)
        .sign(private, hashes.SHA256())
    )
    der = certificate.public_bytes(serialization.Encoding.DER)
    thumbprint = base64url(hashlib.sha1(der, usedforsecurity=False).digest())
    return _Key(thumbprint, private, base64.b64encode(der).decode())
