"""How much text fits into a box that cuts off the rest of it."""

from __future__ import annotations

import math
from collections.abc import Mapping

from outlook_mcp.text.html.css.computed import Box
from outlook_mcp.text.html.css.conditions import WIDE
from outlook_mcp.text.html.writer import TextWriter

_CUTTING = ("hidden", "clip")
_BREAKS = frozenset("\n\x03\x04")
# Of the size of the font: the width of a letter and the height of a line, both rather too small.
_LETTER, _LINE = 0.4, 1.1
_DEEPEST = 4


class Room:
    """The room in one box. What is written from now on takes of it."""

    def __init__(self, writer: TextWriter, width: float, height: float, font: float, depth: int) -> None:
        """Lengths are in pixels; `depth` is the number of rooms around it."""
        self.depth = depth
        self._writer = writer
        self._read = writer.mark()
        self._width, self._height, self._font = width, height, font
        self._across = self._down = 0.0

    def cuts_off(self, length: int, *, nowrap: bool) -> bool:
        """Whether a text of so many characters, written next, stands below or beside what the box shows."""
        pieces = self._writer.pieces_since(self._read)
        self._read += len(pieces)
        for piece in pieces:
            self._add_piece(piece, nowrap)
        end = self._across + length * _LETTER * self._font
        is_beside = self._across >= self._width or end >= 2 * self._width
        return self._down >= self._height or (nowrap and is_beside)

    def _add_piece(self, piece: str, nowrap: bool) -> None:
        if piece[:1] in _BREAKS:
            # The edges of several blocks make one line.
            if self._across or piece[0] == "\n":
                self._down += _LINE * self._font
            self._across = 0.0
        self._across += len(piece.strip()) * _LETTER * self._font
        width = min(self._width, WIDE)
        if not nowrap and self._across > width:
            lines, self._across = divmod(self._across, width)
            self._down += lines * _LINE * self._font


def room_in(box: Box, declared: Mapping[str, str], around: Room | None, writer: TextWriter) -> Room | None:
    """The room in a box with these declared values, or that in the one around it."""
    across, down = (declared.get(name, "") in _CUTTING for name in ("overflow-x", "overflow-y"))
    if not (across or down) or (around is not None and around.depth >= _DEEPEST):
        return around
    lines = declared.get("line-clamp", "")
    height = int(lines[:3]) * _LINE * box.font if lines.isdecimal() and lines.isascii() else box.clip.height
    # What becomes of text in boxes that are narrower or lower than a line is known from their size.
    width, height = (side if side >= box.font else math.inf for side in (box.clip.width, height))
    if math.isinf(height) and math.isinf(width):
        return around
    return Room(writer, width, height, box.font, around.depth + 1 if around else 0)
