"""The rows of spreadsheets (Excel, OpenDocument) as a job of a worker process. Needs python-calamine."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from io import BytesIO

import python_calamine
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from outlook_mcp.text.files.cells import RowLines, title_of
from outlook_mcp.text.files.gathering import (
    Piece,
    UnreadableFile,
    answer_of,
    first_part,
    gathered,
    no_part,
)
from outlook_mcp.text.files.number_formats import plain_number
from outlook_mcp.text.files.old_drawings import lines_beside_cells
from outlook_mcp.text.files.old_workbook import OldWorkbook, Shown
from outlook_mcp.text.files.old_workbook_lock import without_known_password
from outlook_mcp.text.files.open_sheets import TYPE, read_open_workbook
from outlook_mcp.text.files.packed_xml import BROKEN, PackedXml
from outlook_mcp.text.files.result import LOCKED, FileText
from outlook_mcp.text.files.workbook_xml import main_part, read_xml_workbook

_ZIP, _OLE = b"PK", b"\xd0\xcf\x11\xe0"


def run(arguments: Sequence[str], source: bytes) -> bytes:
    """A workbook becomes a FileText; the argument is the sheet to begin with."""
    return answer_of(partial(read_workbook, source, first_part(arguments)))


def read_workbook(source: bytes, first: int = 1) -> FileText:
    """The rows of the sheets from number `first` on, hidden ones too, as they are shown. Raises UnreadableFile."""
    try:
        packed = PackedXml(source) if source.startswith(_ZIP) else None
        if packed is not None and TYPE in b"".join(packed.chunks("mimetype")):
            return read_open_workbook(packed, first)
        if packed is not None and main_part(packed):
            return read_xml_workbook(packed, first)
        return _read_binary_workbook(without_known_password(source) if source.startswith(_OLE) else source, first)
    except python_calamine.PasswordError:
        raise UnreadableFile(LOCKED) from None
    except (CalamineError, struct.error, *BROKEN):
        raise UnreadableFile("it is no whole spreadsheet") from None


def _read_binary_workbook(source: bytes, first: int) -> FileText:
    workbook = CalamineWorkbook.from_filelike(BytesIO(source))
    everything = enumerate(workbook.sheets_metadata)
    sheets = [(place, sheet) for place, sheet in everything if sheet.typ is SheetTypeEnum.WorkSheet]
    if first > max(1, len(sheets)):
        raise no_part("sheet", len(sheets))
    old = _old_workbook(source)

    def pieces() -> Iterator[Piece]:
        for number, (place, sheet) in enumerate(sheets[first - 1 :], first):
            yield Piece(number, title_of(number, sheet.name, is_hidden=sheet.visible is not SheetVisibleEnum.Visible))
            shown = old.shown_cells(place) if old else {}
            yield from (Piece(number, lines) for lines in _lines_of(workbook, sheet.name, shown))
            yield from (Piece(number, line) for line in (lines_beside_cells(old.records(place)) if old else ()))

    return gathered(pieces(), unit="sheet", parts=len(sheets), first=first)


def _old_workbook(source: bytes) -> OldWorkbook | None:
    """None for workbooks of other formats, and for broken ones that calamine reads all the same."""
    try:
        return OldWorkbook(source)
    except (*BROKEN, LookupError, struct.error):
        return None


def _lines_of(workbook: CalamineWorkbook, name: str, shown: Shown) -> Iterator[str]:
    sheet, rows = workbook.get_sheet_by_name(name), RowLines()
    # Rows come from the first of the sheet on, cells from the first column that is used.
    left = sheet.start[1] if sheet.start else 0
    for number, row in enumerate(sheet.iter_rows()):
        cells = [(column, shown.get((number, column), value)) for column, value in enumerate(row, left)]
        yield from rows.lines_of([[(column, text) for column, value in cells if (text := _cell_text(value))]])
    yield from rows.rest()


def _cell_text(value: object) -> str:
    """The value of a cell: numbers without an idle fraction, dates as ISO 8601.

    >>> _cell_text(120.0), _cell_text(0.1 + 0.2), _cell_text(datetime(2026, 11, 29)), _cell_text(True)
    ('120', '0.3', '2026-11-29', 'TRUE')
    """
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return plain_number(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d" if value.time() == time() else "%Y-%m-%d %H:%M:%S")
    if isinstance(value, date | time | timedelta):
        return str(value)
    return " ".join(str(value).split())
