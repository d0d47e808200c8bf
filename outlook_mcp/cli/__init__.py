"""The command line: `outlook-mcp COMMAND`. Each command is a file, which is imported only when it runs."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from outlook_mcp.cli.start.opening import open_stdio
from outlook_mcp.net.garbage import collecting_no_garbage


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit status: 0 done, 1 failed, 2 wrong usage or setting, 130 interrupted.

    It is 141 when nobody reads the output any more.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    opening = open_stdio(given)
    with collecting_no_garbage():
        # Here and not at the top: it takes a second, in which `opening` answers what a client asks first.
        from outlook_mcp.cli.start.command import run_command

    return run_command(given, opening)
