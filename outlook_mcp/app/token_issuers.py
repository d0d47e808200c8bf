"""Builds what verifies access tokens, by configuration: our own authorization server, Entra ID, or another issuer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from starlette.routing import Route

from outlook_mcp.app.components import Components
from outlook_mcp.config import Configuration
from outlook_mcp.config.values import ClientEntry
from outlook_mcp.identity.session import SessionService
from outlook_mcp.identity.user import Kind
from outlook_mcp.net.public_http import PublicHttp
from outlook_mcp.web.authorization.client_document_http import ClientDocumentHttp
from outlook_mcp.web.authorization.client_documents import ClientDocuments
from outlook_mcp.web.authorization.clients import OAuthClients
from outlook_mcp.web.authorization.configured_clients import ConfiguredClient
from outlook_mcp.web.authorization.grant_records import GrantRecords
from outlook_mcp.web.authorization.grant_tokens import GrantTokens
from outlook_mcp.web.authorization.kept_documents import KeptDocuments
from outlook_mcp.web.authorization.metadata import resource_metadata_routes
from outlook_mcp.web.authorization.provider import AuthorizationProvider
from outlook_mcp.web.authorization.routes import authorization_routes
from outlook_mcp.web.ended_browser_sessions import EndedBrowserSessions
from outlook_mcp.web.issuers.external_tokens import ExternalTokenVerifier, entra_audiences
from outlook_mcp.web.issuers.id_jag import IdentityAssertions
from outlook_mcp.web.issuers.issuer import Issuer
from outlook_mcp.web.issuers.oidc_sign_in import OidcIdentityProvider
from outlook_mcp.web.mcp_endpoint.bearer_endpoint import Verifier
from outlook_mcp.web.pages.sign_in import EntraIdentityProvider, IdentityProvider, IdentityProviders
from outlook_mcp.web.settings import WebSettings


@dataclass(frozen=True, slots=True)
class TokenIssuance:
    """`verifier` verifies access tokens, `identities` sign users in to the pages, `routes` are those of the issuer.

    `provider` is our own authorization server, None when another issuer issues the tokens.
    """

    verifier: Verifier
    identities: IdentityProviders
    provider: AuthorizationProvider | None
    routes: list[Route]


@asynccontextmanager
async def open_token_issuance(
    configuration: Configuration,
    web: WebSettings,
    components: Components,
    sessions: SessionService,
    documents: ClientDocuments | None = None,
) -> AsyncIterator[TokenIssuance]:
    """The verifier, pages and routes for the issuer that the setting AUTH names; closes what it opened.

    `documents` fetches the metadata documents of clients of our own authorization server, by default from the internet.
    """
    async with AsyncExitStack() as stack:
        if configuration.auth == "own":
            yield _own_issuance(configuration, web, components, sessions, documents, stack)
        elif configuration.auth == "entra":
            yield _entra_issuance(configuration, web, components, stack)
        else:
            yield _oidc_issuance(configuration, web, components, stack)


def _own_issuance(
    configuration: Configuration,
    web: WebSettings,
    components: Components,
    sessions: SessionService,
    documents: ClientDocuments | None,
    stack: AsyncExitStack,
) -> TokenIssuance:
    clients = _clients(configuration, components, documents)
    asserting = _assertion_issuers(configuration, stack)
    records = GrantRecords(components.vault, components.digests, components.clock)
    record = components.audit.record
    tokens = GrantTokens(web, records, sessions, admit=components.admission.check_user, record=record)
    provider = AuthorizationProvider(
        web,
        clients,
        sessions,
        records,
        tokens,
        EndedBrowserSessions(components.tickets),
        record=record,
        denials=components.denials,
        identity_assertions=IdentityAssertions(web, asserting, components.tickets) if asserting else None,
    )
    identities: dict[Kind, IdentityProvider] = {"entra": EntraIdentityProvider(components.manager)}
    for issuer in asserting:
        if not issuer.is_entra:
            identities["issuer"] = _oidc_sign_in(configuration, components, issuer)
    return TokenIssuance(
        tokens, identities, provider, authorization_routes(web, provider, components.vault, components.denials)
    )


def _entra_issuance(
    configuration: Configuration, web: WebSettings, components: Components, stack: AsyncExitStack
) -> TokenIssuance:
    issuer = Issuer.of_entra(configuration.entra_url, ca_file=configuration.ca_file, proxies=configuration.proxies)
    stack.push_async_callback(issuer.aclose)
    audiences = configuration.audience or entra_audiences(configuration.require_client_id())
    verifier = _external_verifier(issuer, audiences, web, components)
    identities: IdentityProviders = {"entra": EntraIdentityProvider(components.manager)}
    return TokenIssuance(verifier, identities, None, resource_metadata_routes(web))


def _oidc_issuance(
    configuration: Configuration, web: WebSettings, components: Components, stack: AsyncExitStack
) -> TokenIssuance:
    issuer = Issuer.of_oidc(
        configuration.oidc_issuer or "", ca_file=configuration.ca_file, proxies=configuration.proxies
    )
    stack.push_async_callback(issuer.aclose)
    verifier = _external_verifier(issuer, configuration.audience or (web.resource,), web, components)
    identities: IdentityProviders = {"issuer": _oidc_sign_in(configuration, components, issuer)}
    return TokenIssuance(verifier, identities, None, resource_metadata_routes(web))


def _external_verifier(
    issuer: Issuer, audiences: tuple[str, ...], web: WebSettings, components: Components
) -> ExternalTokenVerifier:
    return ExternalTokenVerifier(
        issuer, resource=web.resource, audiences=audiences, admit=components.admission.check_user, scopes=web.scopes
    )


def _clients(configuration: Configuration, components: Components, documents: ClientDocuments | None) -> OAuthClients:
    configured = [
        ConfiguredClient(**{name: getattr(entry, name) for name in ClientEntry.model_fields})
        for entry in configuration.clients
    ]
    http, allowed_http = (
        ClientDocumentHttp(PublicHttp(ca_file=configuration.ca_file, proxies=configuration.proxies)) for _ in range(2)
    )
    kept = KeptDocuments(components.vault)
    return OAuthClients(
        components.vault,
        configured=configured,
        documents=documents or ClientDocuments(http, kept=kept, allowed_http=allowed_http),
        dynamic_registration=configuration.dynamic_registration,
        client_documents=configuration.client_documents,
        redirect_domains=configuration.redirect_domains,
    )


def _oidc_sign_in(configuration: Configuration, components: Components, issuer: Issuer) -> OidcIdentityProvider:
    return OidcIdentityProvider(
        issuer,
        components.tickets,
        components.security,
        client_id=configuration.oidc_client_id or "",
        client_secret=configuration.oidc_client_secret,
        admit=components.admission.check_user,
        refuse_blocked=components.blocked.refuse_blocked,
    )


def _assertion_issuers(configuration: Configuration, stack: AsyncExitStack) -> list[Issuer]:
    """The issuers whose identity assertions are accepted; those at Entra ID's authority name users as Entra ID does."""
    issuers = []
    for address in configuration.assertion_issuers:
        issuer = Issuer(
            address,
            is_entra=configuration.is_entra_issuer(address),
            ca_file=configuration.ca_file,
            proxies=configuration.proxies,
        )
        stack.push_async_callback(issuer.aclose)
        issuers.append(issuer)
    return issuers
