"""`outlook-mcp serve`: MCP over stdio for the local profile, or over HTTP for many users."""

from __future__ import annotations

from argparse import Namespace

import anyio

from outlook_mcp.app.stdio import build_server
from outlook_mcp.cli.settings import settings_of
from outlook_mcp.config import Configuration


def run(arguments: Namespace) -> int:
    """Serves until it is stopped; returns the exit status."""
    configuration = settings_of(arguments)
    return serve_over_http(configuration) if arguments.http else serve_over_stdio(configuration)


def serve_over_stdio(configuration: Configuration) -> int:
    """Serves over stdio until the client closes standard input; returns the exit status."""
    build_server(configuration).run("stdio")
    return 0


def serve_over_http(configuration: Configuration) -> int:
    """Serves over HTTP until SIGTERM or Ctrl-C; returns the exit status."""
    # Imported here only, because `serve` over stdio starts faster and smaller without the web server.
    from outlook_mcp.app.http import serve_http

    anyio.run(serve_http, configuration)
    return 0
