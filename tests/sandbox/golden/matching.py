"""Whether an answer has what a golden pair says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

ABSENT = "(absent)"
_KINDS = {
    "(any)": r"[\s\S]*",
    "(text)": r"[\s\S]+",
    "(time)": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z",
    "(number)": r"\d+",
}
_PATTERN = "(matches) "
_SOMEWHERE = "(has)"


def mismatches(expected: Any, found: Any, path: str = "") -> Iterator[str]:
    """What of `expected` is not in `found`, each with its path.

    >>> list(mismatches({"id": "(text)", "name": "a"}, {"id": "1", "name": "b", "more": 1}))
    ["name: 'b' instead of 'a'"]
    """
    if isinstance(expected, dict) and isinstance(found, dict):
        for name, value in expected.items():
            place = f"{path}/{name}" if path else name
            if value == ABSENT or name not in found:
                if (value == ABSENT) == (name in found):
                    yield f"{place}: {'there' if name in found else 'missing'}"
            else:
                yield from mismatches(value, found[name], place)
    elif isinstance(expected, list) and isinstance(found, list):
        yield from _list_mismatches(expected, found, path)
    elif not _is_same(expected, found):
        yield f"{path}: {found!r} instead of {expected!r}"


def _list_mismatches(expected: list[Any], found: list[Any], path: str) -> Iterator[str]:
    if expected[:1] == [_SOMEWHERE]:
        for value in expected[1:]:
            if not any(not list(mismatches(value, element)) for element in found):
                yield f"{path}: nothing in {found!r} is {value!r}"
        return
    if len(expected) != len(found):
        yield f"{path}: {len(found)} elements instead of {len(expected)}"
        return
    for number, (value, element) in enumerate(zip(expected, found, strict=True)):
        yield from mismatches(value, element, f"{path}[{number}]")


def _is_same(expected: Any, found: Any) -> bool:
    if expected in _KINDS if isinstance(expected, str) else False:
        return re.fullmatch(_KINDS[expected], str(found)) is not None
    if isinstance(expected, str) and expected.startswith(_PATTERN):
        return isinstance(found, str) and re.search(expected.removeprefix(_PATTERN), found) is not None
    return type(expected) is type(found) and bool(expected == found)
