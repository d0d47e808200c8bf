"""Lines of letters as Markdown that shows them as they are meant.

Beginnings of lines that Markdown would take for marks, though people write them as text, are escaped. What stands right
below a quote, a list or a table is set apart, or Markdown would take it for a part of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_NUMBERED = re.compile(r"( *)(\d{1,9})([.)])(?=\s|$)")
_DASHES = re.compile(r" {0,3}--[ \t]*")
# A blank to fill in. Three make a rule.
_BLANK = re.compile(r" {0,3}_{4,}[ \t]*")
_PLUS = re.compile(r"( {0,3})(\+)(?=\s)")
# More than a number, and a number of something, at the start of a line: `> 5 people`, `# 5 boxes`. A heading has more
# signs or numbers its chapter: `## 2026`, `# 1. Plan`.
_SIGN_AND_NUMBER = re.compile(r"( {0,3})(>|#(?!\s*\d+[.)]\s))(?=\s*[$€£]?\s?\d)")
_MINUS = re.compile(r"( {0,3})(-)(?=\s+[$€£]?\s?\d)")
_MARKED = re.compile(r"\s*(?:[-*+>]\s|\d+[.)]\s)")
_QUOTED = re.compile(r" {0,3}>(?:[> ]*>)?")
_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s")
# A line of an item that is longer may have been wrapped, so the next one goes on with it.
_LONGEST_UNWRAPPED = 60
# How many lines apart two items of a list may begin.
_NEAR = 12


def escape_letter_lines(text: str) -> str:
    """Markdown in which such lines are escaped and set apart; code blocks stay as they are.

    >>> escape_letter_lines("It is\\n24. December\\n-- \\nBob")
    'It is\\n24\\\\. December\\n\\n-- \\nBob'
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    fenced = _fenced(lines)
    in_lists = _items_of_lists(lines, fenced)
    written: list[str] = []
    for number, line in enumerate(lines):
        if number in fenced:
            written.append(line)
            continue
        if _DASHES.fullmatch(line) and written and written[-1].strip():
            # A signature is a paragraph of its own.
            written.append("")
        previous = lines[number - 1] if number else ""
        escaped = _escaped(line, previous, is_item=number in in_lists)
        following = (lines[below] for below in range(number + 1, len(lines)))
        if written and (apart := _parting(written, escaped, following)) is not None:
            written.append(apart)
        written.append(escaped)
    return "\n".join(written)


def _parting(written: Sequence[str], line: str, following: Iterable[str]) -> str | None:
    """The line that ends what Markdown would take `line` for a part of; None where it is one or stands alone."""
    above = written[-1]
    if not (above.strip() and line.strip()):
        return None
    depth = _depth(line)
    if _depth(above) > depth:
        return ">" * depth
    if above.lstrip().startswith("|") and "|" not in line:
        return ""
    is_part = line[0].isspace() or _ITEM.match(line) or depth or not _is_in_item(written)
    return None if is_part or len(above) > _LONGEST_UNWRAPPED or _has_item(following) else ""


def _depth(line: str) -> int:
    """In how many quotes a line stands."""
    found = _QUOTED.match(line)
    return found[0].count(">") if found else 0


def _is_in_item(written: Sequence[str]) -> bool:
    """Whether the last line is of an item of a list: it begins one, or is indented below one."""
    for line in reversed(written):
        if _ITEM.match(line):
            return True
        if not line.strip() or not line[0].isspace():
            return False
    return False


def _has_item(following: Iterable[str]) -> bool:
    """Whether the list goes on before the next empty line."""
    for line in following:
        if not line.strip():
            return False
        if _ITEM.match(line):
            return True
    return False


def _escaped(line: str, previous: str, *, is_item: bool) -> str:
    if not is_item:
        line = _NUMBERED.sub(r"\1\2\\\3", line, count=1) if _NUMBERED.match(line) else line
    if _BLANK.fullmatch(line):
        return line.replace("_", "\\_", 1)
    line = _PLUS.sub(r"\1\\\2", line, count=1) if _PLUS.match(line) else line
    line = _SIGN_AND_NUMBER.sub(r"\1\\\2", line, count=1) if _SIGN_AND_NUMBER.match(line) else line
    # Below a number a minus goes on with a sum.
    is_sum = any(letter.isdigit() for letter in previous) and not _MARKED.match(previous)
    return _MINUS.sub(r"\1\\\2", line, count=1) if is_sum and _MINUS.match(line) else line


def _fenced(lines: Sequence[str]) -> frozenset[int]:
    """The numbers of lines in code blocks, with those that open and close them."""
    inside: set[int] = set()
    fence = ""
    for number, line in enumerate(lines):
        found = _FENCE.match(line)
        if fence:
            inside.add(number)
            if found and found[1].startswith(fence) and not line.strip(" `~"):
                fence = ""
        elif found:
            inside.add(number)
            fence = found[1]
    return frozenset(inside)


@dataclass(frozen=True, slots=True)
class _Item:
    line: int
    number: int
    sign: str
    indent: int


def _items_of_lists(lines: Sequence[str], fenced: frozenset[int]) -> frozenset[int]:
    """The numbers of lines that begin an item of a numbered list: those with the number before or after close by."""
    items = list(_numbered(lines, fenced))
    found: set[int] = set()
    above: dict[tuple[str, int], _Item] = {}
    for item in items:
        key = (item.sign, item.indent)
        last = above.get(key)
        if last and item.line - last.line <= _NEAR and _follows(last.number, item.number):
            found |= {last.line, item.line}
        above[key] = item
    return frozenset(found)


def _follows(first: int, second: int) -> bool:
    # All items are often written with 1.
    return second == first + 1 or first == second == 1


def _numbered(lines: Sequence[str], fenced: frozenset[int]) -> Iterator[_Item]:
    for number, line in enumerate(lines):
        found = _NUMBERED.match(line)
        # `3. 4. 2026` is a date.
        if found and number not in fenced and not _NUMBERED.match(line[found.end() :].lstrip()):
            yield _Item(number, int(found[2]), found[3], len(found[1]))
