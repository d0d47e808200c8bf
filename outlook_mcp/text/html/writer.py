"""Collects pieces of text on the way through a tree and lays them out as lines."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import accumulate

_SPACES = re.compile(r"[ \f\v]+")
_ORNAMENT = re.compile(r"([-=_*.~#•·>])\1{7,}")
_BREAK, _LINE, _PARAGRAPH = "\n", "\x03", "\x04"
_BREAKS = re.compile(r"[\n\x03\x04][\n\x03\x04 ]*")
# Where a box in a line begins or ends: a space, if none stands there.
_EDGE = "\x13"
_EDGES = re.compile(f"{_EDGE}+")
_LAYOUT = f"{_EDGE} {_BREAK}{_LINE}{_PARAGRAPH}"
# What needs no space behind it, or before it; an empty text is at either end.
_NO_SPACE_BEHIND, _NO_SPACE_BEFORE = f"{_LAYOUT}([{{¿¡“‘«", f"{_LAYOUT}.,;:!?)]}}%…”’»"
_INDENT, _QUOTE_OPEN, _QUOTE_CLOSE = "\t", "\x01", "\x02"
_HARD_SPACE = "\xa0"
_BLANK_LINES = re.compile(f"\n(?:{_HARD_SPACE}*\n){{2,}}")
# Each kind of mark opens and closes; marks that meet become one.
DOUBTFUL, FOLDED, STRUCK = ("\x05", "\x06"), ("\x0e", "\x0f"), ("\x10", "\x11")
# Stands between the cells of a row, and is a bar in the end.
_BAR = "\x12"
NEXT_CELL = f" {_BAR} "
# What may stand between marks that meet. Words that are struck out are so in one line of one cell.
_MEETING = {
    close: re.compile(f"{close}([{between}]*){open_}")
    for (open_, close), between in ((DOUBTFUL, f" \n\x03\x04\t{_BAR}"), (FOLDED, f" \n\x03\x04\t{_BAR}"), (STRUCK, " "))
}
_MARKS = {
    "\x05": "[may be hidden: ",
    "\x06": "]",
    "\x0e": "[folded: ",
    "\x0f": "]",
    "\x10": "~~",
    "\x11": "~~",
    _BAR: "|",
}
_NO_MARKS = str.maketrans({**dict.fromkeys("\x05\x06\x0e\x0f\x10\x11"), _BAR: "|"})
# Characters of a cell of one line, and of one of several lines, which are joined.
_LONGEST_CELL, _LONGEST_JOINED, _MOST_LINES = 60, 120, 6
_PIECES_BACK, _MOST_EMPTY = 4, 200
_LONGEST_LABEL = 200
_DEEPEST_QUOTE = 4


class TextWriter:
    """Pieces never hold a control character except those this class puts there as layout."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._behind_bullet = 0
        self.write: Callable[[str], None] = self._pieces.append

    def mark(self) -> int:
        """A place to look back to when an element closes."""
        return len(self._pieces)

    @property
    def has_text(self) -> bool:
        """Whether anything but white space was written."""
        return len(self._pieces) > _MOST_EMPTY or any(piece.strip(_LAYOUT) for piece in self._pieces)

    def pieces_since(self, mark: int) -> list[str]:
        """What was written since then, with the marks of the layout."""
        return self._pieces[mark:]

    def ends_in_digit(self) -> bool:
        """Whether what was written last is a digit or a raised one, to which another would be added."""
        last = next((piece for piece in reversed(self._pieces[-_PIECES_BACK:]) if piece), "")
        return last[-1:].isdigit()

    def is_below_break(self) -> bool:
        """Whether a break was written since the last edge of a block, as far as is looked back."""
        for piece in reversed(self._pieces[-_MOST_EMPTY:]):
            if piece[:1] in (_LINE, _PARAGRAPH):
                return False
            if piece == _BREAK:
                return True
        return False

    def preformatted(self, text: str) -> None:
        """Text whose spaces and lines are kept."""
        kept = text.replace("\t", "    ").replace(" ", _HARD_SPACE)
        # One blank line is left of many in the end; a million of them would each be looked at.
        self.write(_BLANK_LINES.sub("\n\n", kept))

    def marked(self, text: str, *marks: tuple[str, str]) -> None:
        """A text between marks, which stand close to its first and last letter."""
        word = text.strip()
        before, _, after = text.partition(word)
        for open_, close in marks:
            word = f"{open_}{word}{close}"
        self.write(before + word + after)

    def line_break(self) -> None:
        """A `<br>`, of which two make a blank line."""
        self.write(_BREAK)

    def line(self) -> None:
        """The edge of a block: a new line, however many edges meet."""
        self.write(_LINE)

    def paragraph(self) -> None:
        self.write(_PARAGRAPH)

    def open_block(self, *, is_paragraph: bool = False) -> None:
        """The first edge of a block, but for one right behind a bullet, which stands on its first line."""
        is_far = not self._behind_bullet or len(self._pieces) > self._behind_bullet + _PIECES_BACK
        if is_far or "".join(self._pieces[self._behind_bullet :]).strip(" "):
            self.write(_PARAGRAPH if is_paragraph else _LINE)

    def edge(self) -> None:
        """The edge of a box that stands in a line."""
        self.write(_EDGE)

    def heading(self, mark: str) -> None:
        self.open_block(is_paragraph=True)
        self.write(mark)

    def item(self, bullet: str, depth: int) -> None:
        self.write(_LINE + _INDENT * min(depth - 1, 6) + bullet + " ")
        self._behind_bullet = len(self._pieces)

    def open_quote(self) -> None:
        self.write(_LINE + _QUOTE_OPEN + _LINE)

    def close_quote(self) -> None:
        self.write(_PARAGRAPH + _QUOTE_CLOSE + _PARAGRAPH)

    def close_cell(self, mark: int) -> tuple[str, int]:
        """A short cell of one line shares its line with the next one.

        Returns its text, empty where it is too long for a row of short cells, and the number of its lines.
        """
        text = self._since(mark, _LONGEST_JOINED).strip(_LAYOUT)
        lines = len(_BREAKS.split(text)) if text else 0
        is_short = len(text) <= (_LONGEST_CELL if lines < 2 else _LONGEST_JOINED) and lines <= _MOST_LINES
        self.write("" if not text else NEXT_CELL if is_short and lines < 2 else _LINE)
        return (text if is_short and _QUOTE_OPEN not in text else ""), lines

    def join_lines(self, start: int, end: int) -> None:
        """Makes one line of a cell that was written from `start` to `end`, and lets the next one follow on it."""
        if end >= len(self._pieces) or self._pieces[end] != _LINE:
            return
        lines = _BREAKS.split("".join(self._pieces[start:end]).replace(_EDGE, " ").strip(_LAYOUT))
        joined = " / ".join(line.strip(_INDENT + " ") for line in lines)
        self._pieces[start : end + 1] = [joined, *[""] * (end - start - 1), NEXT_CELL]

    def escape_bars(self, start: int, end: int) -> None:
        """A bar in a cell is none between cells."""
        for place in range(start, min(end, len(self._pieces))):
            self._pieces[place] = self._pieces[place].replace("|", "\\|")

    def trim(self, start: int, end: int) -> None:
        """Takes away the spaces and edges of blocks around what was written from `start` to `end`."""
        pieces = self._pieces
        end = min(end, len(pieces))
        while start < end and not (piece := pieces[start].lstrip(_LAYOUT)):
            pieces[start] = piece
            start += 1
        while start < end and not (piece := pieces[end - 1].rstrip(_LAYOUT)):
            end -= 1
            pieces[end] = piece
        if start < end:
            pieces[start] = pieces[start].lstrip(_LAYOUT)
            pieces[end - 1] = pieces[end - 1].rstrip(_LAYOUT)

    def fill(self, place: int, text: str) -> None:
        """Writes at a place that was kept empty. Does nothing if a link took it away with its label."""
        if place < len(self._pieces) and not self._pieces[place]:
            self._pieces[place] = text

    def label_since(self, mark: int) -> str:
        """What was written since `mark`, as one line without marks."""
        label = _BREAKS.sub(" ", self._since(mark, _LONGEST_LABEL)).translate(_NO_MARKS)
        return " ".join(label.split())[:_LONGEST_LABEL]

    def replace_since(self, mark: int, text: str) -> None:
        """Writes `text` instead of what was written since `mark`."""
        del self._pieces[mark:]
        self.write(text)

    def append(self, text: str, *, is_labelled: bool = False) -> None:
        """Puts `text` right behind the last word, before spaces and breaks that follow it.

        If `is_labelled`, that word is what the text is about, so that the end of its cell is passed too.
        """
        after: list[str] = []
        passed = _LAYOUT + _BAR if is_labelled else _LAYOUT
        while self._pieces and not self._pieces[-1].strip(passed):
            after.append(self._pieces.pop())
        last = self._pieces.pop() if self._pieces else ""
        word = last.rstrip(_LAYOUT)
        self._pieces += [word, text, last[len(word) :], *reversed(after)]

    def _since(self, mark: int, limit: int) -> str:
        """The text written since `mark`, looked at no further than a little over `limit`."""
        found = self._pieces[mark : mark + 2 * limit]
        if sum(map(len, found)) > 2 * limit:
            ends = accumulate(map(len, found))
            found = found[: next(count for count, end in enumerate(ends, 1) if end > 2 * limit)]
        return "".join(found).replace(_EDGE, " ")

    def finish(self) -> str:
        """The text: spaces and blank lines collapsed, quotes prefixed with `> `, lists indented."""
        lines: list[str] = []
        depth = 0
        joined = "".join(self._pieces)
        if _EDGE in joined:
            joined = _EDGES.sub(_space_at, joined)
        for close, meeting in _MEETING.items():
            if close in joined:
                joined = meeting.sub(r"\1", joined)
        for raw in _BREAKS.sub(_line_end, joined).split("\n"):
            if raw == _QUOTE_OPEN:
                depth += 1
            elif raw == _QUOTE_CLOSE:
                depth -= 1
            else:
                line = _layout(raw, depth)
                # A sliced picture repeats its name, and blank lines add up.
                is_repeated = lines[-1:] == [line] and (not line or line[0] == "[")
                if not is_repeated:
                    lines.append(line)
        text = _ORNAMENT.sub(r"\1\1\1", "\n".join(lines)).strip()
        for sign, mark in _MARKS.items():
            text = text.replace(sign, mark)
        return text


def _space_at(edge: re.Match[str]) -> str:
    """What stands where boxes in a line meet each other or text."""
    text = edge.string
    before, behind = text[max(0, edge.start() - 1) : edge.start()], text[edge.end() : edge.end() + 1]
    is_parted = before in _NO_SPACE_BEHIND or behind in _NO_SPACE_BEFORE
    return "" if is_parted else " "


def _line_end(found: re.Match[str]) -> str:
    """A blank line for a paragraph, two breaks, or a break that stands alone in a block."""
    run = found[0]
    if _PARAGRAPH in run:
        return "\n\n"
    is_blank = _BREAK in run and (run.count(_BREAK) > 1 or f"{_LINE}{_BREAK}" in run.replace(" ", ""))
    return "\n\n" if is_blank else "\n"


def _layout(raw: str, quote_depth: int) -> str:
    line = raw.lstrip(_INDENT)
    indent = len(raw) - len(line)
    if _INDENT in line:
        line = line.replace(_INDENT, " ")
    if "  " in line or "\f" in line or "\v" in line:
        line = _SPACES.sub(" ", line)
    line = line.strip(f" {_BAR}").replace(_HARD_SPACE, " ").rstrip()
    if not line.strip("#") or line == "-":
        return ""
    return "> " * min(quote_depth, _DEEPEST_QUOTE) + "  " * indent + line
