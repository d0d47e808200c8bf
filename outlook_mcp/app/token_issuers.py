"""Who issues the tokens that clients bring, by configuration: we, Entra, or another issuer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from starlette.routing import Route

from outlook_mcp.app.components import Components
from outlook_mcp.app.credentials import client_credential
from outlook_mcp.config import Configuration
from outlook_mcp.config.reading import PREFIX
from outlook_mcp.config.values import ClientEntry
from outlook_mcp.errors import ConfigurationError
from outlook_mcp.identity.session import SessionService
from outlook_mcp.identity.user import Kind
from outlook_mcp.net.addresses import is_protected
from outlook_mcp.web.authorization.client_documents import ClientDocuments
from outlook_mcp.web.authorization.clients import OAuthClients
from outlook_mcp.web.authorization.configured_clients import ConfiguredClient
from outlook_mcp.web.authorization.grant_records import GrantRecords
from outlook_mcp.web.authorization.grant_tokens import GrantTokens
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
    """`provider` asks for consent and is None where somebody else does; `identities` know who is at a browser."""

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
    """Closes what it opened; `documents` are read only where we are the issuer.

    Raises ConfigurationError for settings that cannot work together.
    """
    _check(configuration)
    async with AsyncExitStack() as stack:
        if configuration.auth == "own":
            clients = _clients(configuration, components, documents)
            stack.callback(clients.close)
            yield _own(configuration, web, components, sessions, clients, _assertion_issuers(configuration, stack))
        elif configuration.auth == "entra":
            issuer = Issuer.of_entra(configuration.entra_url, ca_file=configuration.ca_file)
            names = configuration.audience or entra_audiences(configuration.require_client_id())
            yield _of(issuer, names, web, components, {"entra": EntraIdentityProvider(components.manager)}, stack)
        else:
            issuer = Issuer.of_oidc(configuration.oidc_issuer or "", ca_file=configuration.ca_file)
            names = configuration.audience or (web.resource,)
            yield _of(
                issuer, names, web, components, {"issuer": _oidc_sign_in(configuration, components, issuer)}, stack
            )


def _check(configuration: Configuration) -> None:
    if configuration.auth == "own":
        _check_unused(" ".join(configuration.audience), "AUDIENCE", used_by="entra or oidc")
        for address in configuration.assertion_issuers:
            _check_assertion_issuer(configuration, address)
        if configuration.oidc_issuer not in configuration.assertion_issuers:
            used_by = f"oidc, or {PREFIX}ASSERTION_ISSUERS names it"
            _check_unused(configuration.oidc_issuer, "OIDC_ISSUER", used_by=used_by)
        return
    _check_unused(" ".join(configuration.assertion_issuers), "ASSERTION_ISSUERS", used_by="own")
    _check_unused(" ".join(entry.client_id for entry in configuration.clients), "CLIENTS", used_by="own")
    if configuration.auth == "entra":
        _check_unused(configuration.oidc_issuer, "OIDC_ISSUER", used_by="oidc")
        _check_entra(configuration)


def _check_unused(value: str | None, name: str, *, used_by: str) -> None:
    """What is silently passed over would seem to be in force."""
    if value:
        told = f"{PREFIX}{name}: read {value!r}; expected only where {PREFIX}AUTH is {used_by}."
        raise ConfigurationError(told, next_step="Remove one of the two settings.")


def _check_assertion_issuer(configuration: Configuration, address: str) -> None:
    name = f"{PREFIX}ASSERTION_ISSUERS: read {address!r}"
    if not is_protected(address):
        raise ConfigurationError(f"{name}; expected https:// addresses (http:// for this machine only).")
    if _is_of_entra(configuration, address) and not address.endswith("/v2.0"):
        expected = f"{configuration.entra_authority}/<tenant id>/v2.0"
        raise ConfigurationError(f"{name}; expected {expected}, as Entra ID names itself.")
    if not _is_of_entra(configuration, address) and address != configuration.oidc_issuer:
        # Its people have no Microsoft account that we know: to link a mailbox they sign in at their issuer.
        told = f"{name}; expected issuers of Entra ID, or the one of {PREFIX}OIDC_ISSUER."
        next_step = f"Set {PREFIX}OIDC_ISSUER={address} and {PREFIX}OIDC_CLIENT_ID, so that its people can sign in."
        raise ConfigurationError(told, next_step=next_step)


def _check_entra(configuration: Configuration) -> None:
    if client_credential(configuration) is None:
        told = f"{PREFIX}CLIENT_SECRET: nothing was read; expected the app's secret, because {PREFIX}AUTH is entra."
        raise ConfigurationError(told, next_step=f"Or let the app prove itself otherwise: {PREFIX}CLIENT_PROOF.")
    tenant = configuration.tenant
    if tenant == "consumers" or "." in tenant:
        # Clients compare the issuer with its own metadata letter by letter.
        told = f"{PREFIX}TENANT: read {tenant!r}; expected the tenant's id, because {PREFIX}AUTH is entra."
        raise ConfigurationError(told, next_step="The overview of the tenant in the Entra admin center shows it.")


def _own(
    configuration: Configuration,
    web: WebSettings,
    components: Components,
    sessions: SessionService,
    clients: OAuthClients,
    asserting: list[Issuer],
) -> TokenIssuance:
    records = GrantRecords(components.vault, components.digests)
    record = components.audit.record
    tokens = GrantTokens(web, records, sessions, admit=components.admission.check, record=record)
    provider = AuthorizationProvider(
        web,
        clients,
        sessions,
        records,
        tokens,
        EndedBrowserSessions(components.tickets),
        record=record,
        identity_assertions=IdentityAssertions(web, asserting, components.tickets) if asserting else None,
    )
    identities: dict[Kind, IdentityProvider] = {"entra": EntraIdentityProvider(components.manager)}
    for issuer in asserting:
        if not issuer.is_entra:
            identities["issuer"] = _oidc_sign_in(configuration, components, issuer)
    return TokenIssuance(tokens, identities, provider, authorization_routes(web, provider, components.vault))


def _of(
    issuer: Issuer,
    audiences: tuple[str, ...],
    web: WebSettings,
    components: Components,
    identities: IdentityProviders,
    stack: AsyncExitStack,
) -> TokenIssuance:
    stack.push_async_callback(issuer.aclose)
    verifier = ExternalTokenVerifier(
        issuer, resource=web.resource, audiences=audiences, admit=components.admission.check, scopes=web.scopes
    )
    return TokenIssuance(verifier, identities, None, resource_metadata_routes(web))


def _clients(configuration: Configuration, components: Components, documents: ClientDocuments | None) -> OAuthClients:
    configured = [
        ConfiguredClient(**{name: getattr(entry, name) for name in ClientEntry.model_fields})
        for entry in configuration.clients
    ]
    return OAuthClients(
        components.vault,
        configured=configured,
        documents=documents,
        dynamic_registration=configuration.dynamic_registration,
    )


def _oidc_sign_in(configuration: Configuration, components: Components, issuer: Issuer) -> OidcIdentityProvider:
    return OidcIdentityProvider(
        issuer,
        components.tickets,
        components.security,
        client_id=configuration.oidc_client_id or "",
        client_secret=configuration.oidc_client_secret,
        admit=components.admission.check,
    )


def _assertion_issuers(configuration: Configuration, stack: AsyncExitStack) -> list[Issuer]:
    """Issuers at the authority of Entra name people as Entra does."""
    issuers = []
    for address in configuration.assertion_issuers:
        is_entra = _is_of_entra(configuration, address)
        issuers.append(Issuer(address, is_entra=is_entra, ca_file=configuration.ca_file))
        stack.push_async_callback(issuers[-1].aclose)
    return issuers


def _is_of_entra(configuration: Configuration, address: str) -> bool:
    return address.startswith(f"{configuration.entra_authority}/")
