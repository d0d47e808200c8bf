"""Comments, text boxes, headers and footers of Excel workbooks of the time before 2007 (MS-XLS, from Excel 97 on)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from outlook_mcp.text.files.cells import cell_name
from outlook_mcp.text.files.old_workbook import Records
from outlook_mcp.text.files.workbook_xml import margin

# Numbers of records, MS-XLS section 2.3.
_HEADER, _FOOTER, _NOTE, _OBJECT, _TEXT, _CONTINUED = 0x14, 0x15, 0x1C, 0x5D, 0x1B6, 0x3C
_MARGINS = {_HEADER: "header", _FOOTER: "footer"}
_MOST_TEXT = 100_000


def lines_beside_cells(records: Records) -> Iterator[str]:
    """What the sheet of these records holds besides its cells, as in newer workbooks."""
    texts: dict[int, str] = {}
    notes: list[tuple[int, str, str]] = []
    number, left = 0, 0
    for kind, data in records:
        if kind in _MARGINS and len(data) > 3 and (words := margin(_text(data))):
            yield f"[{_MARGINS[kind]}] {words}"
        elif kind == _OBJECT and len(data) >= 8:
            number = int.from_bytes(data[6:8], "little")
        elif kind == _TEXT and len(data) >= 12:
            left = min(_MOST_TEXT, int.from_bytes(data[10:12], "little"))
        elif kind == _CONTINUED and left and data:
            piece = _characters(data[1:], left, is_wide=bool(data[0] & 1))
            texts[number] = texts.get(number, "") + piece
            left -= len(piece)
        elif kind == _NOTE and len(data) >= 8:
            row, column, _, of = struct.unpack_from("<HHHH", data)
            notes.append((of, cell_name(row, column), _text(data[8:])))
    for of, place, author in notes:
        if text := " ".join(texts.pop(of, "").split()):
            by = f" of {author}" if author and not text.startswith(author) else ""
            yield f"[comment{by} on {place}] {text}"
    yield from (f"[text box] {line}" for text in texts.values() for line in text.split("\n") if line.strip())


def _text(data: bytes) -> str:
    """A text that begins with its length in characters."""
    if len(data) < 3:
        return ""
    return _characters(data[3:], int.from_bytes(data[:2], "little"), is_wide=bool(data[2] & 1))


def _characters(data: bytes, count: int, *, is_wide: bool) -> str:
    if is_wide:
        return data[: 2 * count].decode("utf-16-le", "replace")
    return data[:count].decode("latin-1")
