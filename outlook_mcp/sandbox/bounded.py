"""Keeps what a long-running sandbox remembers within a limit."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


def make_room(entries: dict[Key, Value], limit: int, is_over: Callable[[Value], bool]) -> None:
    """At `limit` entries, delete those that are over; where that is not enough, also the oldest tenth.

    >>> entries = {1: "old", 2: "over", 3: "new"}
    >>> make_room(entries, 3, lambda value: value == "over")
    >>> entries
    {1: 'old', 3: 'new'}
    """
    if len(entries) < limit:
        return
    for key in [key for key, value in entries.items() if is_over(value)]:
        del entries[key]
    if len(entries) >= limit:
        for key in list(entries)[: limit // 10 + 1]:
            del entries[key]
