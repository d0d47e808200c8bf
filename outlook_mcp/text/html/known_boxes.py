"""The boxes of elements on each kind of screen, each computed once for all documents with the same sheets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cachetools import LRUCache

from outlook_mcp.text.html.css.box import Box, first_box
from outlook_mcp.text.html.css.box_values import Hints, Visibility
from outlook_mcp.text.html.css.cascade import Cascade
from outlook_mcp.text.html.css.colours import Colour
from outlook_mcp.text.html.css.computed import computed_box
from outlook_mcp.text.html.css.covering import is_painted_above, leaves_its_place, may_cover, may_push
from outlook_mcp.text.html.css.doubts import Surroundings
from outlook_mcp.text.html.css.traits import Traits
from outlook_mcp.text.html.css.winners import NO_WINNERS, Winners
from outlook_mcp.text.html.pushing import PUSHING, WIDE_PART, width_by_style

# One box for each kind of screen.
Boxes = tuple[Box, ...]
_Key = tuple[int, int, str, tuple[int, ...]]
_OFFSETS = frozenset({"left", "right", "top", "bottom"})
_MOST_KEPT, _MOST_SHEETS, _MOST_BOXES, _MOST_WINNERS = 8, 100_000, 2_000, 10_000


class Look(NamedTuple):
    """How elements look that have the same hints, style attribute and rules in the same boxes.

    `declared` are their declared values on a wide, light screen. Elements that are `covering` may cover others, or push
    them out of a box that cuts them off; the text of those `leaving` may stand where others are, and those `above` are
    painted over such text. Those that are `wide` may push others off the page.
    """

    hints: Hints
    boxes: Boxes
    declared: Winners
    covering: bool
    leaving: bool
    above: bool
    wide: bool


class KnownBoxes:
    """The boxes that documents with these sheets have had so far."""

    def __init__(self, cascade: Cascade, link: Colour | None) -> None:
        self.cascade = cascade
        self.screens = cascade.screens
        self.computed = 0
        self._is_certain = [not screen.doubtful and screen.variables for screen in self.screens]
        self._around = [Surroundings(screen, cascade.animations, cascade.fonts) for screen in self.screens]
        # For each screen the earlier ones on which the same values give the same box.
        alike = [cascade.told_apart_by(screen) for screen in self.screens]
        self._earlier_alike = [
            [other for other in range(index) if alike[other] == told_apart] for index, told_apart in enumerate(alike)
        ]
        # Screens on which the same holds share one box, which is computed once.
        self.first: Boxes = (first_box(link),) * len(self.screens)
        self.gone: Boxes = tuple(box._replace(is_gone=True) for box in self.first)
        self._looks: dict[_Key, Look] = {}
        self._by_values: dict[tuple[object, ...], Boxes] = {}
        self._alike: dict[tuple[object, ...], Box] = {box.looks(): box for box in (*self.first, *self.gone)}
        self._groups: dict[tuple[int, ...], Boxes] = {tuple(map(id, boxes)): boxes for boxes in (self.first, self.gone)}
        # Keeps the boxes alive that are known by their id.
        self._kept: list[Boxes] = [self.first, self.gone]
        self._are_gone: dict[int, bool] = {}
        self._visibilities: dict[tuple[int, int], Visibility] = {}

    @property
    def is_full(self) -> bool:
        """Whether so much is known that it is better forgotten."""
        return len(self._looks) > _MOST_BOXES or self.cascade.size > _MOST_WINNERS

    def look_of(self, parent: Boxes, hints: Hints, inline: str, rules: tuple[int, ...], *, is_root: bool) -> Look:
        """The look of an element with these hints, style attribute and rules in `parent`."""
        # To compare hints or boxes takes long. A look keeps its hints alive, and `_kept` the boxes, so no id is reused.
        key = id(parent), id(hints), inline, rules
        look = self._looks.get(key)
        if look is None:
            look = self._looks[key] = self._computed(parent, hints, inline, rules, is_root=is_root)
        return look

    def _computed(self, parent: Boxes, hints: Hints, inline: str, rules: tuple[int, ...], *, is_root: bool) -> Look:
        """With the boxes of another element whose values are the same, if there is one."""
        if rules or inline:
            declared = tuple(self.cascade.winners(rules, inline, index) for index in range(len(parent)))
        else:
            declared = (NO_WINNERS,) * len(parent)
        if hints.is_positioned and not _OFFSETS.isdisjoint(self.cascade.all_values(rules, inline)):
            hints = hints._replace(visibility=Visibility.DOUBTFUL)
        telling = [
            (box, values)
            for box, values, is_sure in zip(parent, declared, self._is_certain, strict=True)
            if is_sure and (values or hints.background)
        ]
        values_key = (id(parent), hints, is_root, *map(id, declared))
        boxes = self._by_values.get(values_key)
        if boxes is None:
            self.computed += 1
            boxes = self._by_values[values_key] = self._boxes_in(parent, declared, hints, is_root=is_root)
        return Look(
            hints,
            boxes,
            declared[0],
            covering=any(may_cover(values, hints) or may_push(values, box.clip) for box, values in telling),
            leaving=any(leaves_its_place(values) for _, values in telling),
            above=any(is_painted_above(values, hints) for _, values in telling),
            wide=not PUSHING.isdisjoint(declared[0]) and width_by_style(declared[0]) >= WIDE_PART,
        )

    def _boxes_in(self, parent: Boxes, declared: Sequence[Winners], hints: Hints, *, is_root: bool) -> Boxes:
        boxes: list[Box] = []
        for index, (box, values) in enumerate(zip(parent, declared, strict=True)):
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

    def is_gone(self, boxes: Boxes) -> bool:
        """Whether nothing of an element is shown on any screen."""
        is_gone = self._are_gone.get(id(boxes))
        if is_gone is None:
            is_gone = all(box.is_gone or box.visibility is Visibility.HIDDEN for box in boxes)
            self._are_gone[id(boxes)] = is_gone
        return is_gone

    def visibility_of_text(self, boxes: Boxes, length: int) -> Visibility:
        """What becomes of a text: seen when some screen shows it, hidden when none does."""
        key = (id(boxes), length if boxes[0].indent else 0)
        visibility = self._visibilities.get(key)
        if visibility is None:
            visibility = self._visibilities[key] = self._joined([box.visibility_of_text(length) for box in boxes])
        return visibility

    def _joined(self, visibilities: Sequence[Visibility]) -> Visibility:
        certain = min(
            visibility for visibility, is_certain in zip(visibilities, self._is_certain, strict=True) if is_certain
        )
        if all(self._is_certain):
            return certain
        doubtful = [
            visibility for visibility, screen in zip(visibilities, self.screens, strict=True) if screen.doubtful
        ]
        plain = [
            visibility for visibility, screen in zip(visibilities, self.screens, strict=True) if not screen.variables
        ]
        others = {min(values) for values in (doubtful, plain) if values}
        return certain if others <= {certain} else Visibility.DOUBTFUL


_known: LRUCache[tuple[object, ...], KnownBoxes] = LRUCache(_MOST_KEPT)


def known_boxes(sheets: Sequence[tuple[str, str]], traits: Traits, link: Colour | None) -> KnownBoxes:
    """The boxes of earlier documents with the same sheets, or new ones. One process reads for one user only."""
    key = (tuple(sheets), traits, link)
    known = _known.get(key)
    if known is None or known.is_full:
        known = KnownBoxes(Cascade(sheets, traits), link)
        if sum(len(css) for _, css in sheets) < _MOST_SHEETS:
            _known[key] = known
    return known
