"""What is so wide that it pushes what follows it in its line, its row or its grid off the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from selectolax.lexbor import LexborNode
from tinycss2 import ast

from outlook_mcp.text.html.css.conditions import WIDE
from outlook_mcp.text.html.css.lengths import Scale, pixels, token_pixels
from outlook_mcp.text.html.css.tokens import Token, is_symbol, significant, split_at, tokens_of
from outlook_mcp.text.html.room_sizes import display_of
from outlook_mcp.text.html.tags import BLOCKS

_SIDES = ("margin-left", "margin-right", "padding-left", "padding-right", "border-width")
# By them an element takes of its line what is not its text.
PUSHING = frozenset(("width", "min-width", *_SIDES))
_COLUMNS = ("grid-template-columns", "grid-auto-columns", "column-gap")
_CELLS = frozenset({"td", "th"})
_MOST_AROUND, _MOST_REPEATED = 12, 100
# What stands farther to the right is beside the page on most screens.
_EDGE = WIDE - 20.0
# Several elements so wide may do so together.
WIDE_PART = 100.0


def fills_page(width: float) -> bool:
    """Whether what stands behind something so wide is beside the page."""
    return width >= _EDGE


def width_by_style(values: Mapping[str, str], tag: str = "div") -> float:
    """How much of a line an element takes as far as these values tell, in pixels.

    >>> width_by_style({"width": "1300px", "margin-left": "10px"})
    1310.0
    >>> width_by_style({"width": "1300px", "max-width": "100%"})
    0.0
    """
    # A share is one of the box around, which may be narrow.
    told = {name: pixels(values[name], Scale(percent_of=0)) or 0.0 for name in PUSHING if name in values}
    width, most = told.get("width", 0.0), values.get("max-width", "none")
    if "%" in most or tag in _CELLS or display_of(tag, values) == "line":
        width = 0.0  # It is a share of what there is, becomes less where there is less, or is not heeded.
    elif (limit := pixels(most, Scale())) is not None:
        width = min(width, limit)
    return max(0.0, width, told.get("min-width", 0.0)) + sum(max(0.0, told.get(name, 0.0)) for name in _SIDES)


def width_by_attributes(attributes: Mapping[str, str | None]) -> float:
    """How much of a line an element takes by its old attributes, in pixels.

    >>> width_by_attributes({"width": "1300", "hspace": "5"}), width_by_attributes({"width": "100%"})
    (1310.0, 0.0)
    """
    told = ((attributes.get(name) or "").strip().removesuffix("px") for name in ("width", "hspace"))
    width, space = (float(size) if size.isdecimal() and size.isascii() and len(size) < 6 else 0.0 for size in told)
    return width + 2 * space


def follows_in_line(node: LexborNode, other: int) -> bool:
    """Whether an element stands in one line behind its sibling with the `mem_id` of `other`."""
    part = node.prev
    for _ in range(_MOST_AROUND):
        if part is None or part.tag == "br" or part.tag in BLOCKS:
            return False
        if part.mem_id == other:
            return True
        part = part.prev
    return False


def stands_before_cell(node: LexborNode) -> bool:
    """Whether a cell follows in a row that an element stands in."""
    part: LexborNode | None = node
    for _ in range(_MOST_AROUND):
        if part is None:
            return False
        following = part.next if part.tag in _CELLS else None
        while following is not None and following.tag not in _CELLS:
            following = following.next
        if following is not None:
            return True
        part = part.parent
    return False


def has_column_beside_page(values: Mapping[str, str]) -> bool:
    """Whether a column of a grid begins beside the page, as far as the widths of those before it are told.

    >>> has_column_beside_page({"grid-template-columns": "repeat(3, 700px)"})
    True
    >>> has_column_beside_page({"grid-template-columns": "600px minmax(100px, 1fr)"})
    False
    """
    told = [_widths(tokens_of(values[name])) for name in _COLUMNS if name in values]
    return any(fills_page(max(sum(widths[:-1]), *widths)) for widths in told if widths)


def _widths(tokens: Sequence[Token]) -> list[float]:
    """Of each column; 0 for one that is as wide as its content or as the rest of the page."""
    found: list[float] = []
    for token in tokens:
        if not isinstance(token, ast.FunctionBlock) or token.lower_name not in ("repeat", "minmax"):
            if not isinstance(token, ast.SquareBracketsBlock) and not is_symbol(token, "/"):
                found.append(token_pixels(token, Scale()) or 0.0)
            continue
        first, *others = split_at(significant(token.arguments), ",")
        if token.lower_name == "minmax":
            found += _widths(first)[:1]
        elif others:
            count = token_pixels(first[0], Scale()) if first else None
            found += _widths(others[0]) * min(_MOST_REPEATED, max(1, int(count or 1)))
    return found
