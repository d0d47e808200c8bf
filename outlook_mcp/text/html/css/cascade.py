"""Which declarations win for an element, on each kind of screen."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import product

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from outlook_mcp.text.html.budget import Budget
from outlook_mcp.text.html.css.conditions import NARROW, WIDE, Screen, Truth, media_applies, supports_applies
from outlook_mcp.text.html.css.selectors import Selector
from outlook_mcp.text.html.css.sheets import Condition, ParsedSheet, parse_sheet
from outlook_mcp.text.html.css.winners import MatchedRule, Winners, WinningValues

_UNLAYERED = 1_000_000
_SIMPLE = re.compile(r"(\*|[a-z][\w-]*)?((?:[.#][\w-]+)*)")
_PART = re.compile(r"[.#][\w-]+")
# Reading one matched element costs as much as comparing so many.
_STEPS_OF_A_MATCH = 8
_CLASS = re.compile(r"\.([\w-]+)")
_VIEWPORT_UNIT = re.compile(r"\d[sld]?v(?:w|h|i|b|min|max)\b")


class Cascade:
    """The sheets of one document. `matched` and `generated` tell the rules of an element by its `mem_id`.

    `doubtful`: some rule could not be applied, so text that it hides may be among what is shown.
    """

    def __init__(self, sources: Sequence[tuple[str, str]], html: str, *, quirks: bool, budget: Budget) -> None:
        """`sources` are pairs of the `media` attribute and the text of each `<style>`, in order."""
        sheets = [(media, parse_sheet(css)) for media, css in sources]
        self.animations = frozenset[str]().union(*(sheet.animations for _, sheet in sheets))
        self.fonts = frozenset[str]().union(*(sheet.fonts for _, sheet in sheets))
        self.doubtful = any(sheet.doubtful for _, sheet in sheets)
        self.quirks = quirks
        self._budget = budget
        self.matched: dict[int, list[int]] = {}
        self.generated: dict[tuple[int, str], list[int]] = {}
        self._classes: set[str] = set()
        self._rules: list[MatchedRule] = []
        self._selectors: list[tuple[Selector, str]] = []
        lowered = html.lower()
        self.screens = _screens(lowered)
        by_width = _VIEWPORT_UNIT.search(lowered) is not None
        self._told_apart = by_width, "color-scheme" in lowered or "light-dark(" in lowered
        self._collect(sheets)
        self._keep_different_screens()
        self._simple: defaultdict[str, list[tuple[int, str, str]]] | None = None
        self._winners: dict[tuple[tuple[int, ...], str, int], Winners] = {}
        self._values = WinningValues(quirks=quirks, has_fonts=bool(self.fonts))

    def _collect(self, sheets: Iterable[tuple[str, ParsedSheet]]) -> None:
        layers = _layer_ranks(sheet for _, sheet in sheets)
        known: dict[tuple[Condition, ...], tuple[tuple[bool, ...], tuple[bool, ...]]] = {}
        for media, sheet in sheets:
            outer = (Condition("media", media),) if media else ()
            for rule in sheet.rules:
                conditions = (*outer, *rule.conditions)
                if conditions not in known:
                    known[conditions] = self._active_under(conditions)
                certain, possible = known[conditions]
                if not any(possible) and not any(certain):
                    continue
                layer = layers[rule.layer] if rule.layer else _UNLAYERED
                for selector in rule.selectors:
                    active = possible if selector.doubtful else certain
                    order = len(self._rules)
                    self._rules.append(MatchedRule(layer, selector.specificity, order, rule.declarations, active))
                    self._selectors.append((selector, selector.generated))
                    self._classes |= _classes_of(selector.text)

    def _active_under(self, conditions: tuple[Condition, ...]) -> tuple[tuple[bool, ...], tuple[bool, ...]]:
        """On which screens a rule applies whose selector is understood, and on which one whose selector is not."""
        truths = [_truth(conditions, screen) for screen in self.screens]
        possible = tuple(
            truth is not False and screen.doubtful for truth, screen in zip(truths, self.screens, strict=True)
        )
        certain = tuple(truth is True or is_possible for truth, is_possible in zip(truths, possible, strict=True))
        return certain, possible

    def _keep_different_screens(self) -> None:
        """Screens on which the same rules apply, and which no value can tell apart, are one."""
        seen: dict[tuple[object, ...], int] = {}
        columns = list(zip(*(rule.active for rule in self._rules), strict=True)) or [()] * len(self.screens)
        for rules, (index, screen) in zip(columns, enumerate(self.screens), strict=True):
            seen.setdefault((rules, screen.variables, *_told_apart_by(screen, self._told_apart)), index)
        kept = sorted(seen.values())
        if len(kept) == len(self.screens):
            return
        self.screens = [self.screens[index] for index in kept]
        for order, rule in enumerate(self._rules):
            active = tuple(rule.active[index] for index in kept)
            self._rules[order] = rule._replace(active=active)

    def told_apart_by(self, screen: Screen) -> tuple[bool, bool]:
        """What of a screen can change the meaning of a value in this document: its width, its colour scheme."""
        return _told_apart_by(screen, self._told_apart)

    def knows_classes(self, names: str) -> bool:
        """Whether some rule is about each of the classes."""
        return all(name in self._classes for name in names.lower().split())

    def match(self, tree: LexborHTMLParser, nodes: int, depth: int) -> None:
        """Finds the elements of each rule, cheap selectors first, until the steps are used up."""
        by_text: dict[str, list[int]] = {}
        for order, (selector, _) in enumerate(self._selectors):
            by_text.setdefault(selector.text, []).append(order)
        costs = sorted((_cost(self._selectors[orders[0]][0], nodes, depth), text) for text, orders in by_text.items())
        steps = 0
        for cost, text in costs:
            steps += cost
            if steps > self._budget.steps:
                self.exhausted()
                break  # The others cost no less.
            try:
                found = tree.css(text)
            except SelectolaxError:
                continue  # Browsers leave out a rule whose selector they cannot read.
            noting = _STEPS_OF_A_MATCH * len(found) * len(by_text[text])
            if steps + noting > self._budget.steps:
                self.exhausted()
                continue  # Rules about fewer elements are noted still.
            steps += noting
            nodes_found = [node.mem_id for node in found]
            for order in by_text[text]:
                self._note(order, nodes_found)
        for orders in (*self.matched.values(), *self.generated.values()):
            orders.sort()

    def exhausted(self) -> None:
        """Notes that something was not computed."""
        self.doubtful = True

    def simple_rules(self, tag: str, identifier: str, classes: str) -> tuple[int, ...]:
        """The rules whose selector is no more than a tag, an id and classes, and fits an element that has those."""
        if self._simple is None:
            self._simple = defaultdict(list)
            for order, (selector, generated) in enumerate(self._selectors):
                found = _SIMPLE.fullmatch(selector.text.lower())
                if found and not generated:
                    tag = found[1] or "*"
                    self._simple[min(_PART.findall(found[2]), default=tag)].append((order, tag, found[2]))
        parts = {f".{name}" for name in classes.lower().split()[:50]} | (
            {f"#{identifier.lower()}"} if identifier else set()
        )
        orders = [
            order
            for key in (*parts, tag, "*")
            for order, wanted, rest in self._simple.get(key, ())
            if wanted in ("*", tag) and parts.issuperset(_PART.findall(rest))
        ]
        return tuple(sorted(orders))

    def _note(self, order: int, nodes: list[int]) -> None:
        generated = self._selectors[order][1]
        if generated:
            for node in nodes:
                self.generated.setdefault((node, generated), []).append(order)
        else:
            for node in nodes:
                self.matched.setdefault(node, []).append(order)

    def winners(self, rules: tuple[int, ...], inline: str, index: int) -> Winners:
        """Property -> value for the screen of that index; the same mapping wherever the same rules apply."""
        key = (rules, inline, index)
        found = self._winners.get(key)
        if found is None:
            active = tuple(self._rules[order] for order in rules if self._rules[order].active[index])
            found = self._winners[key] = self._values.winning(active, inline, self.screens[index].variables)
        return found


@lru_cache(maxsize=4096)
def _classes_of(selector: str) -> frozenset[str]:
    return frozenset(_CLASS.findall(selector.lower()))


def _screens(lowered: str) -> list[Screen]:
    screens = [Screen(width, dark) for dark, width in product((False, True), (WIDE, NARROW))]
    screens += [screen._replace(doubtful=True) for screen in screens[:2]]
    if "var(" in lowered:
        screens.append(Screen(WIDE, variables=False))
    return screens


def _told_apart_by(screen: Screen, tells: tuple[bool, bool]) -> tuple[bool, bool]:
    by_width, by_scheme = tells
    return by_width and screen.width == WIDE, by_scheme and screen.dark


def _layer_ranks(sheets: Iterable[ParsedSheet]) -> dict[str, int]:
    names: dict[str, None] = {}
    for sheet in sheets:
        names.update(dict.fromkeys((*sheet.layers, *(rule.layer for rule in sheet.rules if rule.layer))))
    return {name: rank for rank, name in enumerate(names)}


def _truth(conditions: Sequence[Condition], screen: Screen) -> Truth:
    result: Truth = True
    for kind, text in conditions:
        truth = (
            media_applies(text, screen) if kind == "media" else supports_applies(text) if kind == "supports" else None
        )
        if truth is False:
            return False
        result = None if truth is None else result
    return result


def _cost(selector: Selector, nodes: int, depth: int) -> int:
    """An upper estimate of the comparisons that Lexbor makes."""
    steps = nodes * (1 + min(depth, 60) * min(selector.combinators, 4))
    return int(steps * max(1, nodes // 4) ** selector.looks_around)


@lru_cache(maxsize=256)
def is_quirky(doctype: str) -> bool:
    """Whether a browser reads classes and ids without regard to case after this document type."""
    return bool(LexborHTMLParser(f"{doctype}<p class=Q>").css(".q"))
