"""Rows of cells as lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

# The cells of a row that show something, with the numbers of their columns.
Row = list[tuple[int, str]]
_ROWS_OF_A_PIECE = 200
_MOST_EMPTY = 100


class RowLines:
    """Rows as lines, from the first column on that any row of the same piece uses."""

    def __init__(self) -> None:
        self._waiting: list[Row] = []
        self._first: int | None = None

    def lines_of(self, rows: Sequence[Row]) -> Iterator[str]:
        """What the rows so far make: pieces of some hundred lines."""
        self._waiting += filter(None, rows)
        if len(self._waiting) >= _ROWS_OF_A_PIECE:
            yield from self.rest()

    def rest(self) -> Iterator[str]:
        """What is left."""
        rows, self._waiting = self._waiting, []
        if rows:
            least = min(row[0][0] for row in rows)
            self._first = least if self._first is None else min(least, self._first)
            yield "\n".join(_line(row, self._first) for row in rows)


def _line(row: Row, first: int) -> str:
    """The cells with a bar between them; of many empty ones in a row some are left out."""
    cells: list[str] = []
    place = first
    for column, text in row:
        cells += [""] * min(_MOST_EMPTY, max(0, column - place))
        cells.append(" ".join(text.split()))
        place = column + 1
    return " | ".join(cells)


def title_of(number: int, name: str, *, is_hidden: bool, kind: str = "") -> str:
    """The line above the rows of a sheet.

    >>> title_of(2, "Prices", is_hidden=True)
    '[sheet 2, hidden: Prices]'
    """
    told = "".join(f", {word}" for word in (kind, "hidden" if is_hidden else "") if word)
    return f"[sheet {number}{told}: {' '.join(name.split())}]"


def cell_name(row: int, column: int) -> str:
    """As programs call a cell, by its row and column from 0.

    >>> cell_name(0, 0), cell_name(9, 27)
    ('A1', 'AB10')
    """
    letters, left = "", column + 1
    while left:
        left, letter = divmod(left - 1, 26)
        letters = chr(65 + letter) + letters
    return f"{letters}{row + 1}"
