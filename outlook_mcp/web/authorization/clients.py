"""Finds and registers the clients of our authorization server: configured, described by a document, or registered."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from urllib.parse import urlsplit

from mcp.server.auth.provider import RegistrationError
from mcp.shared.auth import OAuthClientInformationFull
from pydantic import AnyUrl

from outlook_mcp.errors import SignInUnavailable
from outlook_mcp.net.redirects import is_redirect_within
from outlook_mcp.vault.vault import CredentialVault
from outlook_mcp.web.authorization.client import OAuthClient
from outlook_mcp.web.authorization.client_document_http import DocumentRefused, DocumentUnavailable
from outlook_mcp.web.authorization.client_documents import ClientDocuments, is_document_id
from outlook_mcp.web.authorization.configured_clients import ConfiguredClient
from outlook_mcp.web.authorization.kept_documents import KeptDocuments
from outlook_mcp.web.authorization.registration import RegistrationLimits, Registrations
from outlook_mcp.web.http.rate_limits import AddressLimit
from outlook_mcp.web.http.request_origin import current_request_origin

_log = logging.getLogger(__name__)
_NOT_USED = "The metadata document of a client at %s was not used: %s. To let it in, %s."
_WAYS_TO_THE_CLIENT = (
    "let this server reach that site (OUTLOOK_MCP_PROXY), configure the client ([[clients]]), or set "
    "OUTLOOK_MCP_CLIENT_DOCUMENTS=false, with which such clients register themselves"
)
# Documents that are not cached, a minute and network: more could displace the cached documents of real clients.
UNKNOWN_DOCUMENTS = 30


class OAuthClients:
    """A configured client comes first: its client_id is never fetched and cannot be registered.

    The other clients may redirect to the user's own computer and to `redirect_domains`, by default to every domain.
    Without `client_documents`, clients with a metadata document are unknown; without `dynamic_registration`, those that
    registered themselves, however long ago. Their sessions are not ended: they only cannot be renewed meanwhile.
    """

    def __init__(
        self,
        vault: CredentialVault,
        *,
        configured: Iterable[ConfiguredClient] = (),
        documents: ClientDocuments | None = None,
        dynamic_registration: bool = True,
        client_documents: bool = True,
        redirect_domains: Iterable[str] | None = None,
        limits: RegistrationLimits = RegistrationLimits(),
    ) -> None:
        self._redirect_domains = None if redirect_domains is None else tuple(redirect_domains)
        self._configured = {client.client_id: client.to_client() for client in configured}
        self._documents = documents or ClientDocuments(kept=KeptDocuments(vault))
        self._unknown_documents = AddressLimit(vault, "unknown_document", UNKNOWN_DOCUMENTS)
        self._registrations = Registrations(vault, limits)
        self._dynamic_registration = dynamic_registration
        self._client_documents = client_documents

    async def find_client(self, client_id: str) -> OAuthClient | None:
        """The client; None when it is unknown, of a kind that is switched off, or its document may not be used.

        Raises SignInUnavailable while the site of the document does not answer: a client that is told that it is
        unknown would discard its tokens.
        """
        if client_id in self._configured:
            return self._configured[client_id]
        client = None
        if is_document_id(client_id):
            if self._client_documents:
                client = await self._documented_client(client_id)
        elif self._dynamic_registration:
            client = await self._registrations.find_client(client_id)
        return None if client is None else self._restricted(client)

    async def register(self, info: OAuthClientInformationFull, *, address: str) -> OAuthClient:
        """The registered client. Raises RegistrationError. `address` is the network address of the caller.

        `info` holds the client_id, and the secret if its method needs one, that the SDK made for this registration.
        """
        if not self._dynamic_registration:
            raise RegistrationError("invalid_client_metadata", "This server registers no clients.")
        if info.client_id in self._configured:
            raise RegistrationError("invalid_client_metadata", "This client_id is taken.")
        allowed = self._allowed(info.redirect_uris or ())
        if info.redirect_uris and not allowed:
            raise RegistrationError("invalid_redirect_uri", "The administrator of this server allows other hosts only.")
        return await self._registrations.register(info.model_copy(update={"redirect_uris": allowed}), address=address)

    async def note_grant(self, client_id: str) -> None:
        """A user allowed the client: its registration or document is then kept for longer."""
        if is_document_id(client_id):
            await self._documents.note_grant(client_id)
        else:
            await self._registrations.note_grant(client_id)

    def _restricted(self, client: OAuthClient) -> OAuthClient | None:
        """The client with those redirect URIs that are allowed here; None when there is none."""
        allowed = self._allowed(client.redirect_uris or ())
        if not allowed:
            _log.warning("The client %s has no redirect URI that REDIRECT_DOMAINS allows.", client.client_id)
            return None
        return client.model_copy(update={"redirect_uris": allowed})

    def _allowed(self, redirect_uris: Iterable[AnyUrl]) -> list[AnyUrl]:
        if self._redirect_domains is None:
            return list(redirect_uris)
        return [uri for uri in redirect_uris if is_redirect_within(uri, self._redirect_domains)]

    async def _documented_client(self, client_id: str) -> OAuthClient | None:
        if not await self._documents.is_known(client_id) and await self._unknown_documents.is_over(
            current_request_origin().address
        ):
            raise SignInUnavailable("Too many unknown clients were named from your network.")
        try:
            return await self._documents.find_client(client_id)
        except DocumentRefused as refused:
            # The administrator reads why, and can configure the client instead.
            _log.warning(_NOT_USED, urlsplit(client_id).netloc, refused, "configure the client ([[clients]])")
            return None
        except DocumentUnavailable as error:
            host = urlsplit(client_id).netloc
            _log.warning(_NOT_USED, host, error, _WAYS_TO_THE_CLIENT)
            raise SignInUnavailable(
                f"This server cannot read what {host} says of this app.",
                next_step="Try again in a minute. If it lasts, tell the administrator of this server that it cannot "
                f"reach {host}.",
            ) from None
