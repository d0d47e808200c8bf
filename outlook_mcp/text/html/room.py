"""How much text fits into a box that cuts off the rest of it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from outlook_mcp.text.html.css.box import Box
from outlook_mcp.text.html.css.conditions import WIDE
from outlook_mcp.text.html.css.lengths import Scale, pixels
from outlook_mcp.text.html.hints import Attributes
from outlook_mcp.text.html.tags import BLOCKS
from outlook_mcp.text.html.writer import TextWriter

_CUTTING = frozenset({"hidden", "clip"})
# Of a box that is scrolled, only one that is lower than some lines is not taken for a way to show all.
_SCROLLING, _LOW = frozenset({"auto", "scroll", "overlay"}), 60.0
_BREAKS = frozenset("\n\x03\x04")
_LAYOUT = " \n\x03\x04\x13"
# Of the size of the font: the width of a letter, the height of a line and of what is above letters, rather too small.
_LETTER, _SPACE, _LINE, _TOP_OF_LETTERS = 0.4, 0.25, 1.1, 0.2
_DEEPEST = 4
# What stands between text and the edges of the boxes around it, and what makes a box wide or high.
_ABOVE = ("line-height", "padding-top", "margin-top", "border-width")
_BESIDE = ("padding-left", "padding-right", "margin-left", "margin-right", "border-width")
_HEIGHTS, _WIDTHS = ("height", "min-height"), ("width", "min-width", "flex-basis")
# What parts the columns of a grid or of flexible boxes.
_TRACKS = ("grid-template-columns", "grid-auto-columns", "column-gap", "grid-auto-flow")
# A box that is so much wider than the one that it stands in may hold its text anywhere.
_WIDER = 300.0
_NUMBER, _PIXELS = re.compile(r"\s*(\d{1,5})(?!\d*%)"), re.compile(r"(\d{2,5})px")
_PICTURES = frozenset({"img", "video", "canvas", "svg", "iframe", "object", "embed"})
_BOXES = _PICTURES | {"input", "select", "textarea", "button"}
# They move parts to where others are shown.
_REORDERING = ("order", "vertical-align")
_ALIGNING = frozenset({"align-content", "align-items", "align-self"})
_STANDING_IN_LINES = frozenset({"inline-block", "inline-flex", "inline-grid", "inline-table"})


class Room:
    """The room in one box. What is written from now on takes of it."""

    def __init__(self, writer: TextWriter, size: tuple[float, float], font: float, line: float, depth: int) -> None:
        """Width, height, size of the font and height of a line in pixels; `depth` is the number of rooms around it."""
        self.depth = depth
        self.is_aligned = self.is_from_right = False
        self.is_pulled, self._widest = False, 0.0
        self._writer = writer
        self._read = writer.mark()
        self._width, self._height = size
        self._font, self._line = font, line
        # Letters stand in the middle of their line.
        self._across, self._down = 0.0, (line - _LINE * font) / 2

    def fitting(self, length: int, *, nowrap: bool) -> int:
        """How many of so many characters, written next, are not below or beside what the box shows."""
        self._read_pieces(nowrap)
        letter = _LETTER * self._font
        if self.is_from_right and nowrap and self._across + length * letter > self._width:
            return 0  # It is the beginning of the line that is cut off.
        if self._down + _TOP_OF_LETTERS * self._font >= self._height or (nowrap and self._across >= self._width):
            return 0
        lines = 1 if nowrap else max(1, math.ceil(min(1e6, self._height - self._down) / self._line))
        width = self._width if nowrap else min(self._width, WIDE)
        space = max(0.0, lines * width - self._across)
        # What is a little longer may be as wide as that or not.
        return length if length * letter <= space + width else int(space / letter)

    def note_element(self, tag: str, attributes: Attributes, values: Mapping[str, str], box: Box) -> float:
        """An element in the box, whose content may stand lower; returns how much lower what follows it does.

        `values` are all declared values of the element.
        """
        self._note_width(tag, attributes, values, box)
        self.is_pulled = self.is_pulled or tag == "center" or "text-align" in values or bool(attributes.get("align"))
        if self.is_pulled and self._widest > self._width:
            self.lower(math.inf)
        if math.isinf(self._height):
            return 0.0
        stands_on_end = values.get("position") in ("absolute", "fixed") and "bottom" in values and "top" not in values
        self.is_aligned = self.is_aligned or "align-self" in values or stands_on_end
        is_moved = any(name in values for name in _REORDERING)
        above = _most(values, _ABOVE, box)
        self.lower(math.inf if is_moved else max(above, _LINE * box.font) - self._line)
        height = max(_most(values, _HEIGHTS, box), _number(attributes.get("height")))
        height = max(height, _number(attributes.get("size")) if tag == "hr" else 0.0)
        if tag in _PICTURES and not height:
            return self._height  # It has the height of a picture that is not here.
        return max(0.0, height - self._line)

    def note_columns(self, values: Mapping[str, str]) -> None:
        """What stands in another column may be beside what is shown."""
        if any(name in values and _largest(values[name]) >= self._width for name in _TRACKS):
            self.lower(math.inf)

    def _note_width(self, tag: str, attributes: Attributes, values: Mapping[str, str], box: Box) -> None:
        """An element that takes room in its line, or that may have its text beside what is shown."""
        self.note_columns(values)
        if "grid-column" in values and self._width < WIDE:
            self.lower(math.inf)
        width = max(_most(values, _WIDTHS, box), _number(attributes.get("width")))
        width = max(width, _number(attributes.get("size")) * _LETTER * box.font if tag == "input" else 0.0)
        self._widest = max(self._widest, width)
        beside = _most(values, _BESIDE, box)
        if max(width, beside) < self._font:
            return
        self._read_pieces(box.nowrap)
        display = values.get("display", "block" if tag in BLOCKS or tag in ("td", "th") else "inline")
        if display in _STANDING_IN_LINES or display == "inline":
            width = beside if display == "inline" and tag not in _BOXES else width + beside
            if not box.nowrap and self._across + width > self._width:
                self._down += self._line if self._across else 0.0
                self._down += self._line if width > self._width else 0.0
                self._across = 0.0 if width > self._width else width
            else:
                self._across += width
        elif width >= self._width + (0.0 if tag in ("td", "th") else _WIDER):
            self.lower(math.inf)

    def hides_its_beginning(self) -> bool:
        """Whether the box shows its middle or its end, and holds more than it shows."""
        if not self.is_aligned:
            return False
        self._read_pieces(nowrap=False)
        return self._down + (self._line if self._across else 0.0) > self._height

    def lower(self, pixels_down: float) -> None:
        """What follows stands so much lower, if that is more than nothing."""
        self._down += max(0.0, pixels_down)

    def note_hard_spaces(self, number: int, *, nowrap: bool) -> None:
        """Spaces that are not joined before the text that is written next."""
        self._read_pieces(nowrap)
        self._across += number * _SPACE * self._font

    def _read_pieces(self, nowrap: bool) -> None:
        """Takes away the room of what was written by now."""
        pieces = self._writer.pieces_since(self._read)
        self._read += len(pieces)
        for piece in pieces:
            self._add_piece(piece, nowrap)

    def _add_piece(self, piece: str, nowrap: bool) -> None:
        if piece[:1] in _BREAKS:
            # The edges of several blocks make one line.
            if self._across or piece[0] == "\n":
                self._down += self._line
            self._across = 0.0
        self._across += len(piece.strip(_LAYOUT)) * _LETTER * self._font
        width = min(self._width, WIDE)
        if not nowrap and self._across > width:
            lines, self._across = divmod(self._across, width)
            self._down += lines * self._line


def room_in(
    box: Box, declared: Mapping[str, str], around: Room | None, writer: TextWriter, values: Mapping[str, str]
) -> Room | None:
    """The room in a box with these declared values, or that in the one around it; `values` are all there are."""
    overflow = {declared.get("overflow-x", ""), declared.get("overflow-y", "")}
    is_low = min(box.clip.width, box.clip.height) < _LOW and not _SCROLLING.isdisjoint(overflow)
    if not (is_low or not _CUTTING.isdisjoint(overflow)) or (around is not None and around.depth >= _DEEPEST):
        return around
    clamped = declared.get("line-clamp", "")
    height = int(clamped[:3]) * _LINE * box.font if clamped.isdecimal() and clamped.isascii() else box.clip.height
    # What becomes of text in boxes that are narrower or lower than a line is known from their size.
    width, height = (side if side >= box.font else math.inf for side in (box.clip.width, height))
    if math.isinf(height) and (math.isinf(width) or (width >= WIDE and not box.nowrap)):
        return around
    room = Room(writer, (width, height), box.font, _line_of(box, declared), around.depth + 1 if around else 0)
    room.note_columns(values)
    room.is_from_right, room.is_pulled = "direction" in values, "text-align" in values
    room.is_aligned = not _ALIGNING.isdisjoint(declared)
    if "columns" in declared or "reverse" in declared.get("flex-direction", ""):
        room.lower(math.inf)  # Parts stand beside each other, or in another order than here.
    return room


def _line_of(box: Box, declared: Mapping[str, str]) -> float:
    """The height of a line, as far as it is told and more than letters need."""
    value = declared.get("line-height", "")
    line = pixels(value, Scale(box.font, percent_of=box.font)) or 0.0
    is_number = value.replace(".", "").isdecimal()
    return max(_LINE * box.font, line * box.font if is_number else line)


def _most(values: Mapping[str, str], names: tuple[str, ...], box: Box) -> float:
    """The largest of these lengths that is no share of another one, in pixels."""
    scale = Scale(box.font, box.root_font)
    known = (pixels(values[name], scale) for name in names if name in values and not values[name].endswith("%"))
    return max((length for length in known if length is not None), default=0.0)


def _largest(value: str) -> float:
    """The largest number of pixels in a value."""
    return max(map(float, _PIXELS.findall(value)), default=0.0)


def _number(value: str | None) -> float:
    found = _NUMBER.match(value or "")
    return float(found[1]) if found else 0.0
