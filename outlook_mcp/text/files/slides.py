"""The text of presentations (PresentationML, ISO 29500-1), slide by slide, as a job of a worker process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from xml.etree.ElementTree import Element

from outlook_mcp.text.files.drawings import drawing_lines, paragraphs, related_parts, text_of
from outlook_mcp.text.files.gathering import (
    Piece,
    UnreadableFile,
    answer_of,
    first_part,
    gathered,
    no_part,
)
from outlook_mcp.text.files.packed_xml import BROKEN, PackedXml
from outlook_mcp.text.files.result import FileText

_MAIN = "ppt/presentation.xml"


def run(arguments: Sequence[str], source: bytes) -> bytes:
    """A presentation becomes a FileText; the argument is the slide to begin with."""
    return answer_of(partial(read_slides, source, first_part(arguments)))


def read_slides(source: bytes, first: int = 1) -> FileText:
    """The slides from number `first` on with their tables, diagrams and notes. Raises UnreadableFile."""
    try:
        packed = PackedXml(source)
        slides = _slides_in_order(packed)
        if first > max(1, len(slides)):
            raise no_part("slide", len(slides))
        return gathered(_pieces(packed, slides, first), unit="slide", parts=len(slides), first=first)
    except BROKEN:
        raise UnreadableFile("it is no whole presentation") from None


def _slides_in_order(packed: PackedXml) -> list[str]:
    """As the presentation shows them; files that name no order, by the numbers of their names."""
    targets = related_parts(packed, _MAIN)
    # Of the two attributes called `id` the later one, that of the relation, is kept.
    shown = [targets.get(slide.get("id", ""), ("", ""))[1] for slide in packed.tree(_MAIN).iter("sldId")]
    return [name for name in shown if name in packed.names] or packed.numbered("ppt/slides/slide")


def _pieces(packed: PackedXml, slides: Sequence[str], first: int) -> Iterator[Piece]:
    backgrounds: set[str] = set()
    for number, name in enumerate(slides[first - 1 :], first):
        slide = packed.tree(name)
        is_hidden = any(element.get("show") in ("0", "false") for element in slide.iter("sld"))
        lines = [f"[slide {number}{', hidden' if is_hidden else ''}]", *paragraphs(slide)]
        for kind, part in related_parts(packed, name).values():
            lines += drawing_lines(packed, kind, part)
            if kind.endswith("/notesSlide"):
                lines += [f"[notes] {line}" for line in paragraphs(packed.tree(part)) if not line.isdecimal()]
            elif kind.endswith("/comments"):
                lines += [f"[comment] {words}" for words in _comments(packed.tree(part)) if words]
            elif kind.endswith("/slideLayout"):
                lines += _background_lines(packed, part, backgrounds)
        yield Piece(number, "\n".join(lines))


def _comments(root: Element) -> Iterator[str]:
    """Comments of PowerPoint as it was before 2021 are plain texts; newer ones and their answers have paragraphs."""
    yield from map(text_of, root.iter("text"))
    for tag in ("cm", "reply"):
        for comment in root.iter(tag):
            yield " ".join(line for body in comment.findall("txBody") for line in paragraphs(body))


def _background_lines(packed: PackedXml, layout: str, seen: set[str]) -> Iterator[str]:
    """What a layout and its master show on every slide, once; places for texts only say what to write there."""
    masters = (part for kind, part in related_parts(packed, layout).values() if kind.endswith("/slideMaster"))
    for part in (layout, *masters):
        if part not in seen:
            seen.add(part)
            for shape in packed.tree(part).iter("sp"):
                if next(shape.iter("ph"), None) is None:
                    yield from (f"[background] {line}" for line in paragraphs(shape))
