"""The room in an element that cuts off what does not fit into it."""

from __future__ import annotations

import math
from collections.abc import Mapping

from outlook_mcp.text.html.css.box import Box
from outlook_mcp.text.html.css.conditions import WIDE
from outlook_mcp.text.html.css.declarations import SCROLLING
from outlook_mcp.text.html.css.hiding import cuts_off
from outlook_mcp.text.html.css.lengths import Scale, pixels
from outlook_mcp.text.html.hints import Attributes
from outlook_mcp.text.html.room import Room
from outlook_mcp.text.html.room_sizes import LINE, is_pulling
from outlook_mcp.text.html.writer import TextWriter

_CUTTING = frozenset({"hidden", "clip"})
# Of a box that is scrolled, only one that is lower than some lines is not taken for a way to show all.
_LOW = 60.0
# What becomes of text in narrower boxes is known from their size alone.
_LITTLE = 7.0
# Of what is deeper only boxes so small are looked at, in which everything may be cut off.
_DEEPEST, _SMALL = 4, 100.0
_ALIGNING = frozenset({"align-content", "align-items", "align-self"})
_PADDINGS = ("padding-left", "padding-top")


def room_in(
    tag: str,
    attributes: Attributes,
    box: Box,
    declared: Mapping[str, str],
    around: Room | None,
    writer: TextWriter,
    values: Mapping[str, str],
) -> Room | None:
    """The room in a box with these declared values, or that in the one around it; `values` are all there are."""
    overflow = {declared.get("overflow-x", ""), declared.get("overflow-y", "")}
    overflow |= {"hidden"} if cuts_off(declared) else set()
    is_low = min(box.clip.width, box.clip.height) < _LOW and not SCROLLING.isdisjoint(overflow)
    if not (is_low or not _CUTTING.isdisjoint(overflow)):
        return around
    clamped = declared.get("line-clamp", "")
    height = int(clamped[:3]) * LINE * box.font if clamped.isdecimal() and clamped.isascii() else box.clip.height
    width, height = (side if side >= _LITTLE else math.inf for side in (box.clip.width, height))
    if math.isinf(height) and (math.isinf(width) or (width >= WIDE and not box.nowrap)):
        return around
    is_too_deep = around is not None and around.depth >= _DEEPEST
    if is_too_deep and min(width, height) > _SMALL:
        return around
    start = tuple(max(0.0, pixels(values.get(name, ""), Scale(box.font)) or 0.0) for name in _PADDINGS)
    depth = around.depth + 1 if around else 0
    room = Room(writer, (width, height), box.font, _line_of(box, declared), depth, (start[0], start[1]))
    room.note_columns(values)
    room.is_from_right = "direction" in values or (attributes.get("dir") or "").lower() == "rtl"
    room.is_pulled = is_pulling(tag, attributes, values)
    room.is_aligned = not _ALIGNING.isdisjoint(declared)
    if is_too_deep or "columns" in declared or "reverse" in declared.get("flex-direction", ""):
        room.lower(math.inf)  # Parts stand beside each other, or in another order than here.
    return room


def _line_of(box: Box, declared: Mapping[str, str]) -> float:
    """The height of a line, as far as it is told and more than letters need."""
    value = declared.get("line-height", "")
    line = pixels(value, Scale(box.font, percent_of=box.font)) or 0.0
    is_number = value.replace(".", "").isdecimal()
    return max(LINE * box.font, line * box.font if is_number else line)
