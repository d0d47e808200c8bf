"""Tells the person at the terminal why a command failed."""

from __future__ import annotations

import logging
import sys

from outlook_mcp.answers.remedies import Audience, explanation
from outlook_mcp.cli.logs import writes_json
from outlook_mcp.errors import ConfigurationError, OutlookError

_log = logging.getLogger(__name__)


def report_error(error: OutlookError, profile: str | None = None) -> int:
    """Tells the error and what to do about it on standard error; returns the exit status that it stands for.

    As a line of the log where that is JSON, since a program reads it. `profile` is the one that was given by a flag,
    which the command that mends it needs too.
    """
    told = explanation(error, Audience.COMMAND_LINE)
    if profile is not None:
        told = told.replace(login_command(None), login_command(profile))
    if writes_json():
        _log.error("%s", told)
    else:
        print(f"outlook-mcp: {told}", file=sys.stderr, flush=True)
    return 2 if isinstance(error, ConfigurationError) else 1


def login_command(profile: str | None) -> str:
    """The command that signs in under this profile; None is the one of the settings.

    >>> login_command("work")
    '`outlook-mcp login --profile work`'
    """
    return f"`outlook-mcp login{'' if profile is None else f' --profile {profile}'}`"
