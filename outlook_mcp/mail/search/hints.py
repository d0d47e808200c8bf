"""What the words of a search may have been meant for, where they are looked for as words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from outlook_mcp.mail.search.conditions import PEOPLE
from outlook_mcp.mail.search.fields import DATE_FIELDS, WORD_FIELDS, squeezed
from outlook_mcp.mail.search.tokens import Token

_JOINED = re.compile(r"[^\W\d_]{2,}(?:[,;][^\W\d_]{2,})+")
_STATES = {"unread": "is:unread", "flagged": "is:flagged"}
_DAYS = frozenset({"today", "yesterday"})


def hints_of(tokens: Sequence[Token]) -> Iterator[str]:
    """Sentences on words that have another form than what they may have been meant for, each once.

    >>> from outlook_mcp.mail.search.tokens import tokens_of
    >>> list(hints_of(tokens_of("subject:budget,invoice")[0]))
    ['`budget,invoice` was looked for as one; for either of them write (budget OR invoice).']
    >>> list(hints_of(tokens_of("unread from bob")[0]))
    ['`unread` was looked for as a word; write is:unread.', '`from` was looked for as a word; write from:bob.']
    """
    yield from dict.fromkeys(filter(None, (_hint(tokens, number) for number in range(len(tokens)))))


def _hint(tokens: Sequence[Token], number: int) -> str:
    token = tokens[number]
    before = tokens[number - 1] if number else None
    after = tokens[number + 1] if number + 1 < len(tokens) else None
    field = squeezed(before.text) if before is not None and before.kind == "field" else ""
    if token.kind == "field":
        return _second_sender(tokens, number)
    if token.kind != "word":
        return ""
    if _JOINED.fullmatch(token.text) and WORD_FIELDS.get(field) not in PEOPLE:
        either = " OR ".join(re.split("[,;]", token.text))
        return f"`{token.text}` was looked for as one; for either of them write ({either})."
    word = token.text.casefold()
    if field:
        return ""
    if word == "from" and after is not None and after.kind == "word":
        return f"`{token.text}` was looked for as a word; write from:{after.text}."
    is_day = word in _DAYS and not _is_in_a_date(tokens, number)
    meant = _STATES.get(word) or (f"date:{word}" if is_day else "")
    return f"`{token.text}` was looked for as a word; write {meant}." if meant else ""


def _is_in_a_date(tokens: Sequence[Token], number: int) -> bool:
    """Whether the words before it go back to a field of a date, as in `before:the day before yesterday`."""
    start = number
    while start and tokens[start].kind == "word":
        start -= 1
    return tokens[start].kind == "field" and squeezed(tokens[start].text) in DATE_FIELDS


def _second_sender(tokens: Sequence[Token], number: int) -> str:
    """Of a second `from:` right behind the value of the first."""
    names = [squeezed(token.text) if token.kind == "field" else "" for token in tokens[: number + 1]]
    if names[number] != "from" or number < 2 or names[number - 2] != "from":
        return ""
    return "A message has one sender; for any of several write from:(a OR b)."
