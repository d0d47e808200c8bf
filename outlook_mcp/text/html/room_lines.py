"""The lines in a box: where the text that is written next stands, rather too high and too far to the left."""

from __future__ import annotations

import math
from typing import NamedTuple

from outlook_mcp.text.html.css.conditions import WIDE
from outlook_mcp.text.html.room_sizes import LETTER, wide_letters
from outlook_mcp.text.html.writer import TextWriter

_BREAKS = frozenset("\n\x03\x04")
_LAYOUT = " \n\x03\x04\x13"
# Of the size of the font: the width of a hard space.
_BLANK = "."
SPACE, _WIDE_SPACES = 0.25, "\u2001\u2003\u3000"


class Line(NamedTuple):
    """Where a line stands and how far it goes: `across` in narrow letters and `most` in wide ones, from its `start`.

    It is higher than others by `extra`, and its letters stand lower by `offset`.
    """

    down: float = 0.0
    across: float = 0.0
    most: float = 0.0
    start: float = 0.0
    extra: float = 0.0
    offset: float = 0.0


class Lines:
    """The lines of one box. The one that is written now is the last."""

    def __init__(self, writer: TextWriter, width: float, font: float, height_of_line: float, down: float) -> None:
        """Sizes in pixels; `down` is where the first line begins."""
        self._writer = writer
        self._read = writer.mark()
        self._width, self._font, self._height_of_line = width, font, height_of_line
        self._line = Line(down)
        # The margin that the next one below is joined with, the widest line of the box that is open, and what of it
        # cannot be made narrower.
        self._margin = self._widest_line = self._rigid = 0.0
        self._skips_break = False

    def lower(self, pixels_down: float) -> None:
        """What follows stands so much lower, if that is more than nothing."""
        self._line = self._line._replace(down=self._line.down + max(0.0, pixels_down))

    def note_hard_spaces(self, spaces: str, *, nowrap: bool) -> None:
        """Spaces that are not joined before the text that is written next."""
        self._read_pieces(nowrap)
        self._advance(len(spaces) * SPACE * self._font)
        wider = sum(space in _WIDE_SPACES for space in spaces) * (1 - SPACE) * self._font
        self._line = self._line._replace(most=self._line.most + wider)

    def skip(self, text: str, *, nowrap: bool) -> None:
        """Text that is not written, but has its place."""
        self._read_pieces(nowrap)
        self._add_piece(text or _BLANK, nowrap)

    def _advance(self, taken: float) -> None:
        if taken:
            self._line = self._line._replace(across=self._line.across + taken, most=self._line.most + taken)

    def _heighten(self, extra: float, offset: float) -> None:
        line = self._line
        if extra > line.extra or offset > line.offset:
            self._line = line._replace(extra=max(extra, line.extra), offset=max(offset, line.offset))

    def _add_space(self, space: float) -> None:
        if space > 0:
            self.lower(space)
            self._margin = 0.0

    def _add_margin(self, margin: float) -> None:
        """The margins of boxes that meet are joined."""
        self.lower(margin - self._margin)
        self._margin = max(margin, self._margin)

    def _is_filled(self) -> bool:
        """Whether what follows stands on the next line, if lines are broken."""
        return self._line.across + LETTER * self._font > min(self._width, WIDE)

    def _end_line(self) -> None:
        line = self._line
        self._widest_line = max(self._widest_line, line.across - line.start)
        self._line = Line(line.down + self._height_of_line + line.extra)

    def _read_pieces(self, nowrap: bool) -> None:
        """Takes away the room of what was written by now."""
        if math.isinf(self._line.down):
            return  # Nothing is known any more, whatever is written.
        pieces = self._writer.pieces_since(self._read)
        self._read += len(pieces)
        for piece in pieces:
            self._add_piece(piece, nowrap)

    def _add_piece(self, piece: str, nowrap: bool) -> None:
        if piece[:1] in _BREAKS:
            is_skipped, self._skips_break = self._skips_break and piece[0] != "\n", False
            line = self._line
            # The edges of several blocks make one line.
            if piece[0] == "\n" or (line.across > line.start and not is_skipped):
                self._end_line()
        written = piece.strip(_LAYOUT)
        if not written:
            return
        line = self._line
        across = line.across + len(written) * LETTER * self._font
        most = line.most + wide_letters(piece.strip("\n\x03\x04\x13")) * self._font if nowrap else across
        down, start, width = line.down, line.start, min(self._width, WIDE)
        if not nowrap and across > width:
            lines, across = divmod(across, width)
            down, start = down + lines * self._height_of_line, min(start, across)
        self._line = line._replace(down=down, across=across, most=most, start=start)
        if nowrap:
            self._rigid = max(self._rigid, across - start)
