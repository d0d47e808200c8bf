"""The styles of one document: the boxes of its elements on each kind of screen, and what becomes of their text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from selectolax.lexbor import LexborHTMLParser, LexborNode

from outlook_mcp.text.html.budget import Budget
from outlook_mcp.text.html.css.box import Box
from outlook_mcp.text.html.css.cascade import Matches
from outlook_mcp.text.html.css.colours import attribute_colour
from outlook_mcp.text.html.css.lengths import Scale, pixels
from outlook_mcp.text.html.css.moving import is_raised
from outlook_mcp.text.html.css.traits import is_quirky, traits_of
from outlook_mcp.text.html.css.variables import resolved
from outlook_mcp.text.html.css.winners import NO_WINNERS, Winners
from outlook_mcp.text.html.embedded import doctype_of
from outlook_mcp.text.html.flex_items import FlexItems
from outlook_mcp.text.html.hints import PLAIN, SIZED, Attributes, hints_of
from outlook_mcp.text.html.known_boxes import Boxes, known_boxes
from outlook_mcp.text.html.pushing import (
    WIDE_PART,
    fills_page,
    follows_in_line,
    has_column_beside_page,
    stands_before_cell,
    width_by_attributes,
    width_by_style,
)
from outlook_mcp.text.html.room import Room
from outlook_mcp.text.html.room_sizes import display_of

_NO_RULES: tuple[int, ...] = ()
_BODY_LINK = re.compile(r"<body\b[^>]*\slink\s*=\s*[\"']?([#\w]+)", re.I)
# A style sheet, or a tree of elements that is shown in place of others, outside of what is read.
_OUTSIDE = re.compile(r"<link\b[^>]*\bhref\s*=\s*[\"']?\s*data:|<template\b[^>]*\bshadowrootmode", re.I)
_MOST_GENERATED = 20_000
_SHOWS_TEXT = re.compile(r"[\"']|(?:counters?|attr)\(|-quote\b", re.I)
# Browsers put nothing into them.
_WITHOUT_GENERATED = frozenset({"select", "textarea", "br", "iframe", "video", "svg"})
# Looked for only in what is too much to be read, which is marked as a whole.
_LIKELY_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?:opacity|font-size)\s*:\s*[.0]+\D*(?:;|$)", re.I
)
_FULL = Budget()
_FAR = 30.0
# By them a box may be moved up, as it may by a margin above it.
RAISING = frozenset({"margin-bottom", "position", "transform", "translate"})
_SIZES = frozenset({"width", "min-width", "height", "min-height", "padding-left", "padding-top", "border-width"})


class Styles:
    """`doubtful`: as a whole, something could not be read or computed that may hide parts of the text.

    `declared` are the values that the element whose boxes were asked for last declares on a wide, light screen, of the
    properties that decide by themselves what is seen; `all_declared` gives those of every property. An element that
    `is_wide` may push others off the page.
    `generates` tells whether some rule is about what stands before or after an element.
    """

    def __init__(self, html: str, sheets: Sequence[tuple[str, str]], budget: Budget = _FULL) -> None:
        """`sheets` are pairs of the `media` attribute and the text of each `<style>`, in order."""
        quirks = is_quirky(doctype_of(html)[:200])
        link = _BODY_LINK.search(html[:50_000])
        self._known = known_boxes(sheets, traits_of(html, quirks=quirks), attribute_colour(link[1]) if link else None)
        self._cascade = self._known.cascade
        self._simple_rules_of = self._cascade.simple_rules.rules_of
        self._matches = Matches({}, {})
        self._budget = budget
        # Boxes that other documents needed cost this one nothing.
        self._most_computed = self._known.computed + budget.boxes // len(self._known.screens)
        self._is_beyond = False
        self._covered = self._has_left = False
        # Which element is the last one in a line that is not broken, and how wide that is as far as it is told.
        self._line = (0, 0.0)
        self._generated_left = _MOST_GENERATED
        self._has_outside = bool(_OUTSIDE.search(html))
        self.declared: Winners = NO_WINNERS
        self.is_wide = self.generates = False
        self.has_counters = any("counter-" in css for _, css in sheets)
        self.first = self._known.first
        self.counter_styles = self._cascade.counter_styles
        self.visibility_of_text = self._known.visibility_of_text
        self._flex_items = FlexItems(self.all_declared)

    @property
    def doubtful(self) -> bool:
        is_incomplete = self._is_beyond or not self._matches.is_complete
        return self._cascade.doubtful or is_incomplete or self._covered or self._has_outside

    def match(self, tree: LexborHTMLParser, nodes: int, depth: int) -> None:
        """Finds out which rules are about which elements."""
        self._matches = self._cascade.match(tree, nodes, depth, self._budget)
        self.generates = bool(self._matches.generated)

    def boxes_of(self, node: LexborNode, tag: str, attributes: Attributes, parent: Boxes) -> Boxes:
        """The boxes of an element whose parent has the boxes `parent`."""
        rules = self._rules_of(node, tag, attributes)
        around = parent[0]
        is_plain = not rules and not attributes and tag in PLAIN
        if is_plain and not around.lays_out and not (around.indent and tag == "table"):
            self.declared, self.is_wide = NO_WINNERS, False
            return parent
        doubtful = "flex" in around.lays_out and self._flex_items.has_no_room(node, around)
        return self.boxes(tag, attributes, rules, parent, doubtful=doubtful)

    def all_declared(self, node: LexborNode) -> Winners:
        """All values that an element declares on a wide, light screen, also such as change nothing by themselves."""
        attributes = node.attributes
        rules = self._rules_of(node, node.tag or "", attributes)
        return self._cascade.all_values(rules, attributes.get("style") or "")

    def _rules_of(self, node: LexborNode, tag: str, attributes: Attributes) -> tuple[int, ...]:
        """The numbers of the rules about an element, in order."""
        others = self._matches.elements and self._matches.elements.get(node.mem_id)
        simple = self.simple_rules(tag, attributes) if self._matches.without_simple else _NO_RULES
        return tuple(sorted((*simple, *others))) if others else simple

    def boxes(
        self, tag: str, attributes: Attributes, rules: tuple[int, ...], parent: Boxes, *, doubtful: bool = False
    ) -> Boxes:
        """The boxes of an element with these rules. If it is `doubtful`, perhaps nothing of it is seen."""
        inline = attributes.get("style") or ""
        if self._known.computed > self._most_computed:
            return self._beyond(attributes, inline, rules, parent)
        classes = attributes.get("class")
        unknown = bool(classes) and not parent[0].unknown_class and not self._cascade.knows_classes(classes or "")
        cuts = tag in SIZED and ("overflow" in inline or (bool(rules) and self._cascade.cuts(rules)))
        hints = hints_of(tag, attributes, unknown_class=unknown, doubtful=doubtful, cuts=cuts)
        look = self._known.look_of(parent, hints, inline, rules, is_root=tag == "html")
        self.declared, self.is_wide = look.declared, look.wide
        if look.covering or (self._has_left and look.above):
            self._covered = True
        self._has_left = self._has_left or look.leaving
        return look.boxes

    def _beyond(self, attributes: Attributes, inline: str, rules: tuple[int, ...], parent: Boxes) -> Boxes:
        """Of more elements that look different than are computed, only whether they are displayed at all."""
        self._is_beyond = True
        declared = self.declared = self._cascade.winners(rules, "", 0) if rules else NO_WINNERS
        is_gone = (
            ("hidden" in attributes and "style" not in attributes)
            or bool(_LIKELY_HIDDEN.search(inline))
            or declared.get("display") == "none"
            or declared.get("visibility") == "hidden"
            or declared.get("font-size") in ("0", "0px")
            or not declared.get("opacity", "1").strip("0.")
        )
        return self._known.gone if is_gone else parent

    def simple_rules(self, tag: str, attributes: Attributes) -> tuple[int, ...]:
        """The rules whose selector is a tag, an id and classes that the element has."""
        return self._simple_rules_of(tag, attributes.get("id") or "", attributes.get("class") or "")

    def note_column(self, boxes: Boxes) -> None:
        """The cells of a column that collapses are not shown, and which those are is not known here."""
        if not all(box.visible for box in boxes):
            self._covered = True

    def note_raised(self, declared: Winners, *, is_first: bool) -> None:
        """What stands first on the page and is moved up may be above its edge, or so far that anything else is."""
        below = pixels(declared.get("margin-bottom", ""), Scale()) or 0.0
        self._covered = self._covered or below <= -_FAR or (is_first and is_raised(declared))

    def note_pushing(self, node: LexborNode, box: Box, around: str) -> None:
        """What follows something wide in the same line, row or grid may be beside the page."""
        parent = node.parent if "grid" in around else None
        if parent is not None and has_column_beside_page(self.all_declared(parent)):
            self._covered = True
        if self.is_wide:
            values = self.all_declared(node)
            width = width_by_style(values, node.tag or "")
            self._note_wide(node, width, _is_in_unbroken_line(node, values, box), in_grid=bool(parent))

    def note_width(self, node: LexborNode, attributes: Attributes, box: Box) -> None:
        """What follows a picture that is wide by its old attributes, and by no style, may be beside the page."""
        width = width_by_attributes(attributes)
        if not fills_page(width) and not (width >= WIDE_PART and _is_unbroken(box)):
            return
        values = self.all_declared(node)
        is_beside_text = (attributes.get("align") or "").lower() in ("left", "right")
        if {"width", "max-width"}.isdisjoint(values) and not is_beside_text:
            self._note_wide(node, width, _is_in_unbroken_line(node, values, box))

    def _note_wide(self, node: LexborNode, width: float, in_line: bool, *, in_grid: bool = False) -> None:
        """What follows an element so many pixels wide may be beside the page, as it may behind several in one line."""
        if in_line and width:
            width += self._line[1] if follows_in_line(node, self._line[0]) else 0.0
            self._line = node.mem_id, width
        if fills_page(width):
            self._covered = self._covered or in_line or in_grid or stands_before_cell(node)

    def note_end_of_room(self, room: Room) -> None:
        """All that is in a box was written, of which it may show the end alone."""
        self._covered = self._covered or room.hides_its_beginning()

    def is_gone(self, boxes: Boxes) -> bool:
        """Nothing in the element is shown on any screen."""
        return self._known.is_gone(boxes)

    def generated(self, node: LexborNode, which: str, boxes: Boxes) -> tuple[str, Winners, Boxes] | None:
        """What CSS puts `before` or `after` what is in an element: the value of `content`, all values, the boxes."""
        rules = self._matches.generated.get((node.mem_id, which))
        if not rules or node.tag in _WITHOUT_GENERATED:
            return None
        inner = self.boxes("span", {}, tuple(rules), boxes)
        values = [self._cascade.winners(tuple(rules), "", index) for index in range(len(boxes))]
        for winners, box in zip(values, inner, strict=True):
            content = winners.get("content", "")
            if "var(" in content:
                content = resolved("--content", content, box.variables) or ""
            if _SHOWS_TEXT.search(content):
                return content, winners, inner
        return None

    def has_generated(self, node: LexborNode) -> bool:
        """Whether a rule says what stands before an element."""
        return (node.mem_id, "before") in self._matches.generated

    def puts_room_before(self, node: LexborNode) -> bool:
        """Whether a rule gives what stands before an element a size of its own."""
        rules = self._matches.generated.get((node.mem_id, "before"), [])
        values = self._cascade.all_values(tuple(rules), "")
        content = values.get("content", "")
        has_lines = values.get("display", "inline") not in ("inline", "inline-block", "none") and '"' in content
        return has_lines or "\\a" in content.lower() or not _SIZES.isdisjoint(values)

    def boxes_of_part(self, node: LexborNode, which: str, boxes: Boxes) -> Boxes:
        """The boxes of `details-content`, what a `<details>` unfolds, or of a `placeholder`; `boxes` are its own."""
        rules = self._matches.generated.get((node.mem_id, which))
        if which == "placeholder":
            return self.boxes(which, {}, tuple(rules or ()), boxes)  # It has a colour of its own.
        return self.boxes("div", {}, tuple(rules), boxes) if rules else boxes

    def within_limit(self, text: str) -> str:
        """A text put there by CSS, cut where the whole document would get too much of it."""
        text = text[: self._generated_left]
        self._generated_left -= len(text)
        return text


def _is_in_unbroken_line(node: LexborNode, values: Winners, box: Box) -> bool:
    return _is_unbroken(box) and display_of(node.tag or "", values) in ("box", "line")


def _is_unbroken(box: Box) -> bool:
    """Whether what stands in a line stays in it, however long it gets."""
    return box.nowrap or (box.preformatted and "wrap" not in box.inherited.get("white-space", ""))
