"""Which lines of a quote differ from the mail that it quotes: somebody may have edited it or written between them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from outlook_mcp.text.quotes.history import history_headers

# Numbers of links, which differ from message to message, and what programs put before quoted lines and points.
_MARKS = re.compile(r"\[\d{1,3}\]|[>*_|#\u2022\u00b7]|^[\s>]*[-+](?=\s)", re.M)
_WORD = re.compile(r"\w+|[^\w\s]")
_PLAIN_QUOTATION_MARKS = str.maketrans("‘’‚“”„«»–—−", '\'\'\'"""""---')
# A line of fewer words may stand anywhere in other mail, so it counts with its neighbour.
_FEWEST_WORDS = 4
_MOST_CHARS = 400_000
_MOST_LINES = 6_000
# Characters that all searches of one answer may pass over, and those of all its texts: about a second each.
_MOST_SEARCHED, _MOST_READ = 900_000_000, 10_000_000


class _Text(NamedTuple):
    """All words of a text, and those of each of its lines."""

    words: str
    lines: Sequence[str]


class Comparisons:
    """Compares the messages of one answer, whose texts are the known ones of each other. Each is read once."""

    def __init__(self) -> None:
        self._known: dict[str, _Text] = {}
        self._read = self._searched = 0

    def differing_lines(self, whole: str, shown: str, known: Sequence[str]) -> list[str] | None:
        """The lines of `whole` that stand neither in `shown` nor in one of the `known` messages, without their marks.

        Lines may be broken elsewhere and have other marks of quotes. Lines that say who wrote a quoted message count as
        known. None if the texts are too long to compare.

        >>> whole, known = "Yes.\\n\\n> It costs 9000.\\n> Until Friday.", ["It costs 5000.\\nUntil Friday."]
        >>> Comparisons().differing_lines(whole, "Yes.", known)
        ['It costs 9000.']
        """
        lines = whole.split("\n")
        if len(lines) > _MOST_LINES or sum(map(len, known)) + len(whole) > _MOST_CHARS or self._read > _MOST_READ:
            return None
        texts = [self._words_of(text) for text in (shown, *known)]
        paragraphs = {line for text in texts for line in text.lines}
        numbered = [(number, key) for number, key in enumerate(self._words_of(whole).lines) if key]
        found = self._unknown([key for _, key in numbered], paragraphs, [text.words for text in texts])
        if found is None:
            return None
        numbers = [numbered[place][0] for place in found]
        headers = history_headers(lines) if numbers else set()
        return [lines[number].strip("> \t") for number in numbers if number not in headers]

    def _unknown(self, keys: Sequence[str], paragraphs: Collection[str], texts: Sequence[str]) -> list[int] | None:
        """The places of those that stand nowhere; None where all texts are too long to look."""
        size = sum(map(len, texts))
        found: list[int] = []
        for place, key in enumerate(keys):
            if key in paragraphs:
                continue
            searches = list(_searches(keys, place))
            self._searched += size * len(searches)
            if self._searched > _MOST_SEARCHED:
                return None
            if not any(words in text for words in searches for text in texts):
                found.append(place)
        return found

    def _words_of(self, text: str) -> _Text:
        known = self._known.get(text)
        if known is None:
            self._read += len(text)
            lines = [_words(line) for line in text.split("\n")]
            known = self._known[text] = _Text(f" {' '.join(filter(None, map(str.strip, lines)))} ", lines)
        return known


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
