"""`outlook-mcp serve --http`: MCP over HTTP for many users."""

from __future__ import annotations

from argparse import Namespace

import anyio

from outlook_mcp.app.http import serve_http
from outlook_mcp.cli.settings import settings_of


def run(arguments: Namespace) -> int:
    """Serves until SIGTERM or Ctrl-C; returns the exit status. Raises ConfigurationError."""
    anyio.run(serve_http, settings_of(arguments))
    return 0
