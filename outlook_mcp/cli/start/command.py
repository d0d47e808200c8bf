"""Runs a command: reads its arguments, imports its file and says why it failed."""

from __future__ import annotations

import errno
import sys
from argparse import Namespace
from collections.abc import Sequence

from outlook_mcp.cli.output import give_up_output, is_closed_pipe, prepare_output
from outlook_mcp.cli.parser import build_parser
from outlook_mcp.cli.reporting import report_error
from outlook_mcp.cli.start.opening import Opening
from outlook_mcp.errors import OutlookError

INTERRUPTED = 130


def run_command(arguments: Sequence[str], opening: Opening | None = None) -> int:
    """See `outlook_mcp.cli.main`; `opening` is what has answered requests on standard input until now."""
    prepare_output()
    try:
        return _run(arguments, opening)
    except (BrokenPipeError, BaseExceptionGroup) as error:
        if not is_closed_pipe(error):
            raise
        return give_up_output()
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        give_up_output()
        return report_error(OutlookError("No space is left where the output goes.", next_step="Make room there."))


def _run(arguments: Sequence[str], opening: Opening | None) -> int:
    parsed = Namespace()
    try:
        parsed = build_parser().parse_args(arguments)
        parsed.opening = opening
        return int(parsed.run(parsed))
    except KeyboardInterrupt:
        return INTERRUPTED
    except (OutlookError, BaseExceptionGroup) as raised:
        error = _expected_error(raised)
        if error is None:
            raise
        return report_error(error, getattr(parsed, "profile", None))
    finally:
        # Here, where it can be said that nobody reads it, and not when Python ends.
        if sys.stdout is not None:
            sys.stdout.flush()


def _expected_error(raised: BaseException) -> OutlookError | None:
    """The OutlookError in `raised`, also within a group of nothing else; None for any other error."""
    if isinstance(raised, BaseExceptionGroup):
        errors = [_expected_error(error) for error in raised.exceptions]
        return None if None in errors else errors[0]
    return raised if isinstance(raised, OutlookError) else None
