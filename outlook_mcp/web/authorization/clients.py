"""Every client our authorization server knows: configured, by its metadata document, or registered."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from urllib.parse import urlsplit

from mcp.server.auth.provider import RegistrationError
from mcp.shared.auth import OAuthClientInformationFull

from outlook_mcp.errors import SignInUnavailable
from outlook_mcp.vault.vault import CredentialVault
from outlook_mcp.web.authorization.client import OAuthClient
from outlook_mcp.web.authorization.client_document_http import DocumentRefused, DocumentUnavailable
from outlook_mcp.web.authorization.client_documents import ClientDocuments, is_document_id
from outlook_mcp.web.authorization.configured import ConfiguredClient, by_id
from outlook_mcp.web.authorization.rate_limits import AddressLimit
from outlook_mcp.web.authorization.registration import RegistrationLimits, Registrations
from outlook_mcp.web.authorization.request_origin import current_request_origin

_log = logging.getLogger(__name__)
# A minute, from one network: more would crowd out the documents of clients that people use.
UNKNOWN_DOCUMENTS = 30


class OAuthClients:
    """What the administrator configured comes first: a configured id is never fetched, registered or overwritten."""

    def __init__(
        self,
        vault: CredentialVault,
        *,
        configured: Iterable[ConfiguredClient] = (),
        documents: ClientDocuments | None = None,
        dynamic_registration: bool = True,
        limits: RegistrationLimits = RegistrationLimits(),
    ) -> None:
        self._configured = by_id(configured)
        self._documents = documents or ClientDocuments()
        self._unknown_documents = AddressLimit(vault, "unknown document", UNKNOWN_DOCUMENTS)
        self._registrations = Registrations(vault, limits)
        self._dynamic_registration = dynamic_registration

    async def get(self, client_id: str) -> OAuthClient | None:
        """The client, None when it is unknown or its metadata document cannot be used.

        Raises SignInUnavailable while the site of the document does not answer: a client that is told it is unknown
        throws its tokens away.
        """
        if client_id in self._configured:
            return self._configured[client_id]
        if is_document_id(client_id):
            return await self._by_document(client_id)
        return await self._registrations.get(client_id)

    async def register(self, info: OAuthClientInformationFull, *, address: str) -> OAuthClient:
        """The client as it is kept from now on; raises RegistrationError. `address` is the caller's on the network.

        `info` carries the client_id, and the secret if its method needs one, that were made for this registration.
        """
        if not self._dynamic_registration:
            raise RegistrationError("invalid_client_metadata", "This server registers no clients.")
        if info.client_id in self._configured:
            raise RegistrationError("invalid_client_metadata", "This client_id is taken.")
        return await self._registrations.add(info, address=address)

    async def note_grant(self, client_id: str) -> None:
        """A user let the client in: one that registered itself is kept for longer."""
        await self._registrations.note_grant(client_id)

    def close(self) -> None:
        self._documents.close()

    async def _by_document(self, client_id: str) -> OAuthClient | None:
        if not self._documents.knows(client_id) and await self._unknown_documents.is_over(
            current_request_origin().address
        ):
            raise SignInUnavailable("Too many clients that nobody knows come from your network.")
        try:
            return await self._documents.get(client_id)
        except (DocumentRefused, DocumentUnavailable) as error:
            # An administrator can configure a client whose site refuses servers.
            _log.warning("The metadata document of a client at %s was not used: %s.", urlsplit(client_id).netloc, error)
            if isinstance(error, DocumentUnavailable):
                raise SignInUnavailable("The site of the client does not say who the client is.") from None
            return None
