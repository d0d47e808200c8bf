"""The servers that `outlook-mcp serve` runs, for programs that run them themselves.

`Configuration.load({...})` reads settings from its argument, the variables `OUTLOOK_MCP_*` and the configuration file,
in this order.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mcp.server.mcpserver import MCPServer
from starlette.types import ASGIApp

from outlook_mcp.app.http import open_site
from outlook_mcp.app.stdio import build_server
from outlook_mcp.config import Configuration
from outlook_mcp.errors import ConfigurationError, OutlookError
from outlook_mcp.server.services import Services

__all__ = ["Configuration", "ConfigurationError", "OutlookError", "local_server", "open_asgi_app"]


def local_server(configuration: Configuration) -> MCPServer[Services]:
    """The server of the local profile, which signs in with `outlook-mcp login`.

    `run("stdio")` serves it, and `mcp.Client(server)` is a client in the same process. Raises ConfigurationError.
    """
    return build_server(configuration)


@asynccontextmanager
async def open_asgi_app(configuration: Configuration) -> AsyncIterator[ASGIApp]:
    """The application of `serve --http`, while the block runs: authorization server, pages and `/mcp`.

    It is for the root of the setting `public_url`, so it is mounted at `/` behind the routes of one's own. The server
    around it checks forwarded headers and terminates TLS. Raises ConfigurationError and StoreUnavailable.
    """
    async with open_site(configuration) as site:
        try:
            yield site.app
        finally:
            # Streams that clients listen to would keep the server from ending.
            site.drain.begin()
