"""How often a series takes place, in words."""

from __future__ import annotations

from typing import Any

import msgspec

from outlook_mcp.calendar.recurrence.models import Recurrence
from outlook_mcp.calendar.recurrence.words import series_words


def recurrence_words(recurrence: Any) -> str:
    """`every last Friday of the month until Sat 27 Mar 2027`; "" where Graph does not tell it or tells it in new
    words."""
    try:
        return series_words(msgspec.convert(recurrence, Recurrence))
    except (msgspec.ValidationError, ValueError):
        return ""
