"""Writes the text of a message as far as its readers see it, and counts what they do not see or know already."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from outlook_mcp.text.characters import count_visible, strip_invisible
from outlook_mcp.text.html.controls import OpenForm
from outlook_mcp.text.html.css.box import Box
from outlook_mcp.text.html.css.box_values import Visibility
from outlook_mcp.text.html.css.lengths import Scale, pixels
from outlook_mcp.text.html.css.winners import Winners
from outlook_mcp.text.html.known_boxes import Boxes
from outlook_mcp.text.html.opened_room import room_in
from outlook_mcp.text.html.room import Room
from outlook_mcp.text.html.room_lines import SPACE
from outlook_mcp.text.html.styles import Styles
from outlook_mcp.text.html.symbols import Signs, as_symbols
from outlook_mcp.text.html.writer import DOUBTFUL, FOLDED, STRUCK, TextWriter

_SPACE, _SOFT_SPACE = re.compile(r"\s+"), re.compile(r"[^\S\xa0]+")
# Spaces that are not joined with others.
_HARD_SPACE = re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# In lines that are not broken, so wide that what is behind it may be beside the page.
_LONG_GAP = re.compile(r"[ \xa0]{120}|\t{15}")
_BETWEEN_TAGS = " \n\r\t"
_RAISED = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
# Two tildes of the letter; as marks they would strike out what stands between them.
_TILDES = re.compile(r"(?<!~)~~(?!~)")


class Place(NamedTuple):
    """Where a node stands: the boxes around it and what else its text inherits.

    `signs` are what the letters of its font show, `in_drawn_table` tells that a style makes the element around it a
    table or a row, `out_of_view` are the options of the list around it that are seen after scrolling, None without a
    list, `counters` is the level of its counters, and `room` is that in a box around it which cuts off the rest.
    """

    boxes: Boxes
    list_depth: int = 0
    folded: bool = False
    in_svg: bool = False
    raised: bool = False
    was_plain: bool = False
    form: OpenForm | None = None
    signs: Signs | None = None
    in_drawn_table: bool = False
    out_of_view: frozenset[int] | None = None
    counters: int = 0
    room: Room | None = None


class ShownText:
    """`hidden_chars` were seen by no reader, and `cut_chars` are those of history, where `in_history` is set."""

    def __init__(self, styles: Styles, writer: TextWriter) -> None:
        self.hidden_chars = 0
        self.cut_chars = 0
        self.in_history = False
        self._styles = styles
        self._writer = writer

    def add_text(self, raw: str, place: Place, *, doubtful: bool = False) -> None:
        """Writes what is seen of a text, of which some may not be if it is `doubtful`."""
        box = place.boxes[0]
        if not (box.preformatted or raw.strip(_BETWEEN_TAGS)):
            # Most texts of a document are the spaces between its tags.
            if raw and not self.in_history:
                self._writer.write(" ")
            return
        text, removed = strip_invisible(raw)
        if self.in_history:
            self.cut_chars += count_visible(text)
            return
        self.hidden_chars += removed
        is_even = box.preformatted or ("  " not in text and text.isprintable())
        shown = text if is_even else (_SOFT_SPACE if place.was_plain else _SPACE).sub(" ", text)
        if not shown.strip() and not box.preformatted:
            self._writer.write(shown)
            if place.room is not None and raw.strip(_BETWEEN_TAGS):
                # A line of hard spaces or signs that are not seen is as high as others.
                place.room.skip("", nowrap=box.nowrap)
            return
        visibility = self._styles.visibility_of_text(place.boxes, len(shown))
        if visibility is Visibility.HIDDEN and box.indent < 0 and self._writer.is_below_break():
            visibility = Visibility.DOUBTFUL  # Only the first line is indented.
        if visibility is Visibility.HIDDEN:
            self.hidden_chars += count_visible(text)
            if place.room is not None and box.takes_place:
                place.room.skip(shown, nowrap=box.nowrap)
            return
        if place.signs is not None:
            shown = as_symbols(shown, place.signs)
        doubtful = doubtful or visibility is Visibility.DOUBTFUL or place.in_svg
        doubtful = doubtful or (box.preformatted and _LONG_GAP.search(text) is not None)
        if place.room is not None and not doubtful:
            fitting = _fitting(place.room, box, text, shown)
            if fitting < len(shown):
                end = shown.rfind(" ", 0, fitting) + 1
                self.write_text(shown[:end], place, doubtful=False)
                shown, doubtful = shown[end:], True
        self.write_text(shown, place, doubtful=doubtful)

    def write_text(self, text: str, place: Place, *, doubtful: bool) -> None:
        """Writes a text that is seen, or may be seen if it is `doubtful`, with the marks that it needs."""
        box = place.boxes[0]
        if place.raised and self._writer.ends_in_digit():
            # Else a power or the number of a footnote would become a part of the number before it.
            text = text.translate(_RAISED)
        if not (doubtful or place.folded or box.struck) or not text.strip():
            if box.preformatted:
                self._writer.preformatted(text)
            else:
                self._writer.write(_TILDES.sub(r"\\~~", text) if "~~" in text else text)
            return
        marks = [
            mark for mark, is_set in ((STRUCK, box.struck), (DOUBTFUL, doubtful), (FOLDED, place.folded)) if is_set
        ]
        self._writer.marked(text, *marks)

    def note_height(self, node: LexborNode, tag: str, place: Place) -> None:
        """Text behind an element of which nothing is told stands lower, where a box around it cuts off the rest."""
        if place.room is not None:
            self.enter_room(node, tag, place, place.room, place.boxes[0].lays_out)()

    def note_box_before(self, node: LexborNode, which: str, place: Place) -> None:
        """A box with a size that a style puts before others may push them out of what is shown."""
        if place.room is not None and which == "before" and self._styles.puts_room_before(node):
            place.room.lower(math.inf)

    def enter_room(self, node: LexborNode, tag: str, place: Place, room: Room, around: str) -> Callable[[], None]:
        """Takes of the room what an element needs besides its text; what is returned is called at its end.

        `around` is the layout of its parent, if special.
        """
        parent = node.parent if "flex" in around else None
        in_row = ""
        if parent is not None:
            values = self._styles.all_declared(parent)
            is_wrapped = "wrap" in values.get("flex-wrap", "nowrap").replace("nowrap", "")
            in_row = "" if "column" in values.get("flex-direction", "") else "box" if is_wrapped else "cell"
        values = self._styles.all_declared(node)
        return room.enter(tag, node.attributes, values, place.boxes[0], in_row=in_row)

    def room_in(self, node: LexborNode, place: Place, declared: Winners) -> Room | None:
        """The room in an element that may cut off a part of what is in it, or that in the one around it."""
        values = self._styles.all_declared(node)
        return room_in(node.tag or "", node.attributes, place.boxes[0], declared, place.room, self._writer, values)

    def count_hidden(self, node: LexborNode) -> None:
        """Counts all text in an element that is not shown."""
        count = count_visible(node.text(deep=True))
        if self.in_history:
            self.cut_chars += count
        else:
            self.hidden_chars += count


def _fitting(room: Room, box: Box, text: str, shown: str) -> int:
    """How many characters of what is `shown` of a text are not cut off."""
    if hard_spaces := "".join(_HARD_SPACE.findall(text)):
        room.note_hard_spaces(hard_spaces, nowrap=box.nowrap)
    scale = Scale(box.font, box.root_font, percent_of=SPACE * box.font)
    spacings = (pixels(box.inherited.get(f"{part}-spacing", ""), scale) or 0.0 for part in ("letter", "word"))
    letters, words = (max(0.0, spacing) for spacing in spacings)
    return room.fitting(shown, nowrap=box.nowrap, spacing=letters, between=words)
