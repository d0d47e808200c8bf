"""A managed identity as client credential. Loads azure-identity, so it is imported only when configured."""

from __future__ import annotations

import anyio

# First, and for its package alone: loading the Graph SDK puts the code of that package off, and azure.core.pipeline
# imports it in a circle unless it has run.
from azure.core import PipelineClient  # noqa: F401
from azure.core.exceptions import AzureError, ClientAuthenticationError
from azure.core.pipeline.transport import AioHttpTransport
from azure.identity.aio import ManagedIdentityCredential as AzureManagedIdentity

from outlook_mcp.errors import AdministratorRequired, SignInUnavailable
from outlook_mcp.oauth.entra.client_assertion import assertion_parameters

# https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
EXCHANGE_SCOPE = "api://AzureADTokenExchange/.default"


class ManagedIdentityCredential:
    """The managed identity of the Azure machine, which the app trusts as a federated credential.

    `client_id` names a user-assigned identity; None means the machine's own. `deadline_s` bounds each request to the
    machine's token service. That service is reached directly, whatever proxy there is: its address is link-local or
    loopback, so a proxy would reach its own machine's or none. Azure asks for this:
    https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service
    """

    def __init__(self, client_id: str | None = None, *, deadline_s: float = 15.0) -> None:
        self._client_id = client_id
        self._deadline_s = deadline_s
        self._identity: AzureManagedIdentity | None = None

    async def parameters(self, token_endpoint: str) -> dict[str, str]:
        try:
            with anyio.fail_after(self._deadline_s):
                token = await self._opened_identity().get_token(EXCHANGE_SCOPE)
        except TimeoutError:
            raise SignInUnavailable(f"The managed identity did not answer within {self._deadline_s:g} s.") from None
        except (ClientAuthenticationError, ValueError):
            raise AdministratorRequired(
                "The managed identity gave no token.",
                next_step="Ask your administrator to assign the identity to this machine.",
            ) from None
        except AzureError as error:
            raise SignInUnavailable(f"The managed identity could not be asked ({type(error).__name__}).") from None
        return assertion_parameters(token.token)

    async def aclose(self) -> None:
        identity, self._identity = self._identity, None
        if identity is not None:
            await identity.close()

    def _opened_identity(self) -> AzureManagedIdentity:
        if self._identity is None:
            # Otherwise aiohttp sends also these requests through HTTP_PROXY.
            direct = AioHttpTransport(use_env_settings=False)
            self._identity = AzureManagedIdentity(client_id=self._client_id, transport=direct)
        return self._identity
