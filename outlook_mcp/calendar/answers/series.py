"""How often a series takes place, in words."""

from __future__ import annotations

from typing import Any

import msgspec

from outlook_mcp.calendar.recurrence.models import Recurrence
from outlook_mcp.calendar.recurrence.words import series_words


def recurrence_words(recurrence: Any) -> str:
    """What Graph's patternedRecurrence says; "" where it says nothing, or nothing that can be read.

    >>> pattern = {"type": "relativeMonthly", "daysOfWeek": ["friday"], "index": "last", "interval": 1}
    >>> limits = {"type": "endDate", "startDate": "2026-11-27", "endDate": "2027-03-27"}
    >>> recurrence_words({"pattern": pattern, "range": limits})
    'every last Friday of the month until Sat 27 Mar 2027'
    >>> recurrence_words({"pattern": {"type": "daily"}}), recurrence_words(None)
    ('', '')
    """
    try:
        return series_words(msgspec.convert(recurrence, Recurrence))
    except (msgspec.ValidationError, ValueError):
        return ""
