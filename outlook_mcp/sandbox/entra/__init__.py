"""Entra ID, v2.0 endpoints."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from outlook_mcp.sandbox.entra.authorize import AuthorizationEndpoint
from outlook_mcp.sandbox.entra.device import VERIFICATION_PATH, DeviceEndpoint, DevicePage
from outlook_mcp.sandbox.entra.discovery import Discovery
from outlook_mcp.sandbox.entra.managed_identity import IDENTITY_PATH, ManagedIdentityEndpoint
from outlook_mcp.sandbox.entra.service import Entra
from outlook_mcp.sandbox.entra.token import TokenEndpoint
from outlook_mcp.sandbox.entra.userinfo import USERINFO_PATH, UserInfoEndpoint

__all__ = ["USERINFO_PATH", "Entra", "UserInfoEndpoint", "entra_routes"]


def entra_routes(entra: Entra) -> list[BaseRoute]:
    discovery, page = Discovery(entra), DevicePage(entra)
    return [
        Route("/common/discovery/instance", discovery.instance),
        Route("/{tenant}/v2.0/.well-known/openid-configuration", discovery.metadata),
        Route("/{tenant}/discovery/v2.0/keys", discovery.keys),
        Route("/{tenant}/oauth2/v2.0/authorize", AuthorizationEndpoint(entra).__call__, methods=["GET", "POST"]),
        Route("/{tenant}/oauth2/v2.0/token", TokenEndpoint(entra).__call__, methods=["GET", "POST"]),
        Route("/{tenant}/oauth2/v2.0/devicecode", DeviceEndpoint(entra).__call__, methods=["POST"]),
        Route("/{tenant}/oauth2/v2.0/logout", discovery.logout, methods=["GET", "POST"]),
        Route(VERIFICATION_PATH, page.__call__, methods=["GET", "POST"]),
        Route(IDENTITY_PATH, ManagedIdentityEndpoint(entra).__call__),
        Route("/error", discovery.error),
    ]
