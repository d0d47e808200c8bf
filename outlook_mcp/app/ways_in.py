"""Who issues the tokens that clients bring, by configuration: we, Entra, or another issuer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from starlette.routing import Route

from outlook_mcp.app.rooms import Rooms
from outlook_mcp.config import Configuration
from outlook_mcp.config.values import ClientEntry
from outlook_mcp.identity.session import SessionService
from outlook_mcp.web.authorization.client_documents import ClientDocuments
from outlook_mcp.web.authorization.clients import OAuthClients
from outlook_mcp.web.authorization.configured import ConfiguredClient
from outlook_mcp.web.authorization.grant_records import GrantRecords
from outlook_mcp.web.authorization.grant_tokens import GrantTokens
from outlook_mcp.web.authorization.metadata import resource_metadata_routes
from outlook_mcp.web.authorization.provider import AuthorizationProvider
from outlook_mcp.web.authorization.routes import authorization_routes
from outlook_mcp.web.door import Verifier
from outlook_mcp.web.pages.identification import EntraIdentityProvider, IdentityProvider
from outlook_mcp.web.resource.external_tokens import ExternalTokenVerifier, entra_audiences
from outlook_mcp.web.resource.id_jag import IdentityAssertions
from outlook_mcp.web.resource.issuer import Issuer
from outlook_mcp.web.resource.oidc_sign_in import OidcIdentityProvider
from outlook_mcp.web.settings import WebSettings


@dataclass(frozen=True, slots=True)
class WayIn:
    """`provider` asks for consent and is None where somebody else does; `identities` knows who is at a browser."""

    verifier: Verifier
    identities: IdentityProvider
    provider: AuthorizationProvider | None
    routes: list[Route]


@asynccontextmanager
async def open_way_in(
    configuration: Configuration,
    web: WebSettings,
    rooms: Rooms,
    sessions: SessionService,
    documents: ClientDocuments | None = None,
) -> AsyncIterator[WayIn]:
    """Closes what it opened; `documents` are read only where we are the issuer."""
    async with AsyncExitStack() as stack:
        if configuration.auth == "own":
            clients = _clients(configuration, rooms, documents)
            stack.callback(clients.close)
            yield _own(configuration, web, rooms, sessions, clients, stack)
        elif configuration.auth == "entra":
            issuer = Issuer.of_entra(configuration.entra_url, ca_file=configuration.ca_file)
            names = configuration.audience or entra_audiences(configuration.require_client_id())
            yield _of(issuer, names, web, rooms, EntraIdentityProvider(rooms.manager), stack)
        else:
            issuer = Issuer.of_oidc(configuration.oidc_issuer or "", ca_file=configuration.ca_file)
            identities = OidcIdentityProvider(
                issuer,
                rooms.tickets,
                rooms.security,
                client_id=configuration.oidc_client_id or "",
                client_secret=configuration.oidc_client_secret,
                admit=rooms.admission.check,
            )
            yield _of(issuer, configuration.audience or (web.resource,), web, rooms, identities, stack)


def _own(
    configuration: Configuration,
    web: WebSettings,
    rooms: Rooms,
    sessions: SessionService,
    clients: OAuthClients,
    stack: AsyncExitStack,
) -> WayIn:
    records = GrantRecords(rooms.vault, rooms.digests)
    record = rooms.security.record
    tokens = GrantTokens(web, records, sessions, admit=rooms.admission.check, record=record)
    provider = AuthorizationProvider(
        web,
        clients,
        sessions,
        records,
        tokens,
        record=record,
        identity_assertions=_assertions(configuration, web, rooms, stack),
    )
    routes = authorization_routes(web, provider, rooms.vault)
    return WayIn(tokens, EntraIdentityProvider(rooms.manager), provider, routes)


def _of(
    issuer: Issuer,
    audiences: tuple[str, ...],
    web: WebSettings,
    rooms: Rooms,
    identities: IdentityProvider,
    stack: AsyncExitStack,
) -> WayIn:
    stack.push_async_callback(issuer.aclose)
    verifier = ExternalTokenVerifier(issuer, resource=web.resource, audiences=audiences, admit=rooms.admission.check)
    return WayIn(verifier, identities, None, resource_metadata_routes(web))


def _clients(configuration: Configuration, rooms: Rooms, documents: ClientDocuments | None) -> OAuthClients:
    configured = [
        ConfiguredClient(**{name: getattr(entry, name) for name in ClientEntry.model_fields})
        for entry in configuration.clients
    ]
    return OAuthClients(
        rooms.vault,
        configured=configured,
        documents=documents,
        dynamic_registration=configuration.dynamic_registration,
    )


def _assertions(
    configuration: Configuration, web: WebSettings, rooms: Rooms, stack: AsyncExitStack
) -> IdentityAssertions | None:
    """Issuers at the authority of Entra name people as Entra does."""
    issuers = []
    for address in configuration.assertion_issuers:
        is_entra = address.startswith(f"{configuration.entra_authority}/")
        issuers.append(Issuer(address, is_entra=is_entra, ca_file=configuration.ca_file))
        stack.push_async_callback(issuers[-1].aclose)
    return IdentityAssertions(web, issuers, rooms.tickets) if issuers else None
