"""`outlook-mcp serve`: MCP over stdio for the local profile, or over HTTP for many users."""

from __future__ import annotations

import signal
import sys
from argparse import Namespace

import anyio

from outlook_mcp.app.stdio import build_server, build_unavailable_server
from outlook_mcp.cli.reporting import report_error
from outlook_mcp.cli.settings import settings_of
from outlook_mcp.config import Configuration
from outlook_mcp.errors import ConfigurationError

_WAITING = (
    "This is an MCP server over standard input and output: MCP clients start it and send it JSON-RPC messages, "
    "for which it waits. Ctrl-C ends it. How to connect a client: `outlook-mcp setup`."
)


def run(arguments: Namespace) -> int:
    """Serves until it is stopped; returns the exit status.

    Over stdio it serves even when a setting is wrong or missing, and answers every call with the reason: a client that
    cannot connect shows none. Over HTTP it raises ConfigurationError.
    """
    if arguments.http:
        return serve_over_http(settings_of(arguments))
    # Cancelling would wait for the next line on standard input, which the thread that reads it waits for.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.stdin is not None and sys.stdin.isatty():
        print(_WAITING, file=sys.stderr, flush=True)
    configuration = Configuration.model_construct()
    statuses = [0]
    try:
        configuration = settings_of(arguments)
        server = build_server(configuration, explain=lambda error: statuses.append(report_error(error)))
    except ConfigurationError as error:
        statuses.append(report_error(error))
        # Tools of other packages are left out, because they may be what is wrong.
        server = build_unavailable_server(configuration.model_copy(update={"own_tools": ()}), error)
    server.run("stdio")
    return statuses[-1]


def serve_over_http(configuration: Configuration) -> int:
    """Serves over HTTP until SIGTERM or Ctrl-C; returns the exit status."""
    # Imported here only, because `serve` over stdio starts faster and smaller without the web server.
    from outlook_mcp.app.http import serve_http

    anyio.run(serve_http, configuration)
    return 0
