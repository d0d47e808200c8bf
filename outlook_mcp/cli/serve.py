"""`outlook-mcp serve`: MCP over stdio for the local profile."""

from __future__ import annotations

from argparse import Namespace

from outlook_mcp.cli.parser import settings_of
from outlook_mcp.config import Configuration


def run(arguments: Namespace) -> int:
    return serve(settings_of(arguments))


def serve(configuration: Configuration) -> int:
    """Serves until the client closes standard input."""
    from outlook_mcp.app import build_server

    build_server(configuration).run("stdio")
    return 0
