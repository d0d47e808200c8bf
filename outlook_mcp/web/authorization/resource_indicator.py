"""The `resource` parameter (RFC 8707): what a token is asked for."""

from __future__ import annotations

from outlook_mcp.web.settings import WebSettings


def is_our_resource(settings: WebSettings, resource: str | None) -> bool:
    """True for ours, which is also meant by a client that names none.

    A trailing slash changes nothing, and neither do capitals in scheme and host.
    """
    return resource is None or _plain(resource) == settings.resource


def _plain(resource: str) -> str:
    scheme, mark, rest = resource.removesuffix("/").partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme.lower()}{mark}{host.lower()}{slash}{path}"
