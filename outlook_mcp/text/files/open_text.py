"""The text of OpenDocument texts and presentations (ISO 26300) as a job of a worker process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from outlook_mcp.text.files.gathering import Piece, UnreadableFile, encoded, encoded_reason, gathered
from outlook_mcp.text.files.packed_xml import BROKEN, PackedXml
from outlook_mcp.text.files.result import FileText

_BLOCKS = frozenset({"p", "h"})
# Elements whose text is not shown: what was deleted, descriptions, and scripts.
_LEFT_OUT = frozenset({"tracked-changes", "desc", "title", "script", "event-listeners", "forms"})


def run(_arguments: Sequence[str], source: bytes) -> bytes:
    """An OpenDocument file becomes a FileText."""
    try:
        return encoded(read_open_text(source))
    except UnreadableFile as reason:
        return encoded_reason(reason)


def read_open_text(source: bytes) -> FileText:
    """Headings, paragraphs and tables as rows; headers and footers first. Raises UnreadableFile."""
    try:
        packed = PackedXml(source)
        if "encryption-data" in b"".join(packed.chunks("META-INF/manifest.xml")).decode("utf-8", "replace"):
            raise UnreadableFile("it is protected by a password")
        margins, content = _Content(), _Content()
        packed.parse("styles.xml", margins)
        packed.parse("content.xml", content)
        drawn = [line for name in packed.embedded_objects() for line in _object_lines(packed, name)]
    except BROKEN:
        raise UnreadableFile("it is no whole OpenDocument file") from None
    lines = [f"[header or footer] {line}" for line in dict.fromkeys(margins.lines)] + content.lines + drawn
    file = gathered(Piece(1, line) for line in lines)
    hidden = file.text.hidden_chars + content.hidden_chars
    return replace(file, text=replace(file.text, hidden_chars=hidden))


def _object_lines(packed: PackedXml, name: str) -> list[str]:
    content = _Content()
    packed.parse(name, content)
    return [f"[drawing] {line}" for line in content.lines]


class _Content:
    """Takes the events of the XML."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.hidden_chars = 0
        self._open: list[str] = []
        self._paragraphs: list[list[str]] = []
        self._rows: list[list[str]] = []
        self._cells: list[list[str]] = []
        self._left_out = 0
        self._pages = 0
        # Styles of text that is never shown.
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._hidden = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._open.append(tag)
        name = attributes.get("style-name", "")
        if tag == "style":
            self._style = attributes.get("name", "")
        elif tag == "text-properties" and attributes.get("display") == "none":
            self._hidden_styles.add(self._style)
        if tag in _LEFT_OUT:
            self._left_out += 1
        elif tag in _BLOCKS:
            level = attributes.get("outline-level", "")
            self._paragraphs.append(["#" * min(6, int(level)) + " "] if tag == "h" and level.isdecimal() else [])
            self._hidden += name in self._hidden_styles
        elif tag == "span":
            self._hidden += name in self._hidden_styles
            self._open[-1] = f"span {name}"
        elif tag == "table-row":
            self._rows.append([])
        elif tag == "table-cell":
            self._cells.append([])
        elif tag == "page":
            self._pages += 1
            self.lines.append(f"[slide {self._pages}]")
        elif self._paragraphs and tag in ("tab", "s", "line-break"):
            count = attributes.get("c", "1")
            spaces = " " * min(100, int(count) if count.isdecimal() else 1)
            self._paragraphs[-1].append({"tab": "\t", "s": spaces, "line-break": "\n"}[tag])

    def data(self, text: str) -> None:
        if self._left_out or not self._paragraphs:
            return
        if self._hidden:
            self.hidden_chars += len(text)
        else:
            self._paragraphs[-1].append(text)

    def end(self, tag: str) -> None:
        opened = self._open.pop()
        if tag in _LEFT_OUT:
            self._left_out -= 1
        elif opened.startswith("span "):
            self._hidden -= opened[5:] in self._hidden_styles
        elif tag in _BLOCKS and self._paragraphs:
            self._end_paragraph("".join(self._paragraphs.pop()).strip())
        elif tag == "table-cell" and self._cells:
            text = " ".join(filter(None, self._cells.pop()))
            if self._rows:
                self._rows[-1].append(text)
        elif tag == "table-row" and self._rows:
            row = " | ".join(self._rows.pop()).rstrip(" |")
            if row:
                self._add_line(f"({row})" if self._cells else row)

    def _end_paragraph(self, text: str) -> None:
        if not self._left_out and text.strip("# "):
            self._add_line(text.replace("\n", " ") if self._cells else text)

    def _add_line(self, line: str) -> None:
        (self._cells[-1] if self._cells else self.lines).append(line)
