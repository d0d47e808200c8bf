"""The paragraphs and tables of one part of a Word document, from the events of its XML."""

from __future__ import annotations

from dataclasses import dataclass, field

from outlook_mcp.text.files.docx_styles import ParagraphStyles

# Elements whose text is no part of the document: what was deleted or moved away, and the same drawing for old programs.
_LEFT_OUT = frozenset({"del", "moveFrom", "Fallback", "instrText", "delText", "delInstrText", "fonts"})
_NOTES = frozenset({"footnote", "endnote", "comment"})
_OFF = frozenset({"0", "false", "off"})
_WHITE = frozenset({"FFFFFF", "ffffff"})
# In half points. Nobody can read letters of three points.
_TOO_SMALL = 6


@dataclass(slots=True)
class _Paragraph:
    text: list[str] = field(default_factory=list)
    style: str = ""
    number: str = ""
    level: int | None = None


@dataclass(slots=True)
class _Table:
    cells: list[str] = field(default_factory=list)
    lines_of_cell: list[str] = field(default_factory=list)


class Story:
    """Takes the events of one part after the other; the lines and notes of each are taken before the next."""

    def __init__(self, styles: ParagraphStyles) -> None:
        self._styles = styles
        self._open: list[str] = []
        self._paragraphs: list[_Paragraph] = []
        self._tables: list[_Table] = []
        self._lines: list[str] = []
        self._notes: list[tuple[str, str, list[str]]] = []
        self._note_lines: list[str] | None = None
        self._left_out = 0
        self._is_hidden = False
        self.hidden_chars = 0
        self.is_doubtful = False

    def take_lines(self) -> list[str]:
        """The lines of the part that was just read."""
        lines, self._lines = self._lines, []
        return lines

    def take_notes(self, kind: str) -> list[tuple[str, str]]:
        """Number or author and text of the notes of the part that was just read."""
        notes, self._notes = self._notes, []
        self._lines = []
        return [(name, " ".join(lines)) for found, name, lines in notes if found == kind and any(lines)]

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        parent = self._open[-1] if self._open else ""
        self._open.append(tag)
        if tag in _LEFT_OUT and not (tag == "del" and parent == "rPr"):
            self._left_out += 1
        elif tag == "p":
            self._paragraphs.append(_Paragraph())
        elif tag == "tbl":
            self._tables.append(_Table())
        elif tag == "tr" and self._tables:
            self._tables[-1].cells = []
        elif tag == "tc" and self._tables:
            self._tables[-1].lines_of_cell = []
        elif tag in _NOTES:
            self._note_lines = []
            name = attributes.get("author", "") if tag == "comment" else attributes.get("id", "")
            self._notes.append((tag, name, self._note_lines))
        elif self._paragraphs:
            self._in_paragraph(self._paragraphs[-1], tag, parent, attributes)

    def _in_paragraph(self, paragraph: _Paragraph, tag: str, parent: str, attributes: dict[str, str]) -> None:
        value = attributes.get("val", "")
        if tag == "r":
            self._is_hidden = False
        elif parent == "r" and tag in ("tab", "ptab"):
            paragraph.text.append("\t")
        elif parent == "r" and tag in ("br", "cr"):
            paragraph.text.append("\n")
        elif tag == "noBreakHyphen":
            paragraph.text.append("-")
        elif tag == "sym":
            paragraph.text.append(_symbol(attributes.get("char", "")))
        elif tag in ("footnoteReference", "endnoteReference"):
            paragraph.text.append(f"[^{tag[0]}{attributes.get('id', '')}]")
        elif parent == "pPr" and tag == "pStyle":
            paragraph.style = value
        elif parent == "numPr" and tag == "numId":
            paragraph.number = value
        elif parent == "numPr" and tag == "ilvl":
            paragraph.level = int(value) if value.isdecimal() else 0
        elif parent == "rPr" and self._open[-3:-2] == ["r"]:
            self._format_run(tag, value)

    def _format_run(self, tag: str, value: str) -> None:
        if tag == "vanish" and value not in _OFF:
            self._is_hidden = True
        elif (tag == "color" and value in _WHITE and not self._tables) or (
            tag == "sz" and value.isdecimal() and int(value) <= _TOO_SMALL
        ):
            self.is_doubtful = True

    def data(self, text: str) -> None:
        if self._left_out or not self._open or self._open[-1] != "t" or not self._paragraphs:
            return
        if self._is_hidden:
            self.hidden_chars += len(text)
        else:
            self._paragraphs[-1].text.append(text)

    def end(self, tag: str) -> None:
        self._open.pop()
        parent = self._open[-1] if self._open else ""
        if tag in _LEFT_OUT and not (tag == "del" and parent == "rPr"):
            self._left_out -= 1
        elif tag == "p" and self._paragraphs:
            self._end_paragraph(self._paragraphs.pop())
        elif tag == "tc" and self._tables:
            table = self._tables[-1]
            table.cells.append(" ".join(line for line in table.lines_of_cell if line))
            table.lines_of_cell = []
        elif tag == "tr" and self._tables:
            self._end_row(self._tables[-1])
        elif tag == "tbl" and self._tables:
            self._tables.pop()
        elif tag in _NOTES:
            self._note_lines = None

    def _end_paragraph(self, paragraph: _Paragraph) -> None:
        if self._left_out:
            return
        text = "".join(paragraph.text).strip()
        label = self._styles.label_of(paragraph.style, paragraph.number, paragraph.level) if text else ""
        if self._tables:
            line = f"{label} {text}".strip().replace("\n", " ")
            self._tables[-1].lines_of_cell.append(line.replace("\t", " "))
        elif self._note_lines is not None:
            self._note_lines.append(text)
        else:
            heading = "#" * self._styles.heading_level(paragraph.style)
            self._lines.append(" ".join(filter(None, (heading, label, text))))

    def _end_row(self, table: _Table) -> None:
        row = " | ".join(table.cells)
        table.cells = []
        if not row.strip(" |"):
            return
        if len(self._tables) > 1:
            self._tables[-2].lines_of_cell.append(f"({row})")
        elif self._note_lines is not None:
            self._note_lines.append(row)
        else:
            self._lines.append(row)


def _symbol(code: str) -> str:
    """The letter of a symbol font, most often a bullet or a box, which has no letter of Unicode."""
    try:
        number = int(code, 16)
    except ValueError:
        return ""
    # Symbol fonts lie in the private area F000 to F0FF.
    return "•" if 0xF000 <= number <= 0xF0FF or number > 0x10FFFF or 0xD800 <= number < 0xE000 else chr(number)
