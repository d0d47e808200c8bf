"""The signs that `@counter-style` gives numbers."""

from __future__ import annotations

from typing import NamedTuple

from tinycss2 import ast

from outlook_mcp.text.html.css.declarations import plain_declarations
from outlook_mcp.text.html.css.tokens import tokens_of

_LONGEST, _MOST_SYMBOLS, _MOST_SIGNS = 40, 200, 12


class CounterStyle(NamedTuple):
    """`system` is a word such as `cyclic`; a style without symbols of its own shows plain numbers."""

    system: str
    symbols: tuple[str, ...]
    prefix: str
    suffix: str

    def text(self, number: int) -> str:
        """A number with neither prefix nor suffix.

        >>> CounterStyle("cyclic", ("a", "b"), "", "").text(3), CounterStyle("fixed", ("a",), "", "").text(2)
        ('a', '2')
        """
        count = len(self.symbols)
        if number < 1 or not count or (self.system == "fixed" and number > count):
            return str(number)
        if self.system in ("alphabetic", "numeric") and count > 1:
            return self._in_places(number, shift=self.system == "alphabetic")
        repeated = 1 + (number - 1) // count if self.system == "symbolic" else 1
        return self.symbols[(number - 1) % count] * min(repeated, _MOST_SIGNS)

    def _in_places(self, number: int, *, shift: bool) -> str:
        written = ""
        while number > 0 and len(written) < _LONGEST:
            number, place = divmod(number - shift, len(self.symbols))
            written = self.symbols[place] + written
        return written


def parse_counter_style(block: str) -> CounterStyle:
    """The style of the block of a rule."""
    values = plain_declarations(block)
    system = values.get("system", "symbolic").split()
    return CounterStyle(
        system[0].lower() if system else "symbolic",
        _strings(values.get("symbols", ""))[:_MOST_SYMBOLS],
        "".join(_strings(values.get("prefix", ""))),
        "".join(_strings(values["suffix"])) if "suffix" in values else ". ",
    )


def _strings(value: str) -> tuple[str, ...]:
    tokens = [token for token in tokens_of(value) if isinstance(token, ast.StringToken | ast.IdentToken)]
    return tuple(token.value[:_LONGEST] for token in tokens)
