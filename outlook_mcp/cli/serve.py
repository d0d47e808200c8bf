"""`outlook-mcp serve`: MCP over stdio for the local profile, or over HTTP for many users."""

from __future__ import annotations

from argparse import Namespace

import anyio

from outlook_mcp.cli.settings import settings_of
from outlook_mcp.config import Configuration


def run(arguments: Namespace) -> int:
    configuration = settings_of(arguments)
    return serve_many(configuration) if arguments.http else serve(configuration)


def serve(configuration: Configuration) -> int:
    """Serves until the client closes standard input."""
    from outlook_mcp.app.stdio import build_server

    build_server(configuration).run("stdio")
    return 0


def serve_many(configuration: Configuration) -> int:
    """Serves until SIGTERM or Ctrl-C."""
    # Only who serves the web pays for loading it.
    from outlook_mcp.app.http import serve_http

    anyio.run(serve_http, configuration)
    return 0
