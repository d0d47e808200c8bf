"""How much text fits into a box that cuts off the rest of it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from outlook_mcp.text.html.css.box import Box
from outlook_mcp.text.html.css.conditions import WIDE
from outlook_mcp.text.html.css.lengths import Scale, pixels
from outlook_mcp.text.html.hints import Attributes
from outlook_mcp.text.html.writer import TextWriter

_CUTTING = frozenset({"hidden", "clip"})
# Of a box that is scrolled, only one that is lower than some lines is not taken for a way to show all.
_SCROLLING, _LOW = frozenset({"auto", "scroll", "overlay"}), 60.0
_BREAKS = frozenset("\n\x03\x04")
# Of the size of the font: the width of a letter and the height of a line, both rather too small.
_LETTER, _LINE = 0.4, 1.1
_DEEPEST = 4
_ABOVE = re.compile(r"\b(?:line-height|(?:padding|margin|border)(?:-top)?)\s*:[^;]*?(\d{2,5})px", re.I)
_HEIGHT = re.compile(r"(?<![-\w])(?:min-)?height\s*:\s*(\d{2,5})px", re.I)
_NUMBER = re.compile(r"\s*(\d{1,5})")
_PICTURES = frozenset({"img", "video", "canvas", "svg", "iframe", "object", "embed"})
# They move parts to where others are shown.
_REORDERING = ("order", "vertical-align")


class Room:
    """The room in one box. What is written from now on takes of it."""

    def __init__(self, writer: TextWriter, size: tuple[float, float], font: float, line: float, depth: int) -> None:
        """Width, height, size of the font and height of a line in pixels; `depth` is the number of rooms around it."""
        self.depth = depth
        self._writer = writer
        self._read = writer.mark()
        self._width, self._height = size
        self._font, self._line = font, line
        # Letters stand in the middle of their line.
        self._across, self._down = 0.0, (line - _LINE * font) / 2

    def fitting(self, length: int, *, nowrap: bool) -> int:
        """How many of so many characters, written next, are not below or beside what the box shows."""
        pieces = self._writer.pieces_since(self._read)
        self._read += len(pieces)
        for piece in pieces:
            self._add_piece(piece, nowrap)
        letter = _LETTER * self._font
        if self._down >= self._height or (nowrap and self._across >= self._width):
            return 0
        lines = 1 if nowrap else max(1, math.ceil(min(1e6, self._height - self._down) / self._line))
        width = self._width if nowrap else min(self._width, WIDE)
        space = lines * width - self._across
        # What is a little longer may be as wide as that or not.
        return length if length * letter <= space + width else int(space / letter)

    def note_element(self, tag: str, attributes: Attributes, declared: Mapping[str, str], box: Box) -> float:
        """An element in the box, whose content may stand lower; returns how much lower what follows it does."""
        if math.isinf(self._height):
            return 0.0
        style = attributes.get("style") or ""
        above = max((float(found) for found in _ABOVE.findall(style)), default=0.0)
        line = pixels(declared.get("line-height", ""), Scale(box.font)) or 0.0
        is_moved = any(name in declared for name in _REORDERING)
        self.lower(math.inf if is_moved else max(above, line, _LINE * box.font) - self._line)
        height = max((float(found) for found in _HEIGHT.findall(style)), default=0.0)
        height = max(height, _number(attributes.get("height")), _number(attributes.get("size")) if tag == "hr" else 0.0)
        if tag in _PICTURES and not height:
            return self._height  # It has the height of a picture that is not here.
        return max(0.0, height - self._line)

    def lower(self, pixels_down: float) -> None:
        """What follows stands so much lower, if that is more than nothing."""
        self._down += max(0.0, pixels_down)

    def _add_piece(self, piece: str, nowrap: bool) -> None:
        if piece[:1] in _BREAKS:
            # The edges of several blocks make one line.
            if self._across or piece[0] == "\n":
                self._down += self._line
            self._across = 0.0
        self._across += len(piece.strip()) * _LETTER * self._font
        width = min(self._width, WIDE)
        if not nowrap and self._across > width:
            lines, self._across = divmod(self._across, width)
            self._down += lines * self._line


def room_in(box: Box, declared: Mapping[str, str], around: Room | None, writer: TextWriter) -> Room | None:
    """The room in a box with these declared values, or that in the one around it."""
    values = {declared.get("overflow-x", ""), declared.get("overflow-y", "")}
    is_low = min(box.clip.width, box.clip.height) < _LOW and not _SCROLLING.isdisjoint(values)
    if not (is_low or not _CUTTING.isdisjoint(values)) or (around is not None and around.depth >= _DEEPEST):
        return around
    clamped = declared.get("line-clamp", "")
    height = int(clamped[:3]) * _LINE * box.font if clamped.isdecimal() and clamped.isascii() else box.clip.height
    # What becomes of text in boxes that are narrower or lower than a line is known from their size.
    width, height = (side if side >= box.font else math.inf for side in (box.clip.width, height))
    if math.isinf(height) and math.isinf(width):
        return around
    room = Room(writer, (width, height), box.font, _line_of(box, declared), around.depth + 1 if around else 0)
    if "columns" in declared or "flex-direction" in declared:
        room.lower(math.inf)  # Parts stand beside each other, or in another order than here.
    return room


def _line_of(box: Box, declared: Mapping[str, str]) -> float:
    """The height of a line, as far as it is told and more than letters need."""
    value = declared.get("line-height", "")
    line = pixels(value, Scale(box.font, percent_of=box.font)) or 0.0
    is_number = value.replace(".", "").isdecimal()
    return max(_LINE * box.font, line * box.font if is_number else line)


def _number(value: str | None) -> float:
    found = _NUMBER.match(value or "")
    return float(found[1]) if found else 0.0
