"""Which lines of a quote differ from the mail that it quotes: somebody may have edited it or written between them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from outlook_mcp.text.quotes.history import history_headers

# Numbers of links, which differ from message to message, and what programs put before quoted lines and points.
_MARKS = re.compile(r"\[\d{1,3}\]|[>*_|#\u2022\u00b7]|^[\s>]*[-+](?=\s)", re.M)
_WORD = re.compile(r"\w+|[^\w\s]")
_PLAIN_QUOTATION_MARKS = str.maketrans("‘’‚“”„«»–—−", '\'\'\'"""""---')
# A line of fewer words may stand anywhere in other mail, so it counts with its neighbour.
_FEWEST_WORDS = 4
_MOST_CHARS = 400_000
_MOST_LINES = 6_000
# Characters that all searches may pass over: about a third of a second.
_MOST_SEARCHED = 300_000_000


def differing_lines(whole: str, shown: str, known: Sequence[str]) -> list[str] | None:
    """The lines of `whole` that stand neither in `shown` nor in one of the `known` messages, without their marks.

    Lines may be broken elsewhere and have other marks of quotes. Lines that say who wrote a quoted message count as
    known. None if the texts are too long to compare.

    >>> differing_lines("Yes.\\n\\n> It costs 9000.\\n> Until Friday.", "Yes.", ["It costs 5000.\\nUntil Friday."])
    ['It costs 9000.']
    """
    lines = whole.split("\n")
    if len(lines) > _MOST_LINES or sum(map(len, known)) + len(whole) > _MOST_CHARS:
        return None
    texts = [_words(text) for text in (shown, *known)]
    paragraphs = {_words(line) for text in (shown, *known) for line in text.split("\n")}
    size = sum(map(len, texts))
    numbers, keys = [], []
    for number, line in enumerate(lines):
        if key := _words(line):
            numbers.append(number)
            keys.append(key)
    searched = 0
    found: list[int] = []
    for place, key in enumerate(keys):
        if key in paragraphs:
            continue
        searches = list(_searches(keys, place))
        searched += size * len(searches)
        if searched > _MOST_SEARCHED:
            return None
        if not any(words in text for words in searches for text in texts):
            found.append(numbers[place])
    headers = history_headers(lines) if found else set()
    return [lines[number].strip("> \t") for number in found if number not in headers]


def _searches(keys: Sequence[str], place: int) -> Iterator[str]:
    """What has to stand in a known message: the words of a line, of a short one with those next to it."""
    key = keys[place]
    if key.count(" ") - 1 >= _FEWEST_WORDS:
        yield key
        return
    if place:
        yield keys[place - 1] + key[1:]
    if place + 1 < len(keys):
        yield key + keys[place + 1][1:]


def _words(text: str) -> str:
    """All words and signs in small letters, with a space before, between and after them; "" if there is none."""
    text = unicodedata.normalize("NFKC", text).translate(_PLAIN_QUOTATION_MARKS).casefold()
    words = " ".join(_WORD.findall(_MARKS.sub(" ", text)))
    return words and f" {words} "
