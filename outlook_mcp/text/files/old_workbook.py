"""Numbers and errors of Excel workbooks of the time before 2007 as they are shown (MS-XLS), which calamine leaves out.

Texts are read by calamine. What is broken here is left as calamine has it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from olefile import OleFileIO

from outlook_mcp.text.files.number_formats import BUILT_IN, GENERAL, shown_number

# Numbers of records, MS-XLS section 2.3.
_BOF, _EOF, _BOUNDSHEET, _FORMAT, _XF, _DATE_MODE = (0x809, 0x0A, 0x85, 0x41E, 0xE0, 0x22)
_NUMBER, _RK, _MULRK, _FORMULA, _BOOL_ERR = (0x203, 0x27E, 0xBD, 0x06, 0x205)
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_CELL = struct.Struct("<HHH")
_OF_BIFF8 = 0x600
_ERROR_RESULT, _NO_NUMBER = 2, b"\xff\xff"

Place = tuple[int, int]
Records = Iterator[tuple[int, bytes]]
Shown = Mapping[Place, str]


@dataclass(slots=True)
class _Globals:
    """What the beginning of a workbook says for all sheets."""

    starts: list[int] = field(default_factory=list)
    codes: dict[int, str] = field(default_factory=lambda: dict(BUILT_IN))
    formats: list[int] = field(default_factory=list)
    from_1904: bool = False

    def shown(self, value: float, style: int) -> str:
        number = self.formats[style] if style < len(self.formats) else 0
        return shown_number(value, self.codes.get(number, GENERAL), from_1904=self.from_1904)


def workbook_stream(source: bytes) -> tuple[str, bytes]:
    """Name and content of the stream with the records of a workbook, "" for none. Raises OSError or ValueError."""
    try:
        with OleFileIO(source) as file:
            name = next((name for name in ("Workbook", "Book") if file.exists(name)), "")
            return name, file.openstream(name).read() if name else b""
    except AttributeError:
        # olefile goes on without a root.
        raise ValueError("no streams") from None


class OldWorkbook:
    """The sheets of a workbook in their order, each by its records. Raises one of many errors for a broken one."""

    def __init__(self, source: bytes) -> None:
        _, self._stream = workbook_stream(source)
        self._known = _globals(self._stream)

    def shown_cells(self, sheet: int) -> Shown:
        """What its numbers and errors look like, by row and column from 0; nothing for a sheet that is not there."""
        return dict(_cells(self.records(sheet), self._known))

    def records(self, sheet: int) -> Records:
        """Number and content of each, without those of charts."""
        starts = self._known.starts
        return _records(self._stream, starts[sheet]) if sheet < len(starts) else iter(())


def _records(stream: bytes, start: int) -> Records:
    """Until the end of the part that begins at `start`; parts inside of it, such as charts, are passed over."""
    depth = 0
    while start + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, start)
        start += 4
        if kind == _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        if depth <= 1:
            yield kind, stream[start : start + size]
        start += size


def _globals(stream: bytes) -> _Globals:
    found, is_biff8 = _Globals(), True
    for kind, data in _records(stream, 0):
        if kind == _BOF and len(data) >= 2:
            is_biff8 = data[:2] == _OF_BIFF8.to_bytes(2, "little")
        elif kind == _BOUNDSHEET and len(data) >= 6:
            found.starts.append(int.from_bytes(data[:4], "little"))
        elif kind == _FORMAT and len(data) >= 5:
            found.codes[int.from_bytes(data[:2], "little")] = _code(data[2:], is_biff8=is_biff8)
        elif kind == _XF and len(data) >= 4:
            found.formats.append(int.from_bytes(data[2:4], "little"))
        elif kind == _DATE_MODE:
            found.from_1904 = data[:1] == b"\x01"
    return found


def _code(data: bytes, *, is_biff8: bool) -> str:
    if not is_biff8:
        return data[1 : 1 + data[0]].decode("cp1252", "replace")
    is_wide = data[2] & 1
    return data[3 : 3 + int.from_bytes(data[:2], "little") * (1 + is_wide)].decode(
        "utf-16-le" if is_wide else "latin-1", "replace"
    )


def _cells(records: Records, known: _Globals) -> Iterator[tuple[Place, str]]:
    for kind, data in records:
        if len(data) < _CELL.size:
            continue
        row, column, style = _CELL.unpack_from(data)
        rest = data[_CELL.size :]
        if kind == _NUMBER and len(rest) >= 8:
            yield (row, column), known.shown(_number(rest), style)
        elif kind == _RK and len(rest) >= 4:
            yield (row, column), known.shown(_compressed(rest), style)
        elif kind == _MULRK:
            for number, place in enumerate(range(4, len(data) - 7, 6)):
                of_cell = int.from_bytes(data[place : place + 2], "little")
                yield (row, column + number), known.shown(_compressed(data[place + 2 : place + 6]), of_cell)
        elif kind == _BOOL_ERR and len(rest) >= 2 and rest[1]:
            yield (row, column), _ERRORS.get(rest[0], "#ERROR")
        elif kind == _FORMULA and len(rest) >= 8:
            if rest[6:8] != _NO_NUMBER:
                yield (row, column), known.shown(_number(rest), style)
            elif rest[0] == _ERROR_RESULT:
                yield (row, column), _ERRORS.get(rest[2], "#ERROR")


def _compressed(data: bytes) -> float:
    """A number of 30 bits: a whole one or the upper half of a floating-point number, or a hundred times that."""
    raw = int.from_bytes(data[:4], "little")
    if raw & 2:
        value = float(int.from_bytes(data[:4], "little", signed=True) >> 2)
    else:
        value = _number(bytes(4) + (raw & ~3).to_bytes(4, "little"))
    return value / 100 if raw & 1 else value


def _number(data: bytes) -> float:
    found: float = struct.unpack_from("<d", data)[0]
    return found
