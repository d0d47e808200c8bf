"""The command line: `outlook-mcp COMMAND`. One file a command; a command's imports wait until it runs."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from outlook_mcp.cli.parser import build_parser
from outlook_mcp.errors import ConfigurationError, OutlookError

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit status: 0 done, 1 failed, 2 wrong usage or setting, 130 interrupted."""
    parsed = build_parser().parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except ConfigurationError as error:
        print(f"outlook-mcp: {error}", file=sys.stderr)
        return 2
    except OutlookError as error:
        print(f"outlook-mcp: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
