"""Sizes of messages in the text of a search."""

from __future__ import annotations

import re

from outlook_mcp.mail.search.conditions import Expression, Size, all_of, negated

SIZE_FIELDS = frozenset({"size", "messagesize", "larger", "largerthan", "smaller", "smallerthan"})
UNITS = frozenset({"b", "byte", "bytes", "k", "kb", "kib", "m", "mb", "mib", "g", "gb", "gib"})
_BYTES = re.compile(r"(\d{1,12})(?:[.,](\d{1,6}))?\s?(?:([kmg])i?)?(?:b|bytes?)?", re.ASCII | re.IGNORECASE)
_FACTOR = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30}


def size_condition(name: str, operator: str, value: str) -> Expression | None:
    """What `larger:1MB`, `size<500kb` and `size:1mb..2mb` stand for; None when the value is no size."""
    first, dots, last = value.partition("..")
    if dots:
        smallest, largest = bytes_of(first), bytes_of(last)
        if smallest is None or largest is None:
            return None
        return all_of((Size(smallest), negated(Size(largest + 1))))
    number = bytes_of(value)
    if number is None:
        return None
    size = Size(number)
    return negated(size) if name.startswith("smaller") or operator in ("<", "<=") else size


def bytes_of(value: str) -> int | None:
    """How many bytes that is; None for what is no size.

    >>> bytes_of("1.5 MB"), bytes_of("500k"), bytes_of("big")
    (1572864, 512000, None)
    """
    found = _BYTES.fullmatch(value.strip())
    return int(float(f"{found[1]}.{found[2] or 0}") * _FACTOR[(found[3] or "").lower()]) if found else None
