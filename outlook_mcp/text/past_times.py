"""Days and times of the past in more words: since monday, last night, q3, week 47, beginning of november, 9am."""

from __future__ import annotations

from datetime import datetime

from outlook_mcp.text.periods import Period, parse_period
from outlook_mcp.text.time_words import parse_in_words


def parse_past(value: str, now: datetime) -> Period:
    """The day, week, month, year or moment that is written, in UTC; what can be before or after `now` is before it.

    Days are those of the time zone of `now`. Raises InvalidInput.

    >>> now = datetime.fromisoformat("2026-11-25T14:30+00:00")
    >>> written = ("since monday", "monday last week", "q4", "last weekend", "start of november", "9am", "24.12.")
    >>> [f"{parse_past(text, now).start:%d %b %Y %H:%M}" for text in written[:4]]
    ['23 Nov 2026 00:00', '16 Nov 2026 00:00', '01 Oct 2026 00:00', '21 Nov 2026 00:00']
    >>> [f"{parse_past(text, now).start:%d %b %Y %H:%M}" for text in written[4:]]
    ['01 Nov 2026 00:00', '25 Nov 2026 09:00', '24 Dec 2025 00:00']
    """
    return parse_in_words(value, now, parse_period, is_ahead=False)
