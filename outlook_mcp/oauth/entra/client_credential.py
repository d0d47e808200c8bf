"""How a confidential app authenticates to Entra ID: the contract, and the credentials that need no library."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import anyio.to_thread
from pydantic import SecretStr

from outlook_mcp.errors import ServerFileError
from outlook_mcp.oauth.entra.client_assertion import assertion_parameters, read_credential_file

FEDERATED_TOKEN_FILE = "AZURE_FEDERATED_TOKEN_FILE"  # noqa: S105 the name of a variable


class ClientCredential(Protocol):
    """What a request to the token endpoint carries besides the client id."""

    async def parameters(self, token_endpoint: str) -> dict[str, str]:
        """The form fields that authenticate the app.

        Raises ConfigurationError or AdministratorRequired when they cannot be made, SignInUnavailable when they
        cannot be made now.
        """

    async def aclose(self) -> None:
        """Closes its connections."""


class SecretCredential:
    """A client secret."""

    def __init__(self, secret: SecretStr) -> None:
        self._secret = secret

    async def parameters(self, token_endpoint: str) -> dict[str, str]:
        return {"client_secret": self._secret.get_secret_value()}

    async def aclose(self) -> None:
        """There is nothing to close."""


class WorkloadIdentityCredential:
    """The token that a platform such as Kubernetes writes to a file for this process, and replaces before it expires.

    https://learn.microsoft.com/entra/workload-id/workload-identity-federation
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    async def parameters(self, token_endpoint: str) -> dict[str, str]:
        token = (await anyio.to_thread.run_sync(read_credential_file, self._file)).decode("ascii", "replace").strip()
        if token.count(".") != 2 or not token.isascii():
            raise ServerFileError(f"{FEDERATED_TOKEN_FILE}: {self._file} contains no token.")
        return assertion_parameters(token)

    async def aclose(self) -> None:
        """There is nothing to close."""
