"""The text of Word documents (WordprocessingML, ISO 29500-1) as a job of a worker process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from outlook_mcp.text.files.docx_story import Story
from outlook_mcp.text.files.docx_styles import ParagraphStyles
from outlook_mcp.text.files.gathering import Piece, UnreadableFile, answer_of, gathered
from outlook_mcp.text.files.packed_xml import BROKEN, PackedXml
from outlook_mcp.text.files.result import FileText

_MAIN = "word/document.xml"
_NOTES = (("word/footnotes.xml", "footnote", "f"), ("word/endnotes.xml", "endnote", "e"))


def run(_arguments: Sequence[str], source: bytes) -> bytes:
    """A Word document becomes a FileText."""
    return answer_of(partial(read_docx, source))


def read_docx(source: bytes) -> FileText:
    """Headers, the text with its tables as rows, notes, comments and footers. Raises UnreadableFile."""
    try:
        packed = PackedXml(source)
        story = Story(ParagraphStyles(packed))
        lines = [*_margins(packed, "header"), *_main(packed, story), *_below(packed, story)]
    except BROKEN:
        raise UnreadableFile("it is no whole Word document") from None
    file = gathered(Piece(1, line) for line in lines)
    hidden = file.text.hidden_chars + story.hidden_chars
    return replace(file, text=replace(file.text, hidden_chars=hidden, doubtful=story.is_doubtful))


def _main(packed: PackedXml, story: Story) -> list[str]:
    name = _MAIN if _MAIN in packed.names else next((n for n in packed.numbered("word/document")), _MAIN)
    packed.parse(name, story)
    return story.take_lines()


def _margins(packed: PackedXml, kind: str) -> Iterator[str]:
    """Headers or footers, each different text once."""
    texts: dict[str, None] = {}
    for name in packed.numbered(f"word/{kind}"):
        story = Story(ParagraphStyles(None))
        packed.parse(name, story)
        texts[" / ".join(line for line in story.take_lines() if line.strip())] = None
    yield from (f"[{kind}] {text}" for text in texts if text)


def _below(packed: PackedXml, story: Story) -> Iterator[str]:
    for name, kind, letter in _NOTES:
        packed.parse(name, story)
        for note, text in story.take_notes(kind):
            yield f"[^{letter}{note}] {text}"
    packed.parse("word/comments.xml", story)
    for author, text in story.take_notes("comment"):
        yield f"[comment of {author}] {text}"
    yield from _drawings(packed)
    yield from _margins(packed, "footer")


def _drawings(packed: PackedXml) -> Iterator[str]:
    """The words of diagrams (SmartArt) and charts, which stand in files of their own."""
    for name in (*packed.numbered("word/diagrams/data"), *packed.numbered("word/charts/chart")):
        root = packed.tree(name)
        words = [element.text.strip() for element in root.iter() if element.tag in ("t", "v") and element.text]
        if words:
            yield f"[drawing] {' | '.join(filter(None, words))}"
