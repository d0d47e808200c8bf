"""How a confidential app proves itself to Entra ID: by secret, certificate, managed identity or workload identity."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import SecretStr

from outlook_mcp.errors import AdministratorRequired, ConfigurationError, SignInUnavailable

if TYPE_CHECKING:
    from azure.identity.aio import ManagedIdentityCredential as AzureManagedIdentity
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.x509 import Certificate

# RFC 7523 section 2.2
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFETIME_S = 300
# https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
EXCHANGE_SCOPE = "api://AzureADTokenExchange/.default"
FEDERATED_TOKEN_FILE = "AZURE_FEDERATED_TOKEN_FILE"  # noqa: S105 the name of a variable
LARGEST_FILE = 64 * 1024


class ClientCredential(Protocol):
    """What a request to the token endpoint carries besides the client id."""

    async def parameters(self, token_endpoint: str) -> dict[str, str]:
        """Form fields of the proof.

        Raises ConfigurationError or AdministratorRequired when the proof cannot be made, SignInUnavailable when it
        cannot be made now.
        """

    async def aclose(self) -> None:
        """Closes what it holds open."""


class SecretCredential:
    """A client secret."""

    def __init__(self, secret: SecretStr) -> None:
        self._secret = secret

    async def parameters(self, token_endpoint: str) -> dict[str, str]:
        return {"client_secret": self._secret.get_secret_value()}

    async def aclose(self) -> None:
        """Nothing is open."""


@dataclass(frozen=True, slots=True, repr=False)
class _Signer:
    key: RSAPrivateKey
    thumbprint: str


class CertificateCredential:
    """A PEM file with an RSA private key and its certificate; a replaced file counts from the next request on.

    https://learn.microsoft.com/entra/identity-platform/certificate-credentials
    """

    def __init__(self, client_id: str, file: Path) -> None:
        """Raises ConfigurationError when the file cannot be used."""
        self._client_id = client_id
        self._file = file
        _read_signer(file)

    async def parameters(self, token_endpoint: str) -> dict[str, str]:
        return _assertion(await asyncio.to_thread(self._signed, token_endpoint))

    async def aclose(self) -> None:
        """Nothing is open."""

    def _signed(self, token_endpoint: str) -> str:
        import jwt  # 100 ms of start-up that only a sign-in or a refresh should pay

        signer, now = _read_signer(self._file), int(time.time())
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


class WorkloadIdentityCredential:
    """The token a platform such as Kubernetes puts into a file for this process; the file is replaced now and then."""

    def __init__(self, file: Path) -> None:
        self._file = file

    async def parameters(self, token_endpoint: str) -> dict[str, str]:
        token = (await asyncio.to_thread(_contents, self._file)).decode("ascii", "replace").strip()
        if token.count(".") != 2 or not token.isascii():
            raise ConfigurationError(f"{FEDERATED_TOKEN_FILE}: {self._file} holds no token.")
        return _assertion(token)

    async def aclose(self) -> None:
        """Nothing is open."""


class ManagedIdentityCredential:
    """The managed identity of the Azure machine, trusted by the app as a federated credential.

    `client_id` names a user-assigned identity; None means the machine's own.
    """

    def __init__(self, client_id: str | None = None, *, deadline_s: float = 15.0) -> None:
        self._client_id = client_id
        self._deadline_s = deadline_s
        self._identity: AzureManagedIdentity | None = None

    async def parameters(self, token_endpoint: str) -> dict[str, str]:
        from azure.core.exceptions import AzureError, ClientAuthenticationError

        try:
            async with asyncio.timeout(self._deadline_s):
                token = await self._opened().get_token(EXCHANGE_SCOPE)
        except TimeoutError:
            raise SignInUnavailable(f"The managed identity did not answer within {self._deadline_s:g} s.") from None
        except (ClientAuthenticationError, ValueError):
            raise AdministratorRequired(
                "The managed identity gave no token.",
                next_step="Ask your administrator to assign the identity to this machine.",
            ) from None
        except AzureError as error:
            raise SignInUnavailable(f"The managed identity could not be asked ({type(error).__name__}).") from None
        return _assertion(token.token)

    async def aclose(self) -> None:
        identity, self._identity = self._identity, None
        if identity is not None:
            await identity.close()

    def _opened(self) -> AzureManagedIdentity:
        if self._identity is None:
            from azure.identity.aio import ManagedIdentityCredential as AzureManagedIdentity

            self._identity = AzureManagedIdentity(client_id=self._client_id)
        return self._identity


def _assertion(token: str) -> dict[str, str]:
    return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": token}


def _contents(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(LARGEST_FILE)
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read: {error.strerror or error}.") from None


def _read_signer(file: Path) -> _Signer:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

    pem = _contents(file)
    try:
        key: Any = load_pem_private_key(pem, password=None)
        certificates = x509.load_pem_x509_certificates(pem)
    except (ValueError, TypeError):
        raise ConfigurationError(f"{file}: expected a PEM file with a certificate and its unencrypted key.") from None
    certificate = _certificate_of(key, certificates)
    if not isinstance(key, RSAPrivateKey) or certificate is None:
        raise ConfigurationError(f"{file}: expected an RSA key and the certificate that belongs to it.")
    if certificate.not_valid_after_utc.timestamp() <= time.time():
        raise ConfigurationError(f"{file}: the certificate expired on {certificate.not_valid_after_utc:%Y-%m-%d}.")
    digest = hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest()
    return _Signer(key, base64.urlsafe_b64encode(digest).rstrip(b"=").decode())


def _certificate_of(key: Any, certificates: list[Certificate]) -> Certificate | None:
    return next((one for one in certificates if one.public_key() == key.public_key()), None)
