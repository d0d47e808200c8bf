"""Tells the person at the terminal why a command failed."""

from __future__ import annotations

import logging
import sys

from outlook_mcp.answers.remedies import Audience, explanation
from outlook_mcp.cli.logs import writes_json
from outlook_mcp.errors import ConfigurationError, OutlookError

_log = logging.getLogger(__name__)


def report_error(error: OutlookError) -> int:
    """Tells the error and what to do about it on standard error; returns the exit status that it stands for.

    As a line of the log where that is JSON, since a program reads it.
    """
    told = explanation(error, Audience.COMMAND_LINE)
    if writes_json():
        _log.error("%s", told)
    else:
        print(f"outlook-mcp: {told}", file=sys.stderr, flush=True)
    return 2 if isinstance(error, ConfigurationError) else 1
