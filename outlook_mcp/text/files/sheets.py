"""The rows of spreadsheets (Excel, OpenDocument) as a job of a worker process. Needs python-calamine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

import python_calamine
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from outlook_mcp.text.files.gathering import Piece, UnreadableFile, encoded, encoded_reason, first_part, gathered
from outlook_mcp.text.files.result import FileText

_ROWS_OF_A_PIECE = 200


def run(arguments: Sequence[str], source: bytes) -> bytes:
    """A workbook becomes a FileText; the argument is the sheet to begin with."""
    try:
        return encoded(read_workbook(source, first_part(arguments)))
    except UnreadableFile as reason:
        return encoded_reason(reason)


def read_workbook(source: bytes, first: int = 1) -> FileText:
    """The rows of the sheets from number `first` on, hidden ones too. Raises UnreadableFile."""
    try:
        workbook = CalamineWorkbook.from_filelike(BytesIO(source))
        sheets = [sheet for sheet in workbook.sheets_metadata if sheet.typ is SheetTypeEnum.WorkSheet]
        if first > max(1, len(sheets)):
            raise UnreadableFile(f"it has {len(sheets)} sheet{'s' if len(sheets) != 1 else ''} only")
        return gathered(_rows(workbook, sheets, first), unit="sheet", parts=len(sheets), first=first)
    except python_calamine.PasswordError:
        raise UnreadableFile("it is protected by a password") from None
    except (CalamineError, OSError, ValueError):
        raise UnreadableFile("it is no whole spreadsheet") from None


def _rows(workbook: CalamineWorkbook, sheets: Sequence[Any], first: int) -> Iterator[Piece]:
    for number, sheet in enumerate(sheets[first - 1 :], first):
        is_hidden = sheet.visible is not SheetVisibleEnum.Visible
        yield Piece(number, f"[sheet {number}{', hidden' if is_hidden else ''}: {' '.join(sheet.name.split())}]")
        lines: list[str] = []
        for row in workbook.get_sheet_by_name(sheet.name).iter_rows():
            if line := _line(row):
                lines.append(line)
            if len(lines) == _ROWS_OF_A_PIECE:
                yield Piece(number, "\n".join(lines))
                lines = []
        if lines:
            yield Piece(number, "\n".join(lines))


def _line(row: Sequence[object]) -> str:
    """The cells of a row; empty ones at its end are left out, and so is a row without any content."""
    cells = [cell_text(value) for value in row]
    while cells and not cells[-1]:
        cells.pop()
    return " | ".join(cells)


def cell_text(value: object) -> str:
    """The value of a cell: numbers without an idle fraction, dates as ISO 8601.

    >>> cell_text(120.0), cell_text(0.1 + 0.2), cell_text(datetime(2026, 11, 29)), cell_text(True)
    ('120', '0.3', '2026-11-29', 'TRUE')
    """
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d" if value.time() == time() else "%Y-%m-%d %H:%M:%S")
    if isinstance(value, date | time | timedelta):
        return str(value)
    return " ".join(str(value).split())
