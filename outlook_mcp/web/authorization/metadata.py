"""Discovery metadata: authorization server (RFC 8414) and protected resource (RFC 9728)."""

from __future__ import annotations

from mcp.server.auth.routes import (
    AUTHORIZATION_PATH,
    ID_JAG_GRANT_PROFILE,
    REGISTRATION_PATH,
    REVOCATION_PATH,
    TOKEN_PATH,
    cors_middleware,
)
from mcp.shared.auth import JWT_BEARER_GRANT_TYPE
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from outlook_mcp.web.settings import MCP_PATH, WebSettings

AUTHORIZATION_SERVER_PATHS = ("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration")
_RESOURCE_PATH = "/.well-known/oauth-protected-resource"
PROTECTED_RESOURCE_PATHS = (f"{_RESOURCE_PATH}{MCP_PATH}", _RESOURCE_PATH)
AUTH_METHODS = ["none", "client_secret_post", "client_secret_basic"]
GRANT_TYPES = ["authorization_code", "refresh_token"]


def authorization_server_metadata(settings: WebSettings, *, identity_assertions: bool) -> dict[str, object]:
    """URLs as plain strings: clients compare the issuer character by character, and URL types append a slash."""
    url = settings.public_url
    metadata: dict[str, object] = {
        "issuer": settings.issuer,
        "authorization_endpoint": f"{url}{AUTHORIZATION_PATH}",
        "token_endpoint": f"{url}{TOKEN_PATH}",
        "revocation_endpoint": f"{url}{REVOCATION_PATH}",
        "scopes_supported": list(settings.authorization_scopes),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": GRANT_TYPES,
        "token_endpoint_auth_methods_supported": AUTH_METHODS,
        "revocation_endpoint_auth_methods_supported": AUTH_METHODS,
        "code_challenge_methods_supported": ["S256"],
        "client_id_metadata_document_supported": settings.client_documents,
        "authorization_response_iss_parameter_supported": True,
    }
    if settings.dynamic_registration:
        metadata["registration_endpoint"] = f"{url}{REGISTRATION_PATH}"
    if identity_assertions:
        metadata["grant_types_supported"] = [*GRANT_TYPES, JWT_BEARER_GRANT_TYPE]
        metadata["authorization_grant_profiles_supported"] = [ID_JAG_GRANT_PROFILE]
    return metadata


def protected_resource_metadata(settings: WebSettings) -> dict[str, object]:
    """Without `offline_access`, which is not a scope of the resource: some clients ask for every scope listed."""
    return {
        "resource": settings.resource,
        "resource_name": "Outlook",
        "authorization_servers": [settings.authorization_server],
        "scopes_supported": list(settings.spelled(settings.scopes)),
        "bearer_methods_supported": ["header"],
    }


def metadata_routes(settings: WebSettings, *, identity_assertions: bool) -> list[Route]:
    """The metadata of a server that issues its own tokens, under every well-known path that clients try."""
    server = authorization_server_metadata(settings, identity_assertions=identity_assertions)
    return [*(_document(path, server) for path in AUTHORIZATION_SERVER_PATHS), *resource_metadata_routes(settings)]


def resource_metadata_routes(settings: WebSettings) -> list[Route]:
    """The metadata of a server whose tokens another issuer issues: that of the resource only."""
    resource = protected_resource_metadata(settings)
    return [_document(path, resource) for path in PROTECTED_RESOURCE_PATHS]


def _document(path: str, metadata: dict[str, object]) -> Route:
    async def respond(request: Request) -> Response:
        return JSONResponse(metadata, headers={"Cache-Control": "public, max-age=3600"})

    return Route(path, endpoint=cors_middleware(respond, ["GET", "OPTIONS"]), methods=["GET", "OPTIONS"])
