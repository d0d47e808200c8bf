"""The sheets of OpenDocument workbooks (ISO 26300): cells as they are shown, comments, and words of drawings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from outlook_mcp.text.files.cells import Row, RowLines, title_of
from outlook_mcp.text.files.gathering import Piece, gathered, no_part
from outlook_mcp.text.files.open_text import margin_lines, refuse_locked
from outlook_mcp.text.files.packed_xml import PackedXml
from outlook_mcp.text.files.result import FileText

TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
_CONTENT = "content.xml"
_SHEET = re.compile(rb"<(?:\w+:)?table[\s>]")
_DIGITS_OF_A_DAY = re.compile(r"\d{1,4}([./-])[ ]?\d{1,2}\1[ ]?\d{1,4}(?!\d)")
_LONGEST_TAG = 32
_SPACES = {"tab": "\t", "s": " ", "line-break": "\n"}
_DRAWINGS = frozenset({"custom-shape", "frame", "rect", "caption", "ellipse", "shapes"})
_CELLS = frozenset({"table-cell", "covered-table-cell"})
# Descriptions of pictures and scripts; what stands before the first sheet are styles.
_LEFT_OUT = frozenset({"desc", "title", "script", "event-listeners", "tracked-changes", "date", "creator"})
# A cell and a row may say how often they are repeated, at most as often as a sheet has columns.
_MOST_COLUMNS = 16_384
_MOST_REPEATED_CELLS = 100_000


def read_open_workbook(packed: PackedXml, first: int) -> FileText:
    """The sheets from number `first` on, hidden ones too. Raises UnreadableFile and those of BROKEN."""
    refuse_locked(packed)
    count = _count_of_sheets(packed)
    if first > max(1, count):
        raise no_part("sheet", count)
    return gathered(_pieces(packed, first), unit="sheet", parts=count, first=first)


def _count_of_sheets(packed: PackedXml) -> int:
    """Counted in the bytes, as reading it all takes as long as reading its text."""
    count, before = 0, b""
    for chunk in packed.chunks(_CONTENT):
        count += len(_SHEET.findall(before + chunk)) - len(_SHEET.findall(before))
        before = chunk[-_LONGEST_TAG:]
    return count


def _pieces(packed: PackedXml, first: int) -> Iterator[Piece]:
    sheets = _Sheets()
    for _ in packed.parsing(_CONTENT, sheets):
        yield from (piece for piece in sheets.take_pieces() if piece.part >= first)
    for name in packed.embedded_objects():
        chart = _Sheets(is_drawing=True)
        packed.parse(name, chart)
        if chart.words:
            yield Piece(sheets.number or 1, f"[drawing] {' | '.join(chart.words)}")
    yield from (Piece(sheets.number or 1, line) for line in margin_lines(packed))


@dataclass(slots=True)
class _Cell:
    column: int
    repeated: int
    value: str
    day: str
    lines: list[str] = field(default_factory=list)


class _Sheets:
    """Takes the events of the document; pieces are taken while it is read."""

    def __init__(self, *, is_drawing: bool = False) -> None:
        self.number = 0
        self.words: list[str] = []
        self._is_drawing = is_drawing
        self._pieces: list[Piece] = []
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._lines = RowLines()
        self._below: list[str] = []
        self._row: Row = []
        self._rows_repeated = 1
        self._column = 0
        self._cells: list[_Cell] = []
        self._tables = 0
        self._drawn = 0
        self._comment: list[str] | None = None
        self._author = ""
        self._left_out = 0
        self._tag = ""
        self._paragraph: list[str] | None = None

    def take_pieces(self) -> list[Piece]:
        pieces, self._pieces = self._pieces, []
        return pieces

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._tag = tag
        if self._is_left_out(tag):
            self._left_out += 1
        elif tag == "style":
            self._style = attributes.get("name", "")
        elif tag == "table-properties" and attributes.get("display") == "false":
            self._hidden_styles.add(self._style)
        elif tag == "table":
            self._begin_table(attributes)
        elif tag == "table-row":
            self._row, self._column, self._rows_repeated = [], 0, _repeated(attributes, "number-rows-repeated")
        elif tag in _CELLS:
            repeated = _repeated(attributes, "number-columns-repeated")
            self._cells.append(_Cell(self._column, repeated, _value(attributes), attributes.get("date-value", "")))
            self._column += repeated
        elif tag == "annotation":
            self._comment, self._author = [], ""
        elif tag in _DRAWINGS:
            self._drawn += 1
        elif tag in ("p", "h"):
            self._paragraph = []
        elif self._paragraph is not None and tag in _SPACES:
            self._paragraph.append(_SPACES[tag] * min(100, _repeated(attributes, "c")))

    def _is_left_out(self, tag: str) -> bool:
        return tag in _LEFT_OUT and not (tag == "title" and self._is_drawing)

    def _begin_table(self, attributes: dict[str, str]) -> None:
        self._tables += 1
        if self._tables == 1 and not self._is_drawing:
            self.number += 1
            is_hidden = attributes.get("style-name", "") in self._hidden_styles
            self._add_text(title_of(self.number, attributes.get("name", ""), is_hidden=is_hidden))

    def data(self, text: str) -> None:
        if self._tag == "creator" and self._comment is not None:
            self._author += text
        elif self._paragraph is not None and not self._left_out:
            self._paragraph.append(text)

    def end(self, tag: str) -> None:
        self._tag = ""
        if self._is_left_out(tag):
            self._left_out -= 1
        elif tag in ("p", "h") and self._paragraph is not None:
            self._end_paragraph(" ".join("".join(self._paragraph).split()))
            self._paragraph = None
        elif tag == "annotation" and self._comment is not None:
            of = f" of {' '.join(self._author.split())}" if self._author.strip() else ""
            self._below.append(f"[comment{of}] {' '.join(self._comment)}")
            self._comment = None
        elif tag in _DRAWINGS:
            self._drawn -= 1
        elif tag in _CELLS and self._cells:
            self._end_cell(self._cells.pop())
        elif tag == "table-row" and self._row:
            most = 1 + _MOST_REPEATED_CELLS // len(self._row)
            for lines in self._lines.lines_of([self._row] * min(most, self._rows_repeated)):
                self._add_text(lines)
            self._row = []
        elif tag == "table":
            self._tables -= 1
            if not self._tables:
                self._end_sheet()

    def _end_paragraph(self, text: str) -> None:
        if not text:
            return
        if self._is_drawing:
            self.words.append(text)
        elif self._comment is not None:
            self._comment.append(text)
        elif self._drawn:
            self._below.append(f"[text box] {text}")
        elif self._cells:
            self._cells[-1].lines.append(text)

    def _end_cell(self, cell: _Cell) -> None:
        shown = _unambiguous(" ".join(cell.lines) or cell.value, cell.day)
        if shown and not self._is_drawing:
            end = cell.column + min(_MOST_COLUMNS - len(self._row), cell.repeated)
            self._row += [(column, shown) for column in range(cell.column, end)]

    def _end_sheet(self) -> None:
        for lines in (*self._lines.rest(), *self._below):
            self._add_text(lines)
        self._lines, self._below = RowLines(), []

    def _add_text(self, text: str) -> None:
        if not self._is_drawing:
            self._pieces.append(Piece(self.number, text))


def _repeated(attributes: dict[str, str], name: str) -> int:
    count = attributes.get(name, "1")
    return max(1, int(count)) if count.isdecimal() else 1


def _unambiguous(shown: str, value: str) -> str:
    """A day in digits alone as ISO 8601, with the time if that is shown: which number is the month, no reader knows."""
    if not value or not _DIGITS_OF_A_DAY.match(shown):
        return shown
    day, _, time = value.partition("T")
    return f"{day} {time[:8]}" if time and ":" in shown else day


def _value(attributes: dict[str, str]) -> str:
    """The value of a cell, for files of programs that leave out what it looks like."""
    names = ("string-value", "date-value", "time-value", "boolean-value", "value")
    return next((attributes[name] for name in names if attributes.get(name)), "")
