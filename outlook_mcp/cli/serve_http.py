"""`outlook-mcp serve --http`: MCP over HTTP for many users."""

from __future__ import annotations

from argparse import Namespace

import anyio

from outlook_mcp.app.http import serve_http
from outlook_mcp.cli.settings import settings_of, tell_without_effect
from outlook_mcp.config.rule import Stage


def run(arguments: Namespace) -> int:
    """Serves until SIGTERM or Ctrl-C; returns the exit status. Raises ConfigurationError."""
    configuration = settings_of(arguments, Stage.SIGN_IN, Stage.VAULT, Stage.HTTP)
    tell_without_effect(configuration, arguments, over_http=True)
    anyio.run(serve_http, configuration)
    return 0
