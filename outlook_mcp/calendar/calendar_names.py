"""Names of calendars, which whoever shares one has chosen."""

from __future__ import annotations

import re

from outlook_mcp.answers.frame import framed_words
from outlook_mcp.text.characters import one_line

_LONGEST = 60
_ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+")


def calendar_name(name: str) -> str:
    """Within a sentence: marked as data, but for an address, by which callers name the calendar of somebody."""
    shown = one_line(name, 100)
    return shown if _ADDRESS.fullmatch(shown) else framed_words(one_line(shown, _LONGEST))
