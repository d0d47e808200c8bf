"""What stands before the items of a list: a dash, or the number that a mail program shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from selectolax.lexbor import LexborNode
from tinycss2 import ast

from outlook_mcp.text.html.css.counter_styles import CounterStyle
from outlook_mcp.text.html.css.tokens import tokens_of
from outlook_mcp.text.html.hints import Attributes

Declared = Mapping[str, str]
_NUMBER = re.compile(r"\s*([-+]?\d{1,6})\s*", re.ASCII)
# What a style does to the counter that the numbers of items are.
_OF_ITEMS = re.compile(r"(?<![\w-])list-item(?:\s+([-+]?\d{1,6}))?(?![\w-])")
_LISTS = ("ol", "ul", "menu", "dir")
_STYLE = re.compile(
    r"\b(none|disc|circle|square|decimal(?:-leading-zero)?|lower-greek|(?:lower|upper)-(?:alpha|latin|roman))\b"
)
_WITHOUT_NUMBERS = frozenset({"none", "disc", "circle", "square"})
_LATIN = "abcdefghijklmnopqrstuvwxyz"
_GREEK = "αβγδεζηθικλμνξοπρστυφχψω"
_ROMAN = tuple(
    zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i"),
        strict=True,
    )
)
_MOST_ROMAN = 3_999


def letters(number: int, alphabet: str = _LATIN) -> str:
    """A number as letters of an alphabet.

    >>> letters(1), letters(28), letters(25, "αβγδεζηθικλμνξοπρστυφχψω")
    ('a', 'ab', 'αα')
    """
    written = ""
    while number > 0:
        number, place = divmod(number - 1, len(alphabet))
        written = alphabet[place] + written
    return written


def roman(number: int) -> str:
    """A number as a Roman one.

    >>> roman(1994)
    'mcmxciv'
    """
    if number > _MOST_ROMAN:
        return str(number)
    written = ""
    for value, sign in _ROMAN:
        count, number = divmod(number, value)
        written += sign * count
    return written


_KINDS: dict[str, Callable[[int], str]] = {
    "a": letters,
    "A": lambda number: letters(number).upper(),
    "i": roman,
    "I": lambda number: roman(number).upper(),
    "1": str,
    "decimal": str,
    "decimal-leading-zero": lambda number: f"{number:02}",
    "lower-greek": lambda number: letters(number, _GREEK),
    "lower-alpha": letters,
    "lower-latin": letters,
    "upper-alpha": lambda number: letters(number).upper(),
    "upper-latin": lambda number: letters(number).upper(),
    "lower-roman": roman,
    "upper-roman": lambda number: roman(number).upper(),
}


def formatted(number: int, kind: str) -> str:
    """A number as a list or counter of that kind shows it.

    >>> formatted(4, "upper-roman"), formatted(0, "a"), formatted(4, "unknown")
    ('IV', '0', '4')
    """
    return _KINDS.get(kind, str)(number) if number > 0 else str(number)


class Numbering:
    """The items of one list, told one after the other."""

    def __init__(
        self,
        node: LexborNode,
        tag: str,
        attributes: Attributes,
        declared: Declared,
        styles: Mapping[str, CounterStyle] | None = None,
    ) -> None:
        """`styles` are the kinds of numbers that the sheets of the message define."""
        self._styles = styles or {}
        self._own = self._own_style(declared)
        self._text = _text_in(declared)
        self._kind = _kind_of(attributes, declared) or ("decimal" if tag == "ol" else "none")
        self._step = -1 if "reversed" in attributes else 1
        start = _number(attributes.get("start"))
        reset = _OF_ITEMS.search(declared.get("counter-reset", ""))
        if reset:
            start = int(reset[1] or 0) + self._step
        if start is None:
            start = _items_in(node) if self._step < 0 else 1
        self._next = start

    def text(self, declared: Declared) -> str:
        """The text that a style puts before the next item in place of a number."""
        return "" if declared.get("display", "list-item") != "list-item" else _text_in(declared) or self._text

    def _counted(self, declared: Declared) -> int:
        """The number of the next item, as far as its style does not count otherwise."""
        step = _OF_ITEMS.search(declared.get("counter-increment", ""))
        counted = self._next - self._step + int(step[1] or 1) if step else self._next
        fixed = _OF_ITEMS.search(declared.get("counter-set", ""))
        return int(fixed[1] or 0) if fixed else counted

    def _own_style(self, declared: Declared) -> CounterStyle | None:
        if not self._styles:
            return None
        words = declared.get("list-style-type", "").lower().split()
        return next((self._styles[word] for word in words if word in self._styles), None)

    def bullet(self, attributes: Attributes, declared: Declared) -> str:
        """What stands before the next item, whose attributes and declared values are given."""
        if declared.get("display", "list-item") != "list-item":
            return "-"  # It has no mark, but stands in the list still.
        if self.text(declared):
            return "-"
        value = _number(attributes.get("value"))
        number = self._counted(declared) if value is None else value
        self._next = number + self._step
        own = self._own_style(declared) or self._own
        if own is not None:
            return f"{own.prefix}{own.text(number)}{own.suffix}".strip() or "-"
        kind = _kind_of(attributes, declared) or self._kind
        return "-" if kind == "none" else f"{formatted(number, kind)}."


def _text_in(declared: Declared) -> str:
    """What `list-style-type` gives as the mark itself."""
    style = declared.get("list-style-type", "")
    return "".join(token.value for token in tokens_of(style) if isinstance(token, ast.StringToken))


def _kind_of(attributes: Attributes, declared: Declared) -> str:
    """How a list or one item of it is numbered: a key of _KINDS, "none", or "" where nothing says so."""
    style = _STYLE.search(declared.get("list-style-type", "").lower())
    kind = style[1] if style else attributes.get("type") or ""
    if kind.lower() in _WITHOUT_NUMBERS:
        return "none"
    return kind if kind in _KINDS else ""


def _number(value: str | None) -> int | None:
    found = _NUMBER.fullmatch(value or "")
    return int(found[1]) if found else None


def _items_in(node: LexborNode) -> int:
    """How many items a list has, of which some may stand in other elements, but not those of the lists in it."""
    count, waiting = 0, [node.first_child]
    while waiting:
        child = waiting.pop()
        while child is not None:
            count += child.tag == "li"
            if child.tag not in _LISTS:
                waiting.append(child.first_child)
            child = child.next
    return count
