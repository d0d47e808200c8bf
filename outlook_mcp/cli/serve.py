"""`outlook-mcp serve`: MCP over stdio for the local profile."""

from __future__ import annotations

import logging
import signal
import sys
from argparse import Namespace

import anyio
import anyio.to_thread

from outlook_mcp.cli.output import require_standard_streams
from outlook_mcp.cli.reporting import report_error
from outlook_mcp.cli.settings import settings_of, tell_without_effect
from outlook_mcp.cli.start.opening import Opening
from outlook_mcp.cli.start.snapshot import save_answers
from outlook_mcp.cli.start.streams import InputLines, OutputLines
from outlook_mcp.config import Configuration
from outlook_mcp.errors import ConfigurationError
from outlook_mcp.net.lean_imports import models_built_on_use, run_on_use, without_modules

# The client of the SDK takes 30 ms to load.
run_on_use("mcp")
# The SDK's event streams tell uvicorn that they end, where it is installed. Over stdio there are none: 3 MB less.
with without_modules("uvicorn"), models_built_on_use():
    from outlook_mcp.app.stdio import build_server, build_unavailable_server
    from outlook_mcp.server.email_server import EmailServer
    from outlook_mcp.server.recording import recorded_answers

_log = logging.getLogger(__name__)
_WAITING = (
    "This is an MCP server over standard input and output: MCP clients start it and send it JSON-RPC messages, "
    "for which it waits. Ctrl-C ends it. How to connect a client: `outlook-mcp setup`."
)
# By then a client has its lists, and what it calls first is under way.
_KEPT_AFTER_S = 1.0


def run(arguments: Namespace) -> int:
    """Serves one client until it closes standard input; returns the exit status. Raises ConfigurationError without any.

    It serves even when a setting is wrong or missing, and answers every call with the reason: a client that cannot
    connect shows none.
    """
    # Cancelling would wait for the next line on standard input, which the thread that reads it waits for.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    opening: Opening | None = arguments.opening
    if opening is None:
        require_standard_streams()
    if opening is None and sys.stdin.isatty():
        print(_WAITING, file=sys.stderr, flush=True)
    configuration = Configuration.model_construct()
    statuses = [0]
    try:
        configuration = settings_of(arguments)
        tell_without_effect(configuration, arguments, over_http=False)
        server = build_server(configuration, explain=lambda error: statuses.append(report_error(error)))
    except ConfigurationError as error:
        statuses.append(report_error(error))
        # Tools of other packages are left out, because they may be what is wrong.
        server = build_unavailable_server(configuration.model_copy(update={"own_tools": ()}), error)
    if opening is None:
        server.run("stdio")
    else:
        may_keep = may_keep_answers(configuration, is_usable=len(statuses) == 1)
        anyio.run(serve_after_opening, server, opening, may_keep)
    return statuses[-1]


def may_keep_answers(configuration: Configuration, *, is_usable: bool) -> bool:
    """Whether the lists of this server may be kept as the first answers of the next one.

    They may not when something is wrong, which the person is about to mend, and with tools of other packages: those
    decide what their tools are, and may change without a trace in the key of what is kept.

    >>> may_keep_answers(Configuration.model_construct(), is_usable=True)
    True
    >>> may_keep_answers(Configuration.model_construct(own_tools=("weather",)), is_usable=True)
    False
    >>> may_keep_answers(Configuration.model_construct(), is_usable=False)
    False
    """
    return is_usable and not configuration.own_tools


async def serve_after_opening(
    server: EmailServer, opening: Opening, may_keep: bool, kept_after_s: float = _KEPT_AFTER_S
) -> None:
    """Serves the client that `opening` has answered until now; keeps a snapshot for the next if it may and had none."""
    async with anyio.create_task_group() as tasks:
        if may_keep and not opening.has_snapshot:
            tasks.start_soon(_keep_answers, server, opening, kept_after_s)
        await server.run_stdio_async(InputLines(opening), OutputLines(opening.output), opening.answered)
        tasks.cancel_scope.cancel()


async def _keep_answers(server: EmailServer, opening: Opening, after_s: float) -> None:
    await anyio.sleep(after_s)
    try:
        answers = await recorded_answers(server)
        await anyio.to_thread.run_sync(save_answers, opening.folder, opening.key, answers)
    except Exception:
        # Without it the next start is slower, which must not end this one.
        _log.warning("The first answers could not be kept for the next start.", exc_info=True)
