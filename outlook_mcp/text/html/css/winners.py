"""Which of several declarations wins, and which of the winning values can matter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from cachetools import LRUCache

from outlook_mcp.text.html.css.declarations import CLIPPING, FLAT_TRACK, UNREADABLE, Declaration, parse_declarations
from outlook_mcp.text.html.css.selectors import Specificity
from outlook_mcp.text.html.css.tokens import words
from outlook_mcp.text.html.css.validity import is_valid, may_undo

Winners = Mapping[str, str]
NO_WINNERS: Winners = {}
_INITIAL = {"display": "inline", "color": "initial", "visibility": "visible", "font-size": "medium"}
# What `all` sets of account. What it makes inherit beyond that is not told.
_OF_ALL: Mapping[str, Mapping[str, str]] = {
    "initial": _INITIAL,
    "unset": {"display": "inline"},
    "inherit": {"opacity": "inherit"},
    "revert": {"display": "revert"},
}
# Looked at only with all values of an element, where it stands in a layout of boxes beside each other.
_NEVER_TELLING = words(
    """grid-template-columns text-align flex-shrink flex-wrap column-gap row-gap grid-auto-columns grid-auto-rows
    grid-column direction justify-content justify-items justify-self"""
)
_TELLING_WITH_INDENTS = words("padding-left text-align")
_TELLING_WITH_GRADIENTS = words("background-size background-position")
_NO_SIZE = re.compile(r"[-+]?(?:0|1(?![\d%])|\.|calc|min|max|clamp)")
# Fonts whose letters are pictures.
_SYMBOLS = re.compile(r"dings|\bsymbol")
_LARGE = re.compile(r"\d{3,}(?![\d%])")
# As wide as the page.
_WIDE = r"\d{4,}(?![\d%])|\d{2,}(?:\.\d+)?r?em|[1-9]\d\d(?:\.\d+)?v[wi]|9\d\d(?:\.\d+)?pt|\d\d(?:\.\d+)?(?:in|cm)"
_EXTREME = {
    **dict.fromkeys(("grid-template-rows", "grid-template-columns", "grid-auto-rows", "grid-auto-columns"), FLAT_TRACK),
    "width": re.compile(rf"{_NO_SIZE.pattern}|{_WIDE}"),
    "max-width": _NO_SIZE,
    "max-height": _NO_SIZE,
    "height": re.compile(f"{_NO_SIZE.pattern}|{_LARGE.pattern}"),
    "margin-bottom": re.compile(r"-\d{2}"),
    "margin-right": re.compile(rf"-\d{{3}}|{_WIDE}"),
    "padding-right": re.compile(_WIDE),
    "min-width": re.compile(_WIDE),
    "border-width": _LARGE,
    "padding-top": _LARGE,
    "padding-left": _LARGE,
    "line-height": re.compile(r"[0.]+(?![\d.])|(?:[6-9]\d|\d{3,})(?![\d%])"),
}
_TELLING_WITH_OVERFLOW = words(
    """width height max-width max-height min-width min-height padding-top padding-right padding-bottom padding-left
    line-height flex-basis flex-grow aspect-ratio line-clamp box-sizing container-type contain-intrinsic-height
    contain-intrinsic-width overflow-clip-margin grid-template-rows flex-direction columns align-content
    align-items"""
)
_TELLING_WITH_POSITION = words("left right top bottom z-index")
_TELLING_WITH_FLOAT = words("margin-right margin-bottom")
_TELLING_WITH_TRANSFORM = words("transform-origin")
_TELLING_WITH_MOVES = words("border-width grid-area grid-row")
_TELLING_WITH_COLUMNS = words("grid-template-columns width")
_TELLING_WITH_LAYOUT = words("width")
_TELLING_WITH_SIZING = words("border-width")
_GRID = words("grid-area grid-row")
_MOVES = words("position transform translate margin-top")
_TELLING_WITH_FONTS = words("font-family")
_MOST_KEPT = 2_000


class MatchedRule(NamedTuple):
    """One selector with its block. `active` tells for each screen whether it applies there; `order` is unique."""

    layer: int
    specificity: Specificity
    order: int
    declarations: tuple[Declaration, ...]
    active: tuple[bool, ...]


class WinningValues:
    """The winning values of one document. Equal values are one mapping, so that their box is computed once."""

    def __init__(self, *, quirks: bool, has_fonts: bool) -> None:
        self._quirks = quirks
        self._has_fonts = has_fonts
        self._interned: dict[frozenset[tuple[str, str]], Winners] = {}
        self._all: LRUCache[tuple[tuple[int, ...], str], Winners] = LRUCache(_MOST_KEPT)
        self._by_rules: dict[tuple[tuple[int, ...], str, bool], Winners] = {}

    def winning(self, rules: tuple[MatchedRule, ...], inline: str, has_variables: bool) -> Winners:
        """Property -> value where these rules and the style attribute `inline` apply.

        `has_variables` is False for mail programs that do not know custom properties.
        """
        if not rules and not inline:
            return NO_WINNERS
        key = (tuple(rule.order for rule in rules), inline, has_variables)
        found = self._by_rules.get(key)
        if found is None:
            told = self._telling(self._computed(rules, inline, has_variables))
            found = self._by_rules[key] = self._interned.setdefault(frozenset(told.items()), told)
        return found

    def all_values(self, rules: tuple[MatchedRule, ...], inline: str) -> Winners:
        """All winning values, also such as change nothing by themselves."""
        if not rules and not inline:
            return NO_WINNERS
        key = (tuple(rule.order for rule in rules), inline)
        found = self._all.get(key)
        if found is None:
            found = self._all[key] = self._computed(rules, inline, has_variables=True)
        return found

    def _computed(self, rules: tuple[MatchedRule, ...], inline: str, has_variables: bool) -> dict[str, str]:
        ordered = sorted(rules, key=_precedence)
        blocks = [rule.declarations for rule in ordered]
        if inline:
            blocks.append(parse_declarations(inline))
        parts = [_effective(block, self._quirks, has_variables) for block in blocks]
        found: dict[str, str] = {}
        below: dict[str, str] = {}
        for place, (normal, _) in enumerate(parts):
            if place in (0, len(ordered)) or ordered[place].layer != ordered[place - 1].layer:
                below = dict(found)  # What `revert-layer` goes back to.
            _apply(normal, found, below)
        if any(important for _, important in parts):
            # Among important declarations the earlier layer wins.
            by_rule = sorted(zip(ordered, parts, strict=False), key=lambda pair: _important_precedence(pair[0]))
            for _, important in (*(part for _, part in by_rule), *parts[len(ordered) :]):
                _apply(important, found, below)
        return found

    def _telling(self, values: dict[str, str]) -> Winners:
        """The values without those that change nothing because of what else is declared, or not."""
        silent = _NEVER_TELLING
        if CLIPPING.isdisjoint(values):
            silent |= _TELLING_WITH_OVERFLOW
        if "gradient(" not in values.get("background-image", ""):
            silent |= _TELLING_WITH_GRADIENTS
        if "text-indent" in values:
            silent -= _TELLING_WITH_INDENTS
        if "position" not in values:
            silent |= _TELLING_WITH_POSITION
        if "float" not in values and "position" not in values:
            silent |= _TELLING_WITH_FLOAT
        if not ("transform" in values or "rotate" in values or "scale" in values):
            silent |= _TELLING_WITH_TRANSFORM
        if _MOVES.isdisjoint(values):
            silent |= _TELLING_WITH_MOVES - (_GRID if "background-color" in values else frozenset())
        if "grid-template-columns" in values and "width" in values:
            silent -= _TELLING_WITH_COLUMNS
        if "table-layout" in values:
            silent -= _TELLING_WITH_LAYOUT
        if "box-sizing" in values:
            silent -= _TELLING_WITH_SIZING
        if not self._has_fonts:
            silent |= _TELLING_WITH_FONTS
        if silent.isdisjoint(values):
            return values
        return {
            name: value
            for name, value in values.items()
            if name not in silent or _is_extreme(name, value) or _SYMBOLS.search(value)
        }


def _is_extreme(name: str, value: str) -> bool:
    """A box of no size, for what is inside of it, or a padding or height that may push others out of theirs."""
    pattern = _EXTREME.get(name)
    return pattern is not None and pattern.match(value) is not None


def _apply(declared: Mapping[str, str], found: dict[str, str], below: Mapping[str, str]) -> None:
    """Sets the values of one block; `below` holds those of the layers below its own."""
    if "all" in declared:
        kept = below if declared["all"] == "revert-layer" else {}
        for name in [name for name in found if not name.startswith("--")]:
            del found[name]
        found.update(kept)
        found.update(_OF_ALL.get(declared["all"], {}))
    for name, value in declared.items():
        if value != "revert-layer":
            if name in found and found[name] != value and may_undo(name, value, found[name]):
                found[UNREADABLE] = "yes"
            found[name] = value
        elif name in below:
            found[name] = below[name]
        else:
            found.pop(name, None)
    found.pop("all", None)


def _precedence(rule: MatchedRule) -> tuple[int, Specificity, int]:
    return rule.layer, rule.specificity, rule.order


def _important_precedence(rule: MatchedRule) -> tuple[int, Specificity, int]:
    return -rule.layer, rule.specificity, rule.order


@lru_cache(maxsize=8192)
def _effective(
    declarations: tuple[Declaration, ...], quirks: bool, has_variables: bool
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """What a block declares that mail programs accept: normal and important, property -> value."""
    normal: dict[str, str] = {}
    important: dict[str, str] = {}
    for name, value, is_important in declarations:
        if "var(" in value:
            if not has_variables:
                continue
        elif not is_valid(name, value, quirks):
            continue
        block = important if is_important else normal
        if quirks and name in block and block[name] != value and may_undo(name, value, block[name]):
            block[UNREADABLE] = "yes"
        if name == "all":
            # It undoes what stands before it, but custom properties.
            for other in [other for other in block if not other.startswith("--")]:
                del block[other]
        block[name] = value
    return normal, important
