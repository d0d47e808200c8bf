"""The children of an element in the order in which they are shown, with what is written between them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from selectolax.lexbor import LexborNode

from outlook_mcp.text.html.formulas import FORMULAS, WITHOUT_TEXT, signs_around
from outlook_mcp.text.html.hints import Attributes
from outlook_mcp.text.html.shown_text import Place, ShownText
from outlook_mcp.text.html.styles import Styles
from outlook_mcp.text.html.tags import SVG_SILENT
from outlook_mcp.text.html.writer import TextWriter

# Elements of whose children some are shown elsewhere, in another way or not at all.
ARRANGED = FORMULAS | WITHOUT_TEXT | {"table", "details", "use", "maction"}
_ID, _MOST_USED = re.compile(r"\s*#([\w.-]+)\s*"), 50
# What is to be done: a node at its place, or a call.
Work = tuple[LexborNode | Callable[[], None], Place | None]


class ArrangedChildren:
    """The children of such elements in one message."""

    def __init__(self, styles: Styles, shown: ShownText, writer: TextWriter) -> None:
        self._styles = styles
        self._shown = shown
        self._writer = writer
        self._used = _UsedParts()
        # Of elements with the same name only one is unfolded.
        self._unfolded: set[str | None] = set()

    def children_of(self, node: LexborNode, tag: str, attributes: Attributes, place: Place) -> list[Work]:
        """The children that are shown, in order."""
        if tag == "table":
            return _children_of_table(node, place)
        if tag == "details":
            content = place._replace(boxes=self._styles.boxes_of_part(node, "details-content", place.boxes))
            if "open" not in attributes or attributes.get("name") in self._unfolded:
                content = content._replace(folded=True)
            elif attributes.get("name"):
                self._unfolded.add(attributes["name"])
            return _children_of_details(node, place, content)
        if tag == "use" and place.in_svg:
            return self._used.children_of(node, attributes, place)
        if tag == "maction":
            return _shown_part_of_action(node, place)
        if tag in WITHOUT_TEXT:
            return self._children_of_row(node, place)
        if tag in FORMULAS and not self._shown.in_history:
            return _parts_of_formula(node, tag, place, self._writer.write)
        return _children_at(node, place)

    def _children_of_row(self, node: LexborNode, place: Place) -> list[Work]:
        """The children of a part of a formula in which browsers show no text but that of its parts."""
        return [
            (partial(self._shown.add_text, text, place, doubtful=True), None)
            if (text := getattr(child, "text_content", None) if getattr(child, "tag", "") == "-text" else None)
            else (child, place)
            for child, _ in _children_at(node, place)
        ]


def _children_at(node: LexborNode, place: Place) -> list[Work]:
    """All children as they stand in the document."""
    child, children = node.first_child, []
    while child is not None:
        children.append((child, place))
        child = child.next
    return children  # type: ignore[return-value]


def _children_of_table(node: LexborNode, place: Place) -> list[Work]:
    """The children of a table: the first head stands before all others, and the first foot behind them."""
    children = _children_at(node, place)
    tags = [getattr(child, "tag", "") for child, _ in children]
    for tag, target in (("thead", 0), ("tfoot", len(children) - 1)):
        if tag in tags:
            place_of_tag = tags.index(tag)
            children.insert(target, children.pop(place_of_tag))
            tags.insert(target, tags.pop(place_of_tag))
    return children


def _children_of_details(node: LexborNode, place: Place, content: Place) -> list[Work]:
    """The children of an element that unfolds: all but the first summary are its `content`."""
    children: list[Work] = []
    has_summary = False
    for child, _ in _children_at(node, place):
        is_summary = not has_summary and getattr(child, "tag", "") == "summary"
        has_summary = has_summary or is_summary
        children.append((child, place if is_summary else content))
    return children


def _shown_part_of_action(node: LexborNode, place: Place) -> list[Work]:
    """Of a formula with several forms browsers show the first."""
    child = node.first_child
    while child is not None and (child.tag or "-")[0] == "-":
        child = child.next
    return [(child, place)] if child is not None else []


def _parts_of_formula(node: LexborNode, tag: str, place: Place, write: Callable[[str], None]) -> list[Work]:
    """The children of a part of a formula, with signs between them."""
    parts: list[Work] = []
    number = 0
    for child, _ in _children_at(node, place):
        if not isinstance(child, LexborNode) or (child.tag or "-")[0] == "-":
            continue
        before, behind = signs_around(tag, number, child)
        number += 1
        parts += [(partial(write, before), None), (child, place), (partial(write, behind), None)]
    return parts


class _UsedParts:
    """The parts of drawings that others show once more; each is told once."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def children_of(self, node: LexborNode, attributes: Attributes, place: Place) -> list[Work]:
        """What a `<use>` shows, which is named as `#id`."""
        found = _ID.fullmatch(attributes.get("href") or attributes.get("xlink:href") or "")
        if found is None or found[1] in self._told:
            return []
        self._told.add(found[1])
        root = node
        while root.parent is not None:
            root = root.parent
        part = root.css_first(f'[id="{found[1]}"]') if len(self._told) < _MOST_USED else None
        if part is None:
            return []
        return _children_at(part, place) if (part.tag or "") in SVG_SILENT else [(part, place)]
