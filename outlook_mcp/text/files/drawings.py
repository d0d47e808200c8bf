"""What presentations and workbooks share: the parts that a part refers to, and the words of drawings (DrawingML)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from outlook_mcp.text.files.charts import chart_lines
from outlook_mcp.text.files.packed_xml import PackedXml

# Kinds of parts that hold the words of a drawing by themselves.
_DRAWINGS = ("/chartEx", "/diagramData")


def related_parts(packed: PackedXml, name: str) -> dict[str, tuple[str, str]]:
    """Kind and name of the parts that a part refers to, by the id of the relation."""
    folder, file = posixpath.split(name)
    root = packed.tree(posixpath.join(folder, "_rels", f"{file}.rels"))
    return {
        relation.get("Id", ""): (
            relation.get("Type", ""),
            posixpath.normpath(posixpath.join(folder, relation.get("Target", ""))).lstrip("/"),
        )
        for relation in root.iter("Relationship")
    }


def drawing_lines(packed: PackedXml, kind: str, part: str) -> Iterator[str]:
    """The words of a chart or a diagram; nothing for a part of another kind."""
    if kind.endswith("/chart"):
        chart = packed.tree(part)
        lines = "\n".join(chart_lines(chart, list(paragraphs(chart))))
        yield from (f"[drawing] {line}" for line in lines.splitlines())
    elif kind.endswith(_DRAWINGS):
        words = [text_of(element) for element in packed.tree(part).iter() if element.tag in ("t", "v")]
        if words := list(filter(None, words)):
            yield f"[drawing] {' | '.join(words)}"


def text_of(element: Element) -> str:
    """The text of the element itself, without the white space around."""
    return (element.text or "").strip()


def paragraphs(element: Element) -> Iterator[str]:
    """Paragraphs and rows of tables in the order of the drawing."""
    for child in element:
        if child.tag == "Fallback":
            continue  # The same drawing for older programs.
        if child.tag == "tr":
            cells = [" ".join(paragraphs(cell)) for cell in child if cell.tag == "tc"]
            if any(cells):
                yield " | ".join(cells)
        elif child.tag == "p":
            if text := _paragraph(child):
                yield text
        else:
            yield from paragraphs(child)


def _paragraph(element: Element) -> str:
    words = []
    for child in element.iter():
        if child.tag == "t":
            words.append(child.text or "")
        elif child.tag == "br":
            words.append("\n")
    return "".join(words).strip()
