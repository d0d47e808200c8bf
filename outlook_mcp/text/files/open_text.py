"""The text of OpenDocument texts and presentations (ISO 26300) as a job of a worker process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from outlook_mcp.text.files.gathering import Piece, UnreadableFile, answer_of, gathered
from outlook_mcp.text.files.open_numbering import Numbering
from outlook_mcp.text.files.packed_xml import BROKEN, PackedXml
from outlook_mcp.text.files.result import LOCKED, FileText

_OUT = "left out"
_BLOCKS = frozenset({"p", "h"})
# Elements whose text is not shown: what was deleted, descriptions, and scripts.
_LEFT_OUT = frozenset({"tracked-changes", "desc", "title", "script", "event-listeners", "forms"})
# What stands in each header that a program makes by itself: numbers of pages, names of sheets, the day of printing.
_FIELDS = frozenset({"page-number", "page-count", "sheet-name", "date", "time"})


def run(_arguments: Sequence[str], source: bytes) -> bytes:
    """An OpenDocument file becomes a FileText."""
    return answer_of(partial(read_open_text, source))


def read_open_text(source: bytes) -> FileText:
    """Headings, paragraphs and tables as rows; headers and footers first. Raises UnreadableFile."""
    try:
        packed = PackedXml(source)
        refuse_locked(packed)
        numbering = Numbering()
        above, content = margin_lines(packed, numbering), _Content(packed, numbering)
        packed.parse("content.xml", content)
        content.add_objects(packed.embedded_objects())
    except BROKEN:
        raise UnreadableFile("it is no whole OpenDocument file") from None
    file = gathered(Piece(1, line) for line in (*above, *content.lines))
    hidden = file.text.hidden_chars + content.hidden_chars
    return replace(file, text=replace(file.text, hidden_chars=hidden))


def refuse_locked(packed: PackedXml) -> None:
    """Raises UnreadableFile for an OpenDocument file that a password protects."""
    if "encryption-data" in b"".join(packed.chunks("META-INF/manifest.xml")).decode("utf-8", "replace"):
        raise UnreadableFile(LOCKED)


def margin_lines(packed: PackedXml, numbering: Numbering | None = None) -> list[str]:
    """The words of headers, footers and the background of slides, without those that stand in every new document.

    `numbering` takes the styles of lists that stand beside them.
    """
    margins = _Content(packed, numbering or Numbering(), is_margin=True)
    packed.parse("styles.xml", margins)
    return [f"[header or footer] {line}" for line in dict.fromkeys(margins.lines)]


class _Content:
    """Takes the events of the XML. Charts and tables that are documents of their own stand where they are shown."""

    def __init__(
        self, packed: PackedXml, numbering: Numbering, *, is_margin: bool = False, is_object: bool = False
    ) -> None:
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
        self._packed, self._is_margin, self._is_object = packed, is_margin, is_object
        self._numbering = numbering
        self._objects: set[str] = set()
        self._has_field = False

    def add_objects(self, names: Sequence[str]) -> None:
        """Adds the words of embedded charts and tables, each once."""
        for name in names:
            if name in self._packed.names and name not in self._objects and not self._is_object:
                self._objects.add(name)
                # The title of a chart is one of its words.
                content = _Content(self._packed, Numbering(), is_object=True)
                self._packed.parse(name, content)
                self.lines += [f"[drawing] {line}" for line in content.lines if line != ";"]

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._open.append(tag)
        self._numbering.start(tag, attributes)
        name = attributes.get("style-name", "")
        if tag == "style":
            self._style = attributes.get("name", "")
        elif tag == "text-properties" and attributes.get("display") == "none":
            self._hidden_styles.add(self._style)
        if self._is_left_out(tag, attributes):
            self._open[-1] = _OUT
            self._left_out += 1
        elif tag == "object":
            self.add_objects([f"{attributes.get('href', '').removeprefix('./')}/content.xml"])
        elif tag in _BLOCKS:
            level = attributes.get("outline-level", "") if tag == "h" else ""
            is_numbered = not self._left_out and attributes.get("is-list-header") != "true"
            marks = (
                "#" * min(6, int(level)) if level.isdecimal() else "",
                self._numbering.label(level) if is_numbered else "",
            )
            self._paragraphs.append(["".join(f"{mark} " for mark in marks if mark)])
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

    def _is_left_out(self, tag: str, attributes: dict[str, str]) -> bool:
        if self._is_margin and tag in _FIELDS:
            self._has_field = True
            return True
        # On the background of slides, places for texts say what to write there.
        is_place = self._is_margin and tag == "frame" and "class" in attributes
        return is_place or (tag in _LEFT_OUT and not (tag == "title" and self._is_object))

    def data(self, text: str) -> None:
        if self._left_out or not self._paragraphs:
            return
        if self._hidden:
            self.hidden_chars += len(text)
        else:
            self._paragraphs[-1].append(text)

    def end(self, tag: str) -> None:
        opened = self._open.pop()
        self._numbering.end(tag)
        if opened == _OUT:
            self._left_out -= 1
        elif opened.startswith("span "):
            self._hidden -= opened[5:] in self._hidden_styles
        elif tag in _BLOCKS and self._paragraphs:
            marks, *texts = self._paragraphs.pop()
            self._end_paragraph(marks, "".join(texts).strip())
        elif tag == "table-cell" and self._cells:
            text = " ".join(filter(None, self._cells.pop()))
            if self._rows:
                self._rows[-1].append(text)
        elif tag == "table-row" and self._rows:
            row = " | ".join(self._rows.pop()).rstrip(" |")
            if row:
                self._add_line(f"({row})" if self._cells else row)

    def _end_paragraph(self, marks: str, text: str) -> None:
        # The word before the number of the page stands there by itself, too.
        words = sum(word.isalnum() for word in text.split())
        is_idle, self._has_field = self._has_field and words < 2, False
        if text and not self._left_out and not is_idle:
            self._add_line(marks + (text.replace("\n", " ") if self._cells or marks else text))

    def _add_line(self, line: str) -> None:
        (self._cells[-1] if self._cells else self.lines).append(line)
