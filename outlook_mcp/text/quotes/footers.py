"""What stands below the text of a message and is no part of it: signatures and the lines of mailing lists."""

from __future__ import annotations

import re
from collections.abc import Sequence

from outlook_mcp.text.characters import count_visible
from outlook_mcp.text.quotes.quoted_lines import is_quoted

# What begins a signature (RFC 3676, 4.3) or the lines of a list: two hyphens, a rule, or a lone address.
_BEGINNING = re.compile(r"\s*(?:--\s?|_{3,}|-{3,}|={3,}|[-_=~]{5,}[^\n]{1,60}[-_=~>]{3,}|https?://\S+)\s*")
_LONGEST_SIGNATURE_LINES = 8
_LONGEST_LIST_LINES = 15
_MOST_LINES = 60
# Words of Mailman, Sympa, LISTSERV, Google, Yahoo and Groups.io; their addresses are the same in all languages.
_OF_A_LIST = re.compile(
    r"mailman|listinfo|listserv|sympa|unsubscri|mailing[ -]list|list (?:maintainer|archive|info)"
    r"|(?:google|yahoo!?|e) ?groups|groups\.(?:io|google|yahoo)",
    re.I,
)
_ADDRESS = re.compile(r"https?://|\S@\S|www\.", re.I)
_BLANK_LINE = re.compile(r"\n\s*\n")
_LONGEST_BEGINNING = 200


def list_footer_start(lines: Sequence[str]) -> int:
    """The index of the first line of what mailing lists add to the end; `len(lines)` if there is none."""
    start = number = len(lines)
    # Each look at a beginning reads the whole block below it.
    top = max(0, number - _MOST_LINES)
    spoken = 0
    while number > top and spoken < _LONGEST_LIST_LINES and not is_quoted(lines[number - 1]):
        number -= 1
        line = lines[number].strip()
        spoken += bool(line)
        if line and len(line) <= _LONGEST_BEGINNING and _BEGINNING.fullmatch(line) and _is_of_list(lines[number:]):
            start, spoken = number, 0
    return start


def signature_start(lines: Sequence[str]) -> int:
    """The index of a signature right below the last quoted line; `len(lines)` if there is none."""
    last = next((number for number in reversed(range(len(lines))) if is_quoted(lines[number])), len(lines))
    below = [line for line in lines[last + 1 :] if line.strip()]
    is_one = 0 < len(below) <= _LONGEST_SIGNATURE_LINES and _BEGINNING.fullmatch(below[0])
    return last + 1 if is_one else len(lines)


def drop_list_footer(text: str) -> tuple[str, int]:
    """The text without the lines of mailing lists at its end, and how many characters these have.

    >>> drop_list_footer("Yes.\\n\\n-- \\nA list: https://lists.example/mailman/listinfo/a")
    ('Yes.', 48)
    """
    lines = text.split("\n")
    start = list_footer_start(lines)
    kept = "\n".join(lines[:start]).rstrip()
    if start == len(lines) or not count_visible(kept):
        return text, 0
    return kept, count_visible("\n".join(lines[start:]))


def _is_of_list(lines: Sequence[str]) -> bool:
    """Every paragraph says something of a list, and there is an address."""
    block = "\n".join(lines).strip()
    return bool(_ADDRESS.search(block)) and all(map(_OF_A_LIST.search, _BLANK_LINE.split(block)))
