"""The `resource` parameter (RFC 8707): what a token is asked for."""

from __future__ import annotations

from outlook_mcp.web.settings import WebSettings


def is_our_resource(settings: WebSettings, resource: str | None) -> bool:
    """True for ours, which is also meant by a client that names none; a trailing slash changes nothing."""
    return resource is None or resource.removesuffix("/") == settings.resource
