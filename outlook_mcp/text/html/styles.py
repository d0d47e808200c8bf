"""The styles of one document: the boxes of its elements on each kind of screen, and what becomes of their text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from selectolax.lexbor import LexborHTMLParser, LexborNode
from tinycss2 import ast

from outlook_mcp.text.html.budget import Budget
from outlook_mcp.text.html.css.box_values import Fate
from outlook_mcp.text.html.css.cascade import Cascade, is_quirky
from outlook_mcp.text.html.css.colours import attribute_colour
from outlook_mcp.text.html.css.computed import Box, Hints, Surroundings, computed_box, first_box
from outlook_mcp.text.html.css.tokens import tokens_of
from outlook_mcp.text.html.css.winners import NO_WINNERS, Winners
from outlook_mcp.text.html.hints import PLAIN, Attributes, hints_of

# One box for each kind of screen.
Boxes = tuple[Box, ...]
_NO_RULES: tuple[int, ...] = ()
_DOCTYPE = re.compile(r"\s*(?:<!--.*?-->\s*)*(<!doctype[^>]*>)", re.I | re.S)
_BODY_LINK = re.compile(r"<body\b[^>]*\slink\s*=\s*[\"']?([#\w]+)", re.I)
_DATA_SHEET = re.compile(r"<link\b[^>]*\bhref\s*=\s*[\"']?\s*data:", re.I)
_MOST_GENERATED = 20_000
# Looked for only in what is too much to be read, which is marked as a whole.
_LIKELY_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?:opacity|font-size)\s*:\s*[.0]+\D*(?:;|$)", re.I
)
_FULL = Budget()


class Styles:
    """`doubtful`: as a whole, something could not be read or computed that may hide parts of the text."""

    def __init__(self, html: str, sheets: Sequence[tuple[str, str]], budget: Budget = _FULL) -> None:
        """`sheets` are pairs of the `media` attribute and the text of each `<style>`, in order."""
        doctype = _DOCTYPE.match(html[:2_000])
        quirks = is_quirky(doctype[1][:200] if doctype else "")
        self.cascade = Cascade(sheets, html, quirks=quirks, budget=budget)
        self._budget = budget
        self.screens = self.cascade.screens
        self._is_certain = [not screen.doubtful and screen.variables for screen in self.screens]
        self._around = [Surroundings(screen, self.cascade.animations, self.cascade.fonts) for screen in self.screens]
        # For each screen the earlier ones on which the same values give the same box.
        alike = [self.cascade.told_apart_by(screen) for screen in self.screens]
        self._earlier_alike = [
            [other for other in range(index) if alike[other] == told_apart] for index, told_apart in enumerate(alike)
        ]
        link = _BODY_LINK.search(html[:50_000])
        colour = attribute_colour(link[1]) if link else None
        # Screens on which the same holds share one box, which is computed once.
        self.first: Boxes = (first_box(colour),) * len(self.screens)
        self._gone: Boxes = tuple(box._replace(is_gone=True) for box in self.first)
        self.covered = False
        self._generated_left = _MOST_GENERATED
        self._has_data_sheet = bool(_DATA_SHEET.search(html))
        self._boxes: dict[tuple[int, Hints, str, tuple[int, ...]], Boxes] = {}
        self._by_values: dict[tuple[object, ...], Boxes] = {}
        self._alike: dict[tuple[object, ...], Box] = {box.looks(): box for box in (*self.first, *self._gone)}
        self._groups: dict[tuple[int, ...], Boxes] = {
            tuple(map(id, boxes)): boxes for boxes in (self.first, self._gone)
        }
        # Keeps the boxes alive that are known by their id.
        self._kept: list[Boxes] = [self.first, self._gone]
        self._fates: dict[tuple[int, int], Fate] = {}

    @property
    def doubtful(self) -> bool:
        return self.cascade.doubtful or self.covered or self._has_data_sheet

    def match(self, tree: LexborHTMLParser, nodes: int, depth: int) -> None:
        """Finds out which rules are about which elements."""
        self.cascade.match(tree, nodes, depth)

    def boxes_of(self, node: LexborNode, tag: str, attributes: Attributes, parent: Boxes) -> Boxes:
        """The boxes of an element whose parent has the boxes `parent`."""
        found = self.cascade.matched.get(node.mem_id)
        if found is None and not attributes and tag in PLAIN and not parent[0].lays_out:
            return parent
        return self.boxes(tag, attributes, tuple(found) if found else _NO_RULES, parent)

    def boxes(self, tag: str, attributes: Attributes, rules: tuple[int, ...], parent: Boxes) -> Boxes:
        """The same for an element whose rules are known."""
        inline = attributes.get("style") or ""
        if len(self._by_values) * len(self.screens) > self._budget.boxes:
            return self._beyond(attributes, inline, rules, parent)
        classes = attributes.get("class")
        unknown = bool(classes) and not parent[0].unknown_class and not self.cascade.knows_classes(classes or "")
        hints = hints_of(tag, attributes, unknown_class=unknown)
        key = (id(parent), hints, inline, rules)
        boxes = self._boxes.get(key)
        if boxes is None:
            boxes = self._boxes[key] = self._computed(hints, inline, rules, parent, is_root=tag == "html")
        return boxes

    def _beyond(self, attributes: Attributes, inline: str, rules: tuple[int, ...], parent: Boxes) -> Boxes:
        """Of more elements that look different than are computed, only whether they are displayed at all."""
        self.cascade.exhausted()
        declared = self.cascade.winners(rules, "", 0) if rules else NO_WINNERS
        is_gone = (
            ("hidden" in attributes and "style" not in attributes)
            or bool(_LIKELY_HIDDEN.search(inline))
            or declared.get("display") == "none"
            or declared.get("visibility") == "hidden"
            or declared.get("font-size") in ("0", "0px")
            or not declared.get("opacity", "1").strip("0.")
        )
        return self._gone if is_gone else parent

    def simple_rules(self, tag: str, attributes: Attributes) -> tuple[int, ...]:
        """The rules whose selector is a tag, an id and classes that the element has."""
        return self.cascade.simple_rules(tag, attributes.get("id") or "", attributes.get("class") or "")

    def _computed(self, hints: Hints, inline: str, rules: tuple[int, ...], parent: Boxes, *, is_root: bool) -> Boxes:
        """The boxes of an element; those of another one whose values are the same."""
        if rules or inline:
            declared = tuple(self.cascade.winners(rules, inline, index) for index in range(len(parent)))
        else:
            declared = (NO_WINNERS,) * len(parent)
        key = (id(parent), hints, is_root, *map(id, declared))
        found = self._by_values.get(key)
        if found is None:
            found = self._by_values[key] = self._boxes_in(parent, declared, hints, is_root=is_root)
        return found

    def _boxes_in(self, parent: Boxes, declared: Sequence[Winners], hints: Hints, *, is_root: bool) -> Boxes:
        boxes: list[Box] = []
        for index, (box, values) in enumerate(zip(parent, declared, strict=True)):
            if self._is_certain[index] and not self.covered and _may_cover(values):
                self.covered = True
            for other in self._earlier_alike[index]:
                if box is parent[other] and values is declared[other]:
                    boxes.append(boxes[other])
                    break
            else:
                computed = computed_box(box, values, hints, self._around[index], is_root=is_root)
                # Boxes that look the same are one, so that those of their children are computed once.
                boxes.append(computed if computed is box else self._alike.setdefault(computed.looks(), computed))
        found = tuple(boxes)
        known = self._groups.setdefault(tuple(map(id, boxes)), found)
        if known is found:
            self._kept.append(found)
        return known

    def fate_of_text(self, boxes: Boxes, length: int) -> Fate:
        """What becomes of a text: seen when some screen shows it, hidden when none does."""
        key = (id(boxes), length if boxes[0].indent else 0)
        fate = self._fates.get(key)
        if fate is None:
            fate = self._fates[key] = self._joined([box.fate_of_text(length) for box in boxes])
        return fate

    def _joined(self, fates: Sequence[Fate]) -> Fate:
        certain = min(fate for fate, is_certain in zip(fates, self._is_certain, strict=True) if is_certain)
        if all(self._is_certain):
            return certain
        doubtful = [fate for fate, screen in zip(fates, self.screens, strict=True) if screen.doubtful]
        plain = [fate for fate, screen in zip(fates, self.screens, strict=True) if not screen.variables]
        others = {min(some_fates) for some_fates in (doubtful, plain) if some_fates}
        return certain if others <= {certain} else Fate.DOUBTFUL

    def note_column(self, boxes: Boxes) -> None:
        """The cells of a column that collapses are not shown, and which those are is not known here."""
        if not all(box.visible for box in boxes):
            self.covered = True

    def is_gone(self, boxes: Boxes) -> bool:
        """Nothing in the element is shown on any screen."""
        return all(box.is_gone or (box.fate is Fate.HIDDEN) for box in boxes)

    def generated(self, node: LexborNode, which: str, boxes: Boxes) -> tuple[str, Boxes] | None:
        """The text that CSS puts `before` or `after` the content of an element, and its boxes."""
        rules = self.cascade.generated and self.cascade.generated.get((node.mem_id, which))
        if not rules:
            return None
        inner = self.boxes("span", {}, tuple(rules), boxes)
        values = [self.cascade.winners(tuple(rules), "", index).get("content", "") for index in range(len(boxes))]
        text = next(filter(None, (_string(value) for value in values)), "")
        text = text[: self._generated_left]
        self._generated_left -= len(text)
        return (text, inner) if text else None


def _may_cover(declared: Winners) -> bool:
    """An element with a background that is moved over others."""
    if not ("position" in declared or "margin-top" in declared):
        return False
    colour, image = declared.get("background-color", ""), declared.get("background-image", "none")
    if image in ("none", "initial") and colour in ("", "transparent", "layer(none)", "layer(transparent)", "initial"):
        return False
    return declared.get("position") in ("absolute", "fixed") or declared.get("margin-top", "").startswith("-")


def _string(value: str) -> str:
    tokens: Iterable[object] = tokens_of(value)
    return "".join(token.value for token in tokens if isinstance(token, ast.StringToken))
