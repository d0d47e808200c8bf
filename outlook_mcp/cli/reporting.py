"""Tells the person at the terminal why a command failed."""

from __future__ import annotations

import sys

from outlook_mcp.answers.remedies import Audience, explanation
from outlook_mcp.errors import ConfigurationError, OutlookError


def report_error(error: OutlookError) -> int:
    """Prints the error and what to do about it to standard error; returns the exit status that it stands for."""
    print(f"outlook-mcp: {explanation(error, Audience.COMMAND_LINE)}", file=sys.stderr, flush=True)
    return 2 if isinstance(error, ConfigurationError) else 1
