"""The room that the items of a flex container leave each other, as far as their sizes are told."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import islice
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from outlook_mcp.text.html.css.box import Box
from outlook_mcp.text.html.css.box_values import SIDES
from outlook_mcp.text.html.css.conditions import WIDE
from outlook_mcp.text.html.css.declarations import SCROLLING
from outlook_mcp.text.html.css.lengths import Scale, pixels

Values = Mapping[str, str]
# More items of one container are not looked at.
_MOST_ITEMS = 60
# A text longer than this fills any container. The nodes that are looked through for it are so many of one item, and of
# all in a document; the items behind those are taken to be wide.
_LONGEST_TEXT, _MOST_NODES, _MOST_LOOKED_THROUGH = 400, 200, 50_000
# Less room than this shows no word, and letters are at least so wide, as a part of the size of the font.
_LITTLE, _LETTER, _LINE = 7.0, 0.4, 1.1
_MOST_AROUND = 8
_PICTURES = frozenset({"img", "svg", "video", "canvas", "iframe", "object", "table"})
_CUTTING = SCROLLING | {"hidden", "clip"}


class _Item(NamedTuple):
    """`least` is what of its container an item takes in any case, in pixels, with its margins."""

    least: float
    own_sides: float


class _Container(NamedTuple):
    """`size` is that of the container, infinite where none is told; `cuts` tells that it cuts off what overflows.

    What is behind the `edge` is not seen.
    """

    items: Mapping[int, tuple[float, _Item]]
    total: float
    size: float
    cuts: bool
    aligned: bool
    edge: float


_NO_CONTAINER = _Container({}, 0.0, math.inf, False, False, math.inf)


class FlexItems:
    """Which items of flex containers may be squeezed to nothing by others, or pushed out of what their box shows."""

    def __init__(self, values_of: Callable[[LexborNode], Values]) -> None:
        """`values_of` gives all declared values of an element."""
        self._values_of = values_of
        self._known: dict[int, _Container] = {}
        self._looked_through = 0

    def has_no_room(self, node: LexborNode, around: Box) -> bool:
        """Whether nothing may be seen of an item in a container that has the box `around`."""
        parent = node.parent
        if parent is None:
            return False
        container = self._known.get(parent.mem_id)
        if container is None:
            container = self._known[parent.mem_id] = self._measured(parent, around)
        if node.mem_id not in container.items:
            is_beyond = len(container.items) == _MOST_ITEMS
            return is_beyond and (container.cuts or _may_be_squeezed(self._values_of(node)))
        before, item = container.items[node.mem_id]
        room = container.size - _LITTLE
        if before >= container.edge or (container.aligned and container.total > container.edge + _LITTLE):
            return True
        others = container.total - item.least + item.own_sides
        return others >= room and _may_be_squeezed(self._values_of(node))

    def _measured(self, parent: LexborNode, around: Box) -> _Container:
        values = self._values_of(parent)
        is_column = values.get("flex-direction", "row").startswith("column")
        side = "height" if is_column else "width"
        size, cuts = self._size_of(parent, values, around, side)
        if "wrap" in values.get("flex-wrap", "nowrap").replace("nowrap", "") or math.isinf(size):
            return _NO_CONTAINER
        scale = Scale(around.font, around.root_font, percent_of=size)
        gap = pixels(values.get("row-gap" if is_column else "column-gap", ""), scale) or 0.0
        items: dict[int, tuple[float, _Item]] = {}
        total = 0.0
        child = parent.first_child
        while child is not None and len(items) < _MOST_ITEMS:
            if child.tag == "-text" and not is_column:
                longest = max(map(len, (child.text_content or "")[:_LONGEST_TEXT].split()), default=0)
                total += longest * _LETTER * scale.font
            elif (child.tag or "-")[0] != "-":
                item = self._item(child, side, scale)
                items[child.mem_id] = total, item
                total += item.least + gap
            child = child.next
        is_reversed = "reverse" in values.get("flex-direction", "")
        aligned = is_reversed or "justify-content" in values or self._has_order(parent)
        edge = size if cuts else math.inf if is_column else WIDE
        return _Container(items, total - gap, size, cuts, aligned, edge - _LITTLE)

    def _size_of(self, node: LexborNode, values: Values, around: Box, side: str) -> tuple[float, bool]:
        """The size of a container, and whether what overflows it is cut off by it or a box around it."""
        shown = around.clip.width if side == "width" else around.clip.height
        cuts = not math.isinf(shown) or values.get(f"overflow-{'x' if side == 'width' else 'y'}", "") in _CUTTING
        sizes = [shown, *_told(values, side, around)]
        outer, level = node.parent, 0
        while side == "width" and outer is not None and level < _MOST_AROUND and (outer.tag or "-")[0] != "-":
            sizes += _told(self._values_of(outer), side, around)
            attribute = (outer.attributes.get(side) or "")[:6]
            sizes += [float(attribute)] if attribute.isdecimal() and attribute.isascii() else []
            outer, level = outer.parent, level + 1
        return min(min(sizes), WIDE if side == "width" else math.inf), cuts

    def _has_order(self, parent: LexborNode) -> bool:
        child, seen = parent.first_child, 0
        while child is not None and seen < _MOST_ITEMS:
            seen += 1
            if (child.tag or "-")[0] != "-" and "order" in self._values_of(child):
                return True
            child = child.next
        return False

    def _item(self, node: LexborNode, side: str, scale: Scale) -> _Item:
        values = self._values_of(node)
        if values.get("position") in ("absolute", "fixed") or values.get("display") == "none":
            return _Item(0.0, 0.0)
        names = [f"{prefix}-{end}" for prefix in ("margin", "padding") for end in SIDES[side]]
        sides = sum(max(0.0, pixels(values.get(name, ""), scale) or 0.0) for name in (*names, "border-width"))
        least = pixels(values.get(f"min-{side}", ""), scale) or 0.0
        told = [pixels(values.get(name, ""), scale) for name in ("flex-basis", side)]
        sizes = [size for size in told if size is not None]
        attribute = (node.attributes.get(side) or "")[:6]
        sizes += [float(attribute)] if attribute.isdecimal() and attribute.isascii() else []
        keeps = not (pixels(values.get("flex-shrink", "1"), Scale()) or 0.0)
        if sizes and (keeps or node.tag in _PICTURES):
            least = max(least, sizes[0])
        elif side == "height" and not (_may_be_squeezed(values) and not keeps):
            least = max(least, _LINE * scale.font if self._letters_in(node) else 0.0)
        elif side == "width" and (keeps or "nowrap" in values.get("white-space", "")):
            fits = _may_be_squeezed(values) and not keeps
            least = max(least, 0.0 if fits else self._letters_in(node) * _LETTER * scale.font)
        return _Item(least + sides, sides)

    def _letters_in(self, node: LexborNode) -> int:
        letters = 0
        for part in islice(node.traverse(include_text=True), _MOST_NODES):
            self._looked_through += 1
            if self._looked_through > _MOST_LOOKED_THROUGH or letters > _LONGEST_TEXT:
                return _LONGEST_TEXT
            if part.tag == "-text":
                letters += len(" ".join((part.text_content or "")[:_LONGEST_TEXT].split()))
        return letters


def _told(values: Values, side: str, around: Box) -> list[float]:
    """The widths or heights that an element has at most, as far as they are told in other units than percent."""
    scale = Scale(around.font, around.root_font)
    told = (pixels(values.get(name, ""), scale) for name in (side, f"max-{side}") if "%" not in values.get(name, ""))
    return [size for size in told if size is not None]


def _may_be_squeezed(values: Values) -> bool:
    """Whether an item may become smaller than its text."""
    if not _CUTTING.isdisjoint((values.get("overflow-x"), values.get("overflow-y"))) or "contain" in values:
        return True
    return any(values.get(f"min-{side}", "auto")[:1] in ("0", ".") for side in SIDES)
