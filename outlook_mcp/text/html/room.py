"""How much text fits into a box that cuts off the rest of it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from functools import partial

from outlook_mcp.text.html.css.box import Box
from outlook_mcp.text.html.css.conditions import WIDE
from outlook_mcp.text.html.hints import Attributes
from outlook_mcp.text.html.room_lines import Line, Lines
from outlook_mcp.text.html.room_sizes import (
    CELLS,
    LETTER,
    LINE,
    PICTURES,
    Sizes,
    display_of,
    is_at_top,
    is_pulling,
    sizes_of,
    wide_letters,
)
from outlook_mcp.text.html.tags import BLOCKS
from outlook_mcp.text.html.writer import TextWriter

# Of the size of the font: what is above letters.
_TOP_OF_LETTERS = 0.2
# What parts the columns of a grid or of flexible boxes.
_TRACKS = ("grid-template-columns", "grid-auto-columns", "column-gap", "grid-auto-flow")
# A box that is so much wider than the one that it stands in may hold its text anywhere.
_WIDER = 300.0
_A_BIT = 0.01
# Letters of a word that may be more than one.
_LONG_WORD = 12
_PIXELS = re.compile(r"(\d{2,5})px")
# By an attribute, text stands beside them.
_BESIDE_TEXT = frozenset({"img", "table"})
# They move parts to where others are shown.
_REORDERING = ("order", "vertical-align")


class Room(Lines):
    """The room in one box. What is written from now on takes of it."""

    def __init__(
        self,
        writer: TextWriter,
        size: tuple[float, float],
        font: float,
        line: float,
        depth: int,
        start: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        """Width, height, size of the font and height of a line in pixels; `depth` is the number of rooms around it,
        and `start` is where its content begins."""
        self.depth = depth
        self.is_aligned = self.is_from_right = False
        self.is_pulled, self._widest = False, 0.0
        # Letters stand in the middle of their line.
        super().__init__(writer, size[0], font, line, start[1] + (line - LINE * font) / 2)
        self._left, self._height = start[0], size[1]
        self._is_beside = False
        self._lowest = self._spaced = 0.0
        # Of the table that is open: the padding of its cells, what is between its rows, and the height of the row.
        self._cells = (0.0, 0.0, 0.0)

    def fitting(self, text: str, *, nowrap: bool, spacing: float = 0.0, between: float = 0.0) -> int:
        """How many characters of a text that is written next are not below or beside what the box shows.

        `spacing` is what stands between letters, and `between` what stands between words besides, in pixels.
        """
        self._read_pieces(nowrap)
        self._margin = 0.0
        # Of what is written next, the spaces are told here alone.
        self._advance(self._spaced)
        self._spaced = spacing * len(text) + between * text.count(" ")
        line, length = self._line, len(text)
        is_below = line.down + line.offset + _TOP_OF_LETTERS * self._font >= self._height
        if is_below or self._is_beside or self._left >= self._width:
            return 0
        letter = LETTER * self._font + spacing + between * text.count(" ") / max(1, length)
        if nowrap:
            if self.is_from_right and line.across + length * letter > self._width:
                return 0  # It is the beginning of the line that is cut off.
            return self._fitting_on_line(text, spacing, between)
        lines = max(1, math.ceil(min(1e6, self._height - line.down - line.offset) / self._height_of_line))
        space = max(0.0, lines * min(self._width, WIDE) - line.across)
        # What is a little longer may be as wide as that or not.
        return length if length * letter <= space + min(self._width, WIDE) else int(space / letter)

    def _fitting_on_line(self, text: str, spacing: float, between: float) -> int:
        """Up to the first word that begins behind the edge, if letters are wide, or that ends far behind it."""
        left = self._width - self._left - self._line.most
        if (wide_letters(text) * self._font + spacing * len(text) + between * text.count(" ")) <= left:
            return len(text)
        place = 0
        for word in text.split(" "):
            width = wide_letters(word) * self._font + spacing * len(word)
            if left <= 0 or (len(word) > _LONG_WORD and width > left + 2 * self._font):
                return place
            left -= width + 0.33 * self._font + spacing + between
            place += len(word) + 1
        return len(text)

    def enter(
        self, tag: str, attributes: Attributes, values: Mapping[str, str], box: Box, *, in_row: str
    ) -> Callable[[], None]:
        """An element in the box; what is returned is called at its end. `values` are all declared values.

        `in_row` is how it stands in a row of flexible boxes: as a `cell`, or as a `box` where they are wrapped.
        """
        sizes = sizes_of(tag, attributes, values, box, self._width)
        display = display_of(tag, values)
        display = in_row if in_row and display in ("block", "line") else display
        if tag in _BESIDE_TEXT and (attributes.get("align") or "").lower() in ("left", "right"):
            display = "float"
        self._note_what_moves(tag, attributes, values, sizes, display)
        self._read_pieces(box.nowrap)
        if display == "line":
            self._heighten(sizes.line - self._height_of_line, (sizes.line - self._height_of_line) / 2)
            self._advance(sizes.left)
            return partial(self._leave_line, sizes.right, box.nowrap)
        if display == "block":
            return self._enter_block(tag, attributes, sizes, box)
        if tag in PICTURES and display != "absolute" and not sizes.height:
            sizes = sizes._replace(height=self._height)  # It has the height of a picture that is not here.
        return self._enter_box(tag, attributes, sizes, box, display)

    def _note_what_moves(
        self, tag: str, attributes: Attributes, values: Mapping[str, str], sizes: Sizes, display: str
    ) -> None:
        """An element that may have its text, or that of others, outside of what is shown."""
        self.note_columns(values)
        is_wider = sizes.width >= self._width + (0.0 if tag in CELLS else _WIDER) and display in ("block", "cell")
        is_wider = is_wider and not values.get("width", "").endswith("%")
        is_moved = any(name in values for name in _REORDERING) and not math.isinf(self._height)
        self._widest = max(self._widest, sizes.width)
        self.is_pulled = self.is_pulled or is_pulling(tag, attributes, values)
        is_pulled = (self.is_pulled or self.is_from_right) and self._widest > self._width + 2 * self._font
        if is_wider or is_moved or is_pulled or ("grid-column" in values and self._width < WIDE):
            self.lower(math.inf)
        stands_on_end = display == "absolute" and "bottom" in values and "top" not in values
        self.is_aligned = self.is_aligned or "align-self" in values or stands_on_end

    def note_columns(self, values: Mapping[str, str]) -> None:
        """What stands in another column may be beside what is shown."""
        if any(name in values and _largest(values[name]) >= self._width for name in _TRACKS):
            self.lower(math.inf)

    def _leave_line(self, right: float, nowrap: bool) -> None:
        if right:
            self._read_pieces(nowrap)
            self._advance(right)
            if not nowrap and self._is_filled():
                self._end_line()

    def _enter_block(self, tag: str, attributes: Attributes, sizes: Sizes, box: Box) -> Callable[[], None]:
        if self._line.across > self._line.start or self._line.extra:
            self._end_line()
        self._add_margin(sizes.margin_above)
        self._add_space(sizes.above)
        self._left += sizes.left
        top = self._line.down
        cells = self._cells
        if tag == "tr":
            self._add_space(cells[1])
            self._cells = *cells[:2], 0.0 if is_at_top(attributes) else sizes.height
        elif tag == "table":
            self._cells = sizes.of_cells, sizes.between_rows, 0.0
            if sizes.height > 2 * self._height:
                self.lower(math.inf)  # Text stands in the middle of it, unless there are several rows.
        self._heighten(sizes.line - self._height_of_line, (sizes.line - self._height_of_line) / 2)
        return partial(self._leave_block, top, sizes, box.nowrap, cells)

    def _leave_block(self, top: float, sizes: Sizes, nowrap: bool, cells: tuple[float, float, float]) -> None:
        self._read_pieces(nowrap)
        self._cells = cells
        self._left -= sizes.left
        if self._line.across > self._line.start:
            self._end_line()
        self._line = self._line._replace(extra=0.0, offset=0.0)
        if sizes.height > 0:
            self._add_space(top + sizes.height - self._line.down if not math.isinf(top) else 0.0)
        self._add_space(sizes.below)
        self._add_margin(sizes.margin_below)

    def _enter_box(self, tag: str, attributes: Attributes, sizes: Sizes, box: Box, display: str) -> Callable[[], None]:
        """One that stands beside others, or on them."""
        taken = sizes.width + sizes.left + sizes.right
        line = self._line
        if display == "box" and not box.nowrap and line.across + taken > self._width and line.across:
            self._end_line()
            line = self._line
        was_beside, outer = self._is_beside, (self._widest_line, self._rigid)
        self._is_beside = was_beside or (display == "cell" and line.across >= self._width)
        self._widest_line = self._rigid = 0.0
        # The line that the name of the element begins stands in the one that is there.
        self._skips_break = tag in BLOCKS and tag not in CELLS
        down = line.down + sizes.above + (0.0 if display == "cell" else sizes.margin_above)
        if tag in CELLS:
            down += self._cells[0]
            sizes = sizes._replace(below=max(sizes.below, self._cells[0]))
            lower = max(line.extra, max(sizes.height, self._cells[2]) - self._height_of_line)
            down += 0.0 if is_at_top(attributes) else max(0.0, lower) / 2
        higher = max(0.0, sizes.line - self._height_of_line)
        self._line = Line(down, line.across, line.most, line.across, higher, higher / 2)
        return partial(self._leave_box, line, sizes, box.nowrap, display, was_beside, outer)

    def _leave_box(
        self,
        line: Line,
        sizes: Sizes,
        nowrap: bool,
        display: str,
        was_beside: bool,
        outer: tuple[float, float],
    ) -> None:
        self._read_pieces(nowrap)
        self._skips_break, self._is_beside = False, was_beside
        if self._line.across > self._line.start:
            self._end_line()
        widest, rigid = max(self._widest_line, sizes.width if display != "cell" else 0.0), self._rigid
        self._widest_line, self._rigid = outer
        end, self._line = self._line.down, line
        self._lowest = max(self._lowest, end, line.down + sizes.height)
        if math.isinf(end):
            return self.lower(math.inf)
        if display == "absolute":
            return None
        taken = rigid if display == "cell" and not nowrap else widest + sizes.left + sizes.right
        self._rigid = max(self._rigid, taken)
        # What has a line inside takes some of the one that it stands in.
        self._advance(max(taken, _A_BIT) if end > line.down else taken)
        content = end - line.down - self._height_of_line
        higher = max(content + sizes.below, sizes.height + sizes.above + sizes.below - self._height_of_line)
        is_filled = not nowrap and display in ("box", "float") and self._is_filled()
        if display != "float" or is_filled:
            # The line of letters is that of the last one inside, or the lower edge where there is none.
            offset = content if content > 0 or self._line.across > line.across + sizes.width else higher
            self._heighten(higher, offset if display == "box" else 0.0)
        if is_filled:
            self._end_line()
        return None

    def hides_its_beginning(self) -> bool:
        """Whether the box shows its middle or its end, and holds more than it shows."""
        if not self.is_aligned:
            return False
        self._read_pieces(nowrap=False)
        line = self._line
        end = line.down + (self._height_of_line + line.extra if line.across or line.extra else 0.0)
        return max(end, self._lowest) > self._height


def _largest(value: str) -> float:
    """The largest number of pixels in a value."""
    return max(map(float, _PIXELS.findall(value)), default=0.0)
