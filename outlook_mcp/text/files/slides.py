"""The text of presentations (PresentationML, ISO 29500-1), slide by slide, as a job of a worker process."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from outlook_mcp.text.files.gathering import Piece, UnreadableFile, encoded, encoded_reason, first_part, gathered
from outlook_mcp.text.files.packed_xml import BROKEN, PackedXml
from outlook_mcp.text.files.result import FileText

_MAIN = "ppt/presentation.xml"
# Kinds of parts that hold words of a slide; notes are told apart.
_DRAWINGS = ("/chart", "/diagramData")


def run(arguments: Sequence[str], source: bytes) -> bytes:
    """A presentation becomes a FileText; the argument is the slide to begin with."""
    try:
        return encoded(read_slides(source, first_part(arguments)))
    except UnreadableFile as reason:
        return encoded_reason(reason)


def read_slides(source: bytes, first: int = 1) -> FileText:
    """The slides from number `first` on with their tables, diagrams and notes. Raises UnreadableFile."""
    try:
        packed = PackedXml(source)
        slides = _slides_in_order(packed)
        if first > max(1, len(slides)):
            raise UnreadableFile(f"it has {len(slides)} slide{'s' if len(slides) != 1 else ''} only")
        return gathered(_pieces(packed, slides, first), unit="slide", parts=len(slides), first=first)
    except BROKEN:
        raise UnreadableFile("it is no whole presentation") from None


def _slides_in_order(packed: PackedXml) -> list[str]:
    """As the presentation shows them; files that name no order, by the numbers of their names."""
    targets = _related(packed, _MAIN)
    # Of the two attributes called `id` the later one, that of the relation, is kept.
    shown = [targets.get(slide.get("id", ""), ("", ""))[1] for slide in packed.tree(_MAIN).iter("sldId")]
    return [name for name in shown if name in packed.names] or packed.numbered("ppt/slides/slide")


def _related(packed: PackedXml, name: str) -> dict[str, tuple[str, str]]:
    """Kind and name of the parts that a part refers to, by the id of the relation."""
    folder, file = posixpath.split(name)
    root = packed.tree(f"{folder}/_rels/{file}.rels")
    return {
        relation.get("Id", ""): (
            relation.get("Type", ""),
            posixpath.normpath(posixpath.join(folder, relation.get("Target", ""))).lstrip("/"),
        )
        for relation in root.iter("Relationship")
    }


def _pieces(packed: PackedXml, slides: Sequence[str], first: int) -> Iterator[Piece]:
    for number, name in enumerate(slides[first - 1 :], first):
        slide = packed.tree(name)
        is_hidden = any(element.get("show") in ("0", "false") for element in slide.iter("sld"))
        lines = [f"[slide {number}{', hidden' if is_hidden else ''}]", *_lines_of(slide)]
        for kind, part in _related(packed, name).values():
            if kind.endswith(_DRAWINGS):
                words = [_text_of(element) for element in packed.tree(part).iter() if element.tag in ("t", "v")]
                words = list(filter(None, words))
                lines += [f"[drawing] {' | '.join(words)}"] if words else []
            elif kind.endswith("/notesSlide"):
                lines += [f"[notes] {line}" for line in _lines_of(packed.tree(part)) if not line.isdecimal()]
            elif kind.endswith("/comments"):
                lines += [f"[comment] {' '.join(filter(None, map(_text_of, packed.tree(part).iter('text'))))}"]
        yield Piece(number, "\n".join(lines))


def _text_of(element: Element) -> str:
    return (element.text or "").strip()


def _lines_of(element: Element) -> Iterator[str]:
    """Paragraphs and rows of tables in the order of the drawing."""
    for child in element:
        if child.tag == "Fallback":
            continue  # The same drawing for older programs.
        if child.tag == "tr":
            cells = [" ".join(_lines_of(cell)) for cell in child if cell.tag == "tc"]
            if any(cells):
                yield " | ".join(cells)
        elif child.tag == "p":
            if text := _paragraph(child):
                yield text
        else:
            yield from _lines_of(child)


def _paragraph(element: Element) -> str:
    words = []
    for child in element.iter():
        if child.tag == "t":
            words.append(child.text or "")
        elif child.tag == "br":
            words.append("\n")
    return "".join(words).strip()
