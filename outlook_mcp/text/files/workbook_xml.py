"""The sheets of Excel workbooks (SpreadsheetML, ISO 29500-1): cells as they are shown, comments, drawings, headers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from outlook_mcp.text.files.cells import Row, RowLines, title_of
from outlook_mcp.text.files.drawings import drawing_lines, paragraphs, related_parts
from outlook_mcp.text.files.gathering import Piece, gathered, no_part
from outlook_mcp.text.files.number_formats import BUILT_IN, GENERAL, shown_number, shown_text
from outlook_mcp.text.files.packed_xml import PackedXml
from outlook_mcp.text.files.result import FileText

_CELL = re.compile(r"([A-Za-z]{1,3})\d+")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
# Fonts, sizes and colours in headers, and the fields for the number of the page and others.
_HEADER_CODE = re.compile(r'&(?:"[^"]*"|K[0-9A-Fa-f+-]{6}|\d{1,3}|[BIUSEXYPNDTGZFAOH])')
_MARGINS = {f"{pages}{kind.title()}": kind for pages in ("odd", "first", "even") for kind in ("header", "footer")}
_IN_TEXT = frozenset({"v", "t", "f"})
_MOST_COLUMNS = 16_384


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of the workbook; `kind` is "" for one of cells, "chart" or "dialog" for others."""

    name: str
    part: str
    is_hidden: bool
    kind: str = ""


def read_xml_workbook(packed: PackedXml, first: int) -> FileText:
    """The sheets from number `first` on, hidden ones too. Raises UnreadableFile and those of BROKEN."""
    workbook = Workbook(packed)
    count = len(workbook.sheets)
    if first > max(1, count):
        raise no_part("sheet", count)

    def pieces() -> Iterator[Piece]:
        for number, sheet in enumerate(workbook.sheets[first - 1 :], first):
            yield Piece(number, title_of(number, sheet.name, is_hidden=sheet.is_hidden, kind=sheet.kind))
            yield from (Piece(number, lines) for lines in workbook.lines_of(sheet))

    file = gathered(pieces(), unit="sheet", parts=count, first=first)
    return replace(file, text=replace(file.text, hidden_chars=file.text.hidden_chars + workbook.hidden_chars))


def main_part(packed: PackedXml) -> str:
    """The name of the part that lists the sheets, "" when there is none; a few programs put it elsewhere than in xl."""
    return next((name for name in ("xl/workbook.xml", "workbook.xml") if name in packed.names), "")


class Workbook:
    """Raises one of BROKEN, or UnreadableFile, for a file that is none.

    `hidden_chars` are those of cells whose format shows nothing, in the sheets that were read.
    """

    def __init__(self, packed: PackedXml) -> None:
        self._packed = packed
        main = main_part(packed)
        root = packed.tree(main)
        targets = related_parts(packed, main)
        self._from_1904 = any(element.get("date1904") in ("1", "true") for element in root.iter("workbookPr"))
        self.sheets = [_sheet(element.attrib, targets) for element in root.iter("sheet")]
        parts = {kind.rpartition("/")[2]: part for kind, part in targets.values()}
        self._strings = _Strings()
        self._shared_strings = parts.get("sharedStrings", "xl/sharedStrings.xml")
        self._formats = _formats(packed, parts.get("styles", "xl/styles.xml"))
        self.hidden_chars = 0
        if not self.sheets:
            raise ValueError("no sheets")

    def lines_of(self, sheet: Sheet) -> Iterator[str]:
        """Several rows at a time; what lies above and below the cells is told apart."""
        if self._shared_strings:
            self._packed.parse(self._shared_strings, self._strings)
            self._shared_strings = ""
        cells = _Cells(self._strings.texts, self._formats, from_1904=self._from_1904)
        rows = RowLines()
        for _ in self._packed.parsing(sheet.part, cells):
            yield from rows.lines_of(cells.take_rows())
        self.hidden_chars += cells.hidden_chars
        yield from rows.rest()
        yield from dict.fromkeys(cells.headers)
        related = related_parts(self._packed, sheet.part)
        yield from self._comments([found for found in related.values() if "omment" in found[0]])
        for kind, part in related.values():
            if kind.endswith("/drawing"):
                yield from self._drawn(part)

    def _drawn(self, part: str) -> Iterator[str]:
        for line in paragraphs(self._packed.tree(part)):
            yield f"[text box] {line}"
        for kind, below in related_parts(self._packed, part).values():
            yield from drawing_lines(self._packed, kind, below)

    def _comments(self, parts: list[tuple[str, str]]) -> Iterator[str]:
        # A thread stands in the older part, too, below a notice for older programs.
        threaded = [part for kind, part in parts if kind.endswith("/threadedComment")]
        for part in threaded or [part for kind, part in parts if kind.endswith("/comments")]:
            root = self._packed.tree(part)
            authors = [author.text or "" for author in root.iter("author")]
            for comment in (*root.iter("comment"), *root.iter("threadedComment")):
                number = comment.get("authorId", "")
                author = authors[int(number)] if number.isdecimal() and int(number) < len(authors) else ""
                words = "".join(text.text or "" for tag in ("t", "text") for text in comment.iter(tag))
                text = " ".join(words.split())
                of = f" of {author}" if author and not text.startswith(author) else ""
                yield f"[comment{of} on {comment.get('ref', '')}] {text}"


def _sheet(attributes: dict[str, str], targets: dict[str, tuple[str, str]]) -> Sheet:
    kind, part = targets.get(attributes.get("id", ""), ("", ""))
    other = kind.rpartition("/")[2].removesuffix("sheet")
    is_hidden = attributes.get("state", "visible") != "visible"
    return Sheet(attributes.get("name", ""), part, is_hidden, "" if other == "work" else other)


def _formats(packed: PackedXml, part: str) -> list[str]:
    """The format code of each style that cells name by its number."""
    root = packed.tree(part)
    own = {element.get("numFmtId", ""): element.get("formatCode", "") for element in root.iter("numFmt")}
    found = []
    for styles in root.iter("cellXfs"):
        for style in styles.iter("xf"):
            number = style.get("numFmtId", "0")
            found.append(own.get(number) or BUILT_IN.get(int(number) if number.isdecimal() else 0, GENERAL))
    return found


class _Strings:
    """The texts that cells name by their number."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._words: list[str] | None = None
        self._in_text = self._in_reading = False

    def start(self, tag: str, _: dict[str, str]) -> None:
        if tag == "si":
            self._words = []
        elif tag == "rPh":
            self._in_reading = True
        self._in_text = tag == "t"

    def data(self, text: str) -> None:
        if self._in_text and not self._in_reading and self._words is not None:
            self._words.append(text)

    def end(self, tag: str) -> None:
        self._in_text = False
        if tag == "rPh":
            self._in_reading = False
        elif tag == "si" and self._words is not None:
            self.texts.append(_unescaped("".join(self._words)))
            self._words = None


@dataclass(slots=True)
class _Cell:
    column: int
    kind: str
    style: int
    value: list[str] = field(default_factory=list)
    formula: list[str] = field(default_factory=list)


class _Cells:
    """Takes the events of a sheet; its rows are taken while it is read."""

    def __init__(self, strings: list[str], formats: list[str], *, from_1904: bool) -> None:
        self.headers: list[str] = []
        self.hidden_chars = 0
        self._strings, self._formats, self._from_1904 = strings, formats, from_1904
        self._rows: list[Row] = []
        self._row: Row = []
        self._cell: _Cell | None = None
        self._next = 0
        self._text: list[str] | None = None
        self._in_reading = False

    def take_rows(self) -> list[Row]:
        rows, self._rows = self._rows, []
        return rows

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            place = _CELL.match(attributes.get("r", ""))
            column = _column(place[1]) if place else self._next
            style = attributes.get("s", "0")
            self._cell = _Cell(column, attributes.get("t", "n"), int(style) if style.isdecimal() else 0)
            self._next = column + 1
        elif tag == "row":
            self._row, self._next = [], 0
        elif tag == "rPh":
            self._in_reading = True
        elif tag in _IN_TEXT and self._cell is not None:
            self._text = self._cell.formula if tag == "f" else self._cell.value
        elif tag in _MARGINS:
            self._text = []

    def data(self, text: str) -> None:
        if self._text is not None and not self._in_reading:
            self._text.append(text)

    def end(self, tag: str) -> None:
        if tag == "c" and self._cell is not None:
            if (shown := self._shown(self._cell)) and self._cell.column < _MOST_COLUMNS:
                self._row.append((self._cell.column, shown))
            elif not shown:
                self.hidden_chars += sum(map(len, self._cell.value))
            self._cell = None
        elif tag == "row" and self._row:
            self._rows.append(self._row)
        elif tag == "rPh":
            self._in_reading = False
        elif self._text is not None and (name := _MARGINS.get(tag)):
            self.headers += [f"[{name}] {words}" for words in [margin("".join(self._text))] if words]
        self._text = None

    def _shown(self, cell: _Cell) -> str:
        value = "".join(cell.value)
        code = self._formats[cell.style] if cell.style < len(self._formats) else GENERAL
        if not value and cell.formula:
            # Programs that write workbooks without reckoning leave the value to whoever opens them.
            return f"={''.join(cell.formula)}"
        if cell.kind == "s":
            return shown_text(self._strings[int(value)], code) if _is_index(value, self._strings) else ""
        if cell.kind == "b":
            return {"1": "TRUE", "0": "FALSE"}.get(value, value)
        if cell.kind == "n" and value:
            try:
                return shown_number(float(value), code, from_1904=self._from_1904)
            except ValueError:
                return value
        return _unescaped(value)


def _is_index(value: str, texts: list[str]) -> bool:
    return value.isdecimal() and int(value) < len(texts)


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def _unescaped(text: str) -> str:
    """Characters that XML has none for are written as _x000D_."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def margin(text: str) -> str:
    """What a header or footer shows at the left, in the middle and at the right, without the codes in it."""
    parts = re.split(r"&[LCR]", text.replace("&&", "\0"))
    words = (_HEADER_CODE.sub("", part).replace("\0", "&").strip() for part in parts)
    return " | ".join(filter(None, words))
