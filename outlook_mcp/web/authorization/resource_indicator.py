"""The `resource` parameter (RFC 8707): which server a token is requested for."""

from __future__ import annotations

from outlook_mcp.web.settings import WebSettings


def is_our_resource(settings: WebSettings, resource: str | None) -> bool:
    """True when `resource` is this server; None counts as this server.

    A trailing slash and capitals in scheme and host make no difference.
    """
    return resource is None or _normalized(resource) == settings.resource


def _normalized(resource: str) -> str:
    scheme, mark, rest = resource.removesuffix("/").partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme.lower()}{mark}{host.lower()}{slash}{path}"
