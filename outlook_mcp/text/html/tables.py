"""Tables of short cells keep their columns: what is empty or spanned leaves a sign in its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from outlook_mcp.text.html.hints import Attributes
from outlook_mcp.text.html.writer import NEXT_CELL, TextWriter

EMPTY, FROM_ABOVE = "-", "↑"
# Of one cell: a span of more is cut, as browsers do at 1,000 columns.
_MOST_COLUMNS = 60
_MOST_ROWS = 10_000
# Beyond these of a table, spans are not kept.
_MOST_TO_THE_RIGHT = 200
# Of the whole message, so that spans cost no more than the elements they stand in.
_MOST_SIGNS = 20_000
_LAYOUT_ROLES = frozenset({"presentation", "none"})


class _Cell(NamedTuple):
    """`start` and `end` are places in the writer; `sign` stands for the cell where it has no text.

    `is_spanned`: it is a part of the cell to the left or above.
    """

    column: int
    start: int
    end: int
    is_empty: bool
    is_short: bool
    sign: str = EMPTY
    is_spanned: bool = False


@dataclass(slots=True)
class _Table:
    is_layout: bool
    has_head: bool = False
    rows: list[list[_Cell]] = field(default_factory=list)
    column: int = 0
    # Column -> how many more rows the cell above reaches into.
    spans: dict[int, int] = field(default_factory=dict)
    opened: tuple[int, int, int] = (0, 0, 1)


class Tables:
    """The open tables of one message. Cells are told to it as they open and close; it writes what stands between."""

    def __init__(self, writer: TextWriter) -> None:
        self._writer = writer
        self._open: list[_Table] = []
        self._signs_left = _MOST_SIGNS

    def open_table(self, attributes: Attributes, *, is_drawn: bool = False) -> None:
        """`is_drawn`: it is made of other elements by their style."""
        if self._open and not is_drawn:
            # A table that holds others arranges them.
            self._open[-1].is_layout = True
        is_layout = (attributes.get("role") or "").strip().lower() in _LAYOUT_ROLES
        self._open.append(_Table(is_layout))

    def close_table(self) -> None:
        table = self._open.pop()
        if not table.is_layout:
            self._write_signs(table)

    def open_group(self) -> None:
        """The head, body or foot of a table: no cell reaches into it from above."""
        if self._open:
            self._open[-1].spans.clear()

    def open_row(self) -> None:
        if self._open:
            table = self._open[-1]
            table.rows.append([])
            table.column = 0

    def close_row(self) -> None:
        if not self._open or not self._open[-1].rows:
            return
        table = self._open[-1]
        while table.spans.get(table.column):
            self._skip_spanned(table)
        row = table.rows[-1]
        if _is_row_of_short_cells(row) and sum(not cell.is_empty for cell in row) > 1:
            for cell in row:
                self._writer.trim(cell.start, cell.end)
                if not table.is_layout:
                    self._writer.escape_bars(cell.start, cell.end)
                    self._writer.join_lines(cell.start, cell.end)

    def open_cell(self, attributes: Attributes, *, is_head: bool) -> int:
        """Returns the place to hand to `close_cell`. `is_head`: it is a `<th>`."""
        if self._open and self._open[-1].rows:
            table = self._open[-1]
            table.has_head = table.has_head or is_head
            while table.spans.get(table.column):
                self._skip_spanned(table)
            across, down = _span(attributes, "colspan"), _span(attributes, "rowspan")
            table.opened = (table.column, across, down)
        return self._writer.mark()

    def close_cell(self, mark: int) -> None:
        table = self._open[-1] if self._open and self._open[-1].rows else None
        end = self._writer.mark()
        text, lines = self._writer.close_cell(mark)
        if table is None:
            return
        column, across, down = table.opened
        is_short = bool(text or not lines) and not (table.is_layout and lines > 1)
        table.rows[-1].append(_Cell(column, mark, end, not lines, is_short))
        for spanned in range(column, column + (across if self._signs_left > 0 else 1)):
            if down > 1 and spanned < _MOST_TO_THE_RIGHT:
                table.spans[spanned] = down - 1
            if spanned > column:
                self._add_sign(table, spanned, EMPTY)
        table.column = column + across

    def _skip_spanned(self, table: _Table) -> None:
        if self._signs_left <= 0:
            table.spans.clear()
            return
        table.spans[table.column] -= 1
        self._add_sign(table, table.column, FROM_ABOVE)
        table.column += 1

    def _add_sign(self, table: _Table, column: int, sign: str) -> None:
        """Keeps a place where the sign is written if the table turns out to be one of data."""
        if self._signs_left > 0:
            self._signs_left -= 1
            place = self._writer.mark()
            self._writer.write("")
            table.rows[-1].append(_Cell(column, place, place, is_empty=True, is_short=True, sign=sign, is_spanned=True))

    def _write_signs(self, table: _Table) -> None:
        rows = [row for row in table.rows if _is_row_of_short_cells(row)]
        # A column without any text is there for the distance.
        filled = {cell.column for row in rows for cell in row if not cell.is_empty}
        if len(rows) < 2 or not any(sum(not cell.is_empty for cell in row) > 1 for row in rows):
            return
        for row in rows:
            last = max((index for index, cell in enumerate(row) if _is_told(cell, table)), default=-1)
            for cell in row[: last + 1]:
                if cell.is_empty and cell.column in filled:
                    self._writer.fill(cell.end, cell.sign + NEXT_CELL)


def _is_told(cell: _Cell, table: _Table) -> bool:
    """Whether a cell is told even if no text follows in its row; an empty one is in a table that has headings."""
    return not cell.is_empty or cell.sign == FROM_ABOVE or (table.has_head and not cell.is_spanned)


def _is_row_of_short_cells(row: Sequence[_Cell]) -> bool:
    return len(row) > 1 and all(cell.is_short for cell in row) and not all(cell.is_empty for cell in row)


def _span(attributes: Attributes, name: str) -> int:
    """How many columns or rows a cell takes. `rowspan=0` is all that follow in the group.

    >>> _span({"colspan": "2"}, "colspan"), _span({"colspan": "x"}, "colspan"), _span({"rowspan": "0"}, "rowspan")
    (2, 1, 10000)
    """
    value = (attributes.get(name) or "").strip()
    if not (value.isascii() and value.isdecimal()):
        return 1
    most = _MOST_COLUMNS if name == "colspan" else _MOST_ROWS
    number = int(value[:6])
    return most if name == "rowspan" and number == 0 else min(max(1, number), most)
