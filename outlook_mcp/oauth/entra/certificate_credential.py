"""A certificate as client credential. Loads PyJWT and cryptography's X.509, so it is imported only when configured."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread
import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509 import Certificate

from outlook_mcp.errors import ServerFileError
from outlook_mcp.net.clock import unix_time
from outlook_mcp.oauth.entra.client_assertion import assertion_parameters, read_credential_file

ASSERTION_LIFETIME_S = 300


@dataclass(frozen=True, slots=True, repr=False)
class _Signer:
    key: RSAPrivateKey
    thumbprint: str


class CertificateCredential:
    """A PEM file with an RSA private key and its certificate; it is read again for every request.

    https://learn.microsoft.com/entra/identity-platform/certificate-credentials
    """

    def __init__(self, client_id: str, file: Path) -> None:
        """Raises ConfigurationError when the file cannot be used."""
        self._client_id = client_id
        self._file = file
        _read_signer(file)

    async def parameters(self, token_endpoint: str) -> dict[str, str]:
        return assertion_parameters(await anyio.to_thread.run_sync(self._signed_assertion, token_endpoint))

    async def aclose(self) -> None:
        """There is nothing to close."""

    def _signed_assertion(self, token_endpoint: str) -> str:
        signer, now = _read_signer(self._file), int(unix_time())
        claims = {
            "aud": token_endpoint,
            "iss": self._client_id,
            "sub": self._client_id,
            "jti": secrets.token_urlsafe(16),
            "iat": now,
            "nbf": now,
            "exp": now + ASSERTION_LIFETIME_S,
        }
        return jwt.encode(claims, signer.key, algorithm="PS256", headers={"x5t#S256": signer.thumbprint})


def _read_signer(file: Path) -> _Signer:
    pem = read_credential_file(file)
    try:
        key = load_pem_private_key(pem, password=None)
        certificates = x509.load_pem_x509_certificates(pem)
    except (ValueError, TypeError):
        raise ServerFileError(f"{file}: expected a PEM file with a certificate and its unencrypted key.") from None
    certificate = _certificate_of(key.public_key(), certificates)
    if not isinstance(key, RSAPrivateKey) or certificate is None:
        raise ServerFileError(f"{file}: expected an RSA key and the certificate that belongs to it.")
    if certificate.not_valid_after_utc.timestamp() <= unix_time():
        raise ServerFileError(f"{file}: the certificate expired on {certificate.not_valid_after_utc:%Y-%m-%d}.")
    digest = hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest()
    return _Signer(key, base64.urlsafe_b64encode(digest).rstrip(b"=").decode())


def _certificate_of(public_key: object, certificates: list[Certificate]) -> Certificate | None:
    return next((certificate for certificate in certificates if certificate.public_key() == public_key), None)
