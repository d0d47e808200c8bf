"""Numbers that CSS counts and writes before or after elements (`counter-increment`, `counter()`)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tinycss2 import ast

from outlook_mcp.text.html.css.counter_styles import CounterStyle
from outlook_mcp.text.html.css.tokens import Token, is_ident, significant, split_at, text_of, tokens_of
from outlook_mcp.text.html.numbering import formatted

_PAIR = re.compile(r"([a-z_][\w-]*)(?:\s+([-+]?\d{1,9}))?(?=\s|$)")
_MOST = 200


class Counters:
    """The counters of one walk. Each is known from the element that sets it to the end of that element's parent."""

    def __init__(self, styles: Mapping[str, CounterStyle] | None = None) -> None:
        """`styles` are those that the sheets of the message define."""
        self._styles = styles or {}
        self._open: list[tuple[str, int]] = []

    @property
    def level(self) -> int:
        """How many counters are known; what `count` takes for the children of an element, and `close` at their end."""
        return len(self._open)

    def close(self, level: int) -> None:
        """Forgets the counters of children whose parent ends."""
        del self._open[level:]

    def count(self, declared: Mapping[str, str], level: int) -> None:
        """Sets and counts as the declared values of an element say; `level` is that of its parent's children."""
        for name, value in _PAIR.findall(declared.get("counter-reset", "")):
            if name != "none" and len(self._open) < _MOST:
                older = [place for place in range(level, len(self._open)) if self._open[place][0] == name]
                del self._open[older[0] if older else len(self._open) :]
                self._open.append((name, int(value or 0)))
        for property_name, is_step in (("counter-increment", True), ("counter-set", False)):
            for name, value in _PAIR.findall(declared.get(property_name, "")):
                if name != "none":
                    self._change_counter(name, int(value or is_step), is_step=is_step)

    def _change_counter(self, name: str, number: int, *, is_step: bool) -> None:
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place][0] == name:
                self._open[place] = (name, self._open[place][1] * is_step + number)
                return
        if len(self._open) < _MOST:
            self._open.append((name, number))

    def content(self, value: str, attributes: Mapping[str, str | None], quotes: str = "") -> str:
        """The text that a value of `content` makes of strings, counters and attributes of the element, and `quotes`.

        >>> Counters().content('attr(title) ": No. " counter(x, upper-roman) "." / "spoken"', {"title": "Page"})
        'Page: No. 0.'
        """
        shown = split_at(tokens_of(value), "/")[0]
        return "".join(
            quote_in(quotes, is_end=token.lower_value == "close-quote")
            if is_ident(token, "open-quote", "close-quote")
            else self._written(token, attributes)
            for token in shown
        )

    def _written(self, token: Token, attributes: Mapping[str, str | None]) -> str:
        if isinstance(token, ast.StringToken):
            text: str = token.value
            return text
        if isinstance(token, ast.FunctionBlock) and token.lower_name == "attr":
            asked, *others = split_at(significant(token.arguments), ",")
            given = attributes.get(text_of(asked).lower()) if len(asked) == 1 else None
            fallback = others[0] if others and given is None else ()
            return given or "".join(self._written(part, {}) for part in fallback)
        if not isinstance(token, ast.FunctionBlock) or token.lower_name not in ("counter", "counters"):
            return ""
        words = [
            part.value
            for argument in split_at(token.arguments, ",")
            for part in argument
            if isinstance(part, ast.IdentToken | ast.StringToken)
        ]
        name = words[0].lower() if words else ""
        values = [number for known, number in self._open if known == name] or [0]
        is_nested = token.lower_name == "counters"
        style = words[1 + is_nested].lower() if len(words) > 1 + is_nested else "decimal"
        own = self._styles.get(style)
        numbers = [own.text(number) if own else formatted(number, style) for number in values]
        return (words[1] if len(words) > 1 else "").join(numbers) if is_nested else numbers[-1]


def quote_in(quotes: str, *, is_end: bool) -> str:
    """The mark before or behind a quotation as the value of `quotes` has it.

    >>> quote_in("", is_end=False), quote_in("'<<' '>>'", is_end=True), quote_in("none", is_end=True)
    ('“', '>>', '')
    """
    if quotes in ("", "auto", "initial"):
        return "”" if is_end else "“"
    marks = [token.value for token in tokens_of(quotes) if isinstance(token, ast.StringToken)]
    return marks[is_end] if len(marks) > 1 else ""
