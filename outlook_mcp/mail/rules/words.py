"""Lists of phrases divided by semicolons, with values divided by commas; quotes keep both within a value."""

from __future__ import annotations

import re
from collections.abc import Iterable

_VALUE = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^,]*))\s*(?:,|$)')
_NEEDS_QUOTES = re.compile(r'[,;"\n]|^\s|\s$')


def phrases_in(written: str) -> list[str]:
    """The phrases, without those that are empty.

    >>> phrases_in('from a@x.example; subject contains "a; b"')
    ['from a@x.example', 'subject contains "a; b"']
    """
    phrases = [""]
    position = 0
    for found in re.finditer(r'"(?:[^"\\]|\\.)*"|[;\n]', written):
        phrases[-1] += written[position : found.start()]
        position = found.end()
        if found[0] in ";\n":
            phrases.append("")
        else:
            phrases[-1] += found[0]
    phrases[-1] += written[position:]
    return [phrase.strip() for phrase in phrases if phrase.strip()]


def values_in(written: str) -> list[str]:
    """The values of a phrase.

    >>> values_in('invoice, "Smith, John"')
    ['invoice', 'Smith, John']
    """
    values, position = [], 0
    while position < len(written):
        found = _VALUE.match(written, position)
        if found is None or found.end() == position:
            values.append(written[position:].strip())
            break
        quoted = found[1]
        values.append(re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else found[2].strip())
        position = found.end()
    return [value for value in values if value]


def written_values(values: Iterable[str]) -> str:
    """The values as `values_in` reads them.

    >>> written_values(["invoice", "Smith, John"])
    'invoice, "Smith, John"'
    """
    return ", ".join(_quoted(value) for value in values)


def kind_and_values(phrase: str, kinds: Iterable[str]) -> tuple[str, list[str]] | None:
    """The one of `kinds` that a phrase begins with, whatever space is between its words, and the values behind it.

    >>> kind_and_values('Forward  as attachment to "A  B"', ["forward to", "forward as attachment to"])
    ('forward as attachment to', ['A  B'])
    """
    for words in sorted(kinds, key=len, reverse=True):
        if found := re.match(r"\s*" + r"\s+".join(map(re.escape, words.split())) + r"\s", phrase, re.IGNORECASE):
            return words, values_in(phrase[found.end() :].strip())
    return None


def is_given(value: object) -> bool:
    """Whether a condition or an action is one: of others Graph has nothing, false, or what is empty."""
    return value not in (None, False, [], "")


def _quoted(value: str) -> str:
    if not _NEEDS_QUOTES.search(value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'
