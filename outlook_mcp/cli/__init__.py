"""The command line: `outlook-mcp COMMAND`. One file a command; a command's imports wait until it runs."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from outlook_mcp.answers.remedies import Audience, explanation
from outlook_mcp.cli.parser import build_parser
from outlook_mcp.errors import ConfigurationError, OutlookError

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit status: 0 done, 1 failed, 2 wrong usage or setting, 130 interrupted."""
    parsed = build_parser().parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except KeyboardInterrupt:
        return INTERRUPTED
    except (OutlookError, BaseExceptionGroup) as raised:
        error = _said_on_purpose(raised)
        if error is None:
            raise
        print(f"outlook-mcp: {explanation(error, Audience.COMMAND_LINE)}", file=sys.stderr)
        return 2 if isinstance(error, ConfigurationError) else 1


def _said_on_purpose(raised: BaseException) -> OutlookError | None:
    """The error of ours in a group that holds nothing else: a server's tasks end together, in one group."""
    if isinstance(raised, BaseExceptionGroup):
        errors = [_said_on_purpose(one) for one in raised.exceptions]
        return None if None in errors else errors[0]
    return raised if isinstance(raised, OutlookError) else None
