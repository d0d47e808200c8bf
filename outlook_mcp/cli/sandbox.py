"""`outlook-mcp sandbox`: a local Microsoft Graph and Entra ID, until Ctrl-C."""

from __future__ import annotations

import sys
from argparse import Namespace

import anyio

from outlook_mcp.cli.stopping import until_stopped
from outlook_mcp.errors import ConfigurationError
from outlook_mcp.sandbox import Sandbox, SandboxOptions, describe, run_sandbox


def run(arguments: Namespace) -> int:
    options = SandboxOptions(
        port=arguments.port,
        import_path=arguments.import_path,
        state=arguments.state,
        token_lifetime_s=arguments.token_lifetime,
        rotate_refresh_tokens=arguments.strict_rotation,
        control=arguments.control,
    )
    anyio.run(_serve, options)
    return 0


async def _serve(options: SandboxOptions) -> None:
    check_import_path(options)
    try:
        async with run_sandbox(options) as sandbox:
            report_import(sandbox)
            print(describe(sandbox), flush=True)
            await until_stopped("Ctrl-C stops it.")
    except OSError as error:
        raise ConfigurationError(f"The sandbox cannot start: {error.strerror or error}.") from None


def check_import_path(options: SandboxOptions) -> None:
    """Raises ConfigurationError for a path that is not there."""
    if options.import_path is not None and not options.import_path.exists():
        raise ConfigurationError(
            f"--import: read {str(options.import_path)!r}; expected a folder of .eml files, an mbox or a Maildir."
        )


def report_import(sandbox: Sandbox) -> None:
    """Says on standard error how much mail was imported, and names each file that could not be read."""
    report = sandbox.import_report
    if report is None:
        return
    print(f"Imported {report.imported} messages for {sandbox.users[0].upn}.", file=sys.stderr)
    for name, reason in report.unreadable:
        print(f"  not read: {name}: {reason}", file=sys.stderr)
