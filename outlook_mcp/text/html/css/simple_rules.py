"""Rules whose selector is no more than a tag, classes and an id, found by those of an element."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from outlook_mcp.text.html.css.selectors import COMPOUND, PIECE

_SIMPLE = re.compile(COMPOUND, re.ASCII)
# Python takes more characters for white space than HTML does.
_NAME = re.compile(r"[^ \t\n\f\r]+")


def is_simple(selector: str) -> bool:
    """Whether the rules of a selector can be found here.

    >>> is_simple("td.price#total"), is_simple("td > .price"), is_simple("*")
    (True, False, True)
    """
    return _SIMPLE.fullmatch(selector) is not None


class SimpleRules:
    """The numbers of such rules. Those of elements with the same tag, id and classes are looked for once."""

    def __init__(self, selectors: Iterable[tuple[int, str]], *, quirks: bool) -> None:
        """`selectors` are simple ones with the numbers of their rules."""
        self._quirks = quirks
        # By a piece that few elements have.
        self._rules: defaultdict[str, list[tuple[int, frozenset[str]]]] = defaultdict(list)
        for number, selector in selectors:
            pieces = frozenset(self._comparable(piece) for piece in PIECE.findall(selector))
            self._rules[min(pieces - {"*"}, default="*")].append((number, pieces))
        self._known: dict[tuple[str, str, str], tuple[int, ...]] = {}

    @property
    def size(self) -> int:
        """How many different elements are known by now."""
        return len(self._known)

    def rules_of(self, tag: str, identifier: str, classes: str) -> tuple[int, ...]:
        """The rules about elements with these attributes, in order."""
        key = tag, identifier, classes
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._rules_with(tag, identifier, classes)
        return found

    def _rules_with(self, tag: str, identifier: str, classes: str) -> tuple[int, ...]:
        pieces = {"*", _small(tag), *(self._comparable(f".{name}") for name in _NAME.findall(classes))}
        if identifier:
            pieces.add(self._comparable(f"#{identifier}"))
        known = (self._rules[piece] for piece in pieces if piece in self._rules)
        return tuple(sorted(number for rules in known for number, wanted in rules if wanted <= pieces))

    def _comparable(self, piece: str) -> str:
        """Letters of names count the same in both cases, and in some documents those of classes and ids too."""
        return _small(piece) if self._quirks or piece[0] not in ".#" else piece


def _small(text: str) -> str:
    """In small letters, of which CSS knows those of ASCII alone."""
    return text.lower() if text.isascii() else text.encode("utf-8", "replace").lower().decode()
