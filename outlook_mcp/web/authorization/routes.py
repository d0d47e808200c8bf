"""The routes of the authorization server: the SDK's endpoints, wrapped in our checks."""

from __future__ import annotations

from mcp.server.auth.routes import (
    AUTHORIZATION_PATH,
    REGISTRATION_PATH,
    REVOCATION_PATH,
    TOKEN_PATH,
    cors_middleware,
    create_auth_routes,
)
from mcp.server.auth.settings import ClientRegistrationOptions, RevocationOptions
from pydantic import AnyHttpUrl
from starlette.routing import Route

from outlook_mcp.audit.denials import Denials
from outlook_mcp.identity.shared_store import SharedCounter
from outlook_mcp.web.authorization.authorize_endpoint import AuthorizeEndpoint
from outlook_mcp.web.authorization.metadata import metadata_routes
from outlook_mcp.web.authorization.provider import AuthorizationProvider
from outlook_mcp.web.authorization.token_endpoints import (
    ClientEndpoint,
    RegistrationEndpoint,
    RevocationEndpoint,
    TokenEndpoint,
)
from outlook_mcp.web.http.rate_limits import AddressLimit, RateLimits
from outlook_mcp.web.settings import WebSettings


def authorization_routes(
    settings: WebSettings,
    provider: AuthorizationProvider,
    counter: SharedCounter,
    denials: Denials,
    *,
    limits: RateLimits = RateLimits(),
) -> list[Route]:
    """Metadata, `/authorize`, `/token`, `/revoke`, and `/register` where dynamic registration is enabled."""
    sdk = {route.path: route.app for route in _sdk_routes(settings, provider)}
    token_limit = AddressLimit(counter, "token", limits.token)
    authorize_limit = AddressLimit(counter, "authorize", limits.authorize)
    authorize = AuthorizeEndpoint(settings, sdk[AUTHORIZATION_PATH], provider.get_client, authorize_limit)
    routes = [
        *metadata_routes(settings, identity_assertions=provider.accepts_identity_assertions),
        Route(AUTHORIZATION_PATH, endpoint=authorize.respond, methods=["GET", "POST"]),
        _cors_route(TOKEN_PATH, TokenEndpoint(settings, sdk[TOKEN_PATH], token_limit, denials)),
        _cors_route(REVOCATION_PATH, RevocationEndpoint(sdk[REVOCATION_PATH], token_limit, denials)),
    ]
    if settings.dynamic_registration:
        routes.append(
            _cors_route(REGISTRATION_PATH, RegistrationEndpoint(sdk[REGISTRATION_PATH], token_limit, denials))
        )
    return routes


def _sdk_routes(settings: WebSettings, provider: AuthorizationProvider) -> list[Route]:
    return create_auth_routes(
        provider,
        AnyHttpUrl(settings.issuer),
        client_registration_options=ClientRegistrationOptions(enabled=settings.dynamic_registration),
        revocation_options=RevocationOptions(enabled=True),
        identity_assertion_enabled=provider.accepts_identity_assertions,
    )


def _cors_route(path: str, endpoint: ClientEndpoint) -> Route:
    """A route with CORS, so that clients in a browser, such as the Inspector, can use it."""
    return Route(path, endpoint=cors_middleware(endpoint.respond, ["POST", "OPTIONS"]), methods=["POST", "OPTIONS"])
