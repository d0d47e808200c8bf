"""`outlook-mcp sandbox`: a local Microsoft Graph and Entra ID, until Ctrl-C."""

from __future__ import annotations

import sqlite3
import sys
from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import anyio

from outlook_mcp.cli.stopping import wait_for_stop
from outlook_mcp.config import PREFIX
from outlook_mcp.errors import ConfigurationError
from outlook_mcp.errors.counting import counted
from outlook_mcp.sandbox import Sandbox, SandboxOptions, describe, run_sandbox

MOST_COLLEAGUES = 10_000


def run(arguments: Namespace) -> int:
    """Serves until it is stopped; returns the exit status."""
    options = SandboxOptions(
        port=arguments.port,
        upload_port=arguments.upload_port,
        import_path=arguments.import_path,
        state=arguments.state,
        token_lifetime_s=arguments.token_lifetime,
        rotate_refresh_tokens=arguments.strict_rotation,
        control=arguments.control,
        colleagues=arguments.colleagues,
        concurrency=arguments.concurrency,
    )
    anyio.run(_serve, options)
    return 0


async def _serve(options: SandboxOptions) -> None:
    async with running_sandbox(options) as sandbox:
        print(describe(sandbox))
        print(_settings_lines(sandbox), flush=True)
        await wait_for_stop("Ctrl-C stops it.")


@asynccontextmanager
async def running_sandbox(options: SandboxOptions) -> AsyncIterator[Sandbox]:
    """A running sandbox; prints what it imported. Raises ConfigurationError when the options are wrong."""
    _check_options(options)
    async with AsyncExitStack() as stack:
        try:
            sandbox = await stack.enter_async_context(run_sandbox(options))
        except OSError as error:
            if error.filename is not None:
                raise ConfigurationError(
                    f"{error.filename}: {error.strerror or error}.", next_step="Choose another path."
                ) from None
            raise ConfigurationError(
                f"The sandbox cannot start, {error.strerror or error}.", next_step="Choose another with --port."
            ) from None
        except sqlite3.Error as error:
            raise ConfigurationError(f"--state: read {str(options.state)!r}; {error}.") from None
        _report_import(sandbox)
        yield sandbox


def _settings_lines(sandbox: Sandbox) -> str:
    """The variables with which this program uses the sandbox, in the words of a shell."""
    settings = {
        "client_id": sandbox.public_client_id,
        "tenant": "organizations",
        "authority": sandbox.http_url,
        "graph_url": sandbox.graph_url,
        "login_hint": sandbox.users[0].upn,
    }
    lines = [f"  export {PREFIX}{name.upper()}={value}" for name, value in settings.items()]
    return "\n".join(["Point outlook-mcp at it (on Windows, `set` in the place of `export`):", *lines])


def _check_options(options: SandboxOptions) -> None:
    # HTTPS takes the next port.
    if not 0 <= options.port < 65535:
        raise ConfigurationError(f"--port: read {options.port}; expected 1 to 65534, or 0 for any free port.")
    if not 0 <= options.upload_port < 65535 or _overlap(options.port, options.upload_port):
        raise ConfigurationError(
            f"--upload-port: read {options.upload_port}; expected 1 to 65534 apart from --port and its next, or 0."
        )
    if options.token_lifetime_s is not None and options.token_lifetime_s < 1:
        raise ConfigurationError(f"--token-lifetime: read {options.token_lifetime_s}; expected at least 1 second.")
    if not 0 <= options.colleagues <= MOST_COLLEAGUES:
        raise ConfigurationError(f"--colleagues: read {options.colleagues}; expected 0 to {MOST_COLLEAGUES}.")
    if options.concurrency < 0:
        raise ConfigurationError(f"--concurrency: read {options.concurrency}; expected a number, or 0 for no limit.")
    if options.import_path is not None and not options.import_path.exists():
        raise ConfigurationError(
            f"--import: read {str(options.import_path)!r}; "
            "expected a folder of .eml files, an mbox, a Maildir, an .ics or a .vcf."
        )


def _overlap(port: int, upload_port: int) -> bool:
    """Whether two ports, each with its next, share one; 0 is any free port."""
    return bool(port and upload_port) and abs(port - upload_port) < 2


def _report_import(sandbox: Sandbox) -> None:
    """Prints to standard error what was imported, and each file that could not be read."""
    if sandbox.options.import_path is None:
        return
    report = sandbox.import_report
    if report is None:
        print(f"Nothing imported: {sandbox.options.state} holds mail already.", file=sys.stderr)
        return
    others = {"event": report.events, "contact": report.contacts}
    more = "".join(f" and {counted(number, name)}" for name, number in others.items() if number)
    print(f"Imported {counted(report.imported, 'message')}{more} for {sandbox.users[0].upn}.", file=sys.stderr)
    for name, reason in report.unreadable:
        print(f"  not read: {name}: {reason}", file=sys.stderr)
