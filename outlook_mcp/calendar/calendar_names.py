"""Names of calendars, which whoever shares one has chosen, and addresses, by which callers name those of others."""

from __future__ import annotations

import re

from outlook_mcp.answers.frame import framed_words
from outlook_mcp.text.characters import one_line

_LONGEST = 60
_ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")


def is_address(written: str) -> bool:
    """Whether it is a mail address and nothing else."""
    return _ADDRESS.fullmatch(written) is not None


def calendar_name(name: str) -> str:
    """Within a sentence: marked as data, but for an address, by which callers name the calendar of somebody."""
    shown = one_line(name, 100)
    return shown if is_address(shown) else framed_words(one_line(shown, _LONGEST))
