"""Checks of what a person typed for a prompt, since it becomes part of the instructions."""

from __future__ import annotations

import re

from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.ids import is_graph_id

_DAYS = re.compile(r"[1-9]\d{0,2}", re.ASCII)


def last_days(prompt: str, days: str) -> str:
    """A number of days in words. Raises InvalidInput for anything but a whole number from 1 to 999.

    >>> last_days("weekly_digest", "7")
    'the last 7 days'
    """
    if not _DAYS.fullmatch(days):
        raise InvalidInput(f"{prompt}: `days` is a whole number from 1 to 999.")
    return "the last day" if days == "1" else f"the last {days} days"


def message_id(prompt: str, message: str) -> str:
    """The id of a message unchanged. Raises InvalidInput for what cannot be one."""
    if not is_graph_id(message):
        raise InvalidInput(f"{prompt}: `id` is the id of a message, as mail_search shows it.")
    return message
