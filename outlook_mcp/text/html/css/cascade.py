"""Which declarations win for an element, on each kind of screen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from itertools import islice, product
from operator import itemgetter
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from outlook_mcp.text.html.budget import Budget
from outlook_mcp.text.html.css.conditions import NARROW, WIDE, Screen, Truth, media_applies, supports_applies
from outlook_mcp.text.html.css.selectors import Selector
from outlook_mcp.text.html.css.sheets import Condition, ParsedSheet, parse_sheet
from outlook_mcp.text.html.css.simple_rules import SimpleRules, is_simple
from outlook_mcp.text.html.css.traits import Traits
from outlook_mcp.text.html.css.winners import MatchedRule, Winners, WinningValues

_UNLAYERED = 1_000_000
# Reading one matched element costs as much as comparing so many.
_STEPS_OF_A_MATCH = 8
_CLASS = re.compile(r"\.([\w-]+)")


class Matches(NamedTuple):
    """The numbers of the rules about each element, by its `mem_id`, and about its generated text.

    Unless `is_complete`, text that some other rule hides may be among what is shown. `without_simple`: the rules that
    `Cascade.simple_rules` finds are not among those about elements.
    """

    elements: dict[int, list[int]]
    generated: dict[tuple[int, str], list[int]]
    is_complete: bool = True
    without_simple: bool = False


class _Selectors:
    """The numbers of the rules of each selector, and the selectors with the same costs in every document."""

    def __init__(self) -> None:
        self.by_text: dict[str, list[int]] = {}
        self.by_shape: dict[tuple[int, int], list[str]] = {}
        self.rules = 0

    def add_rule(self, order: int, selector: Selector) -> None:
        self.rules += 1
        if selector.text not in self.by_text:
            shape = min(selector.combinators, 4), selector.looks_around
            self.by_shape.setdefault(shape, []).append(selector.text)
        self.by_text.setdefault(selector.text, []).append(order)


class Cascade:
    """Sheets as rules with numbers. Nothing in it depends on the elements of a document.

    `doubtful`: something of the sheets could not be read, so text that it hides may be among what is shown.
    """

    def __init__(self, sources: Sequence[tuple[str, str]], traits: Traits) -> None:
        """`sources` are pairs of the `media` attribute and the text of each `<style>`, in order."""
        sheets = [(media, parse_sheet(css)) for media, css in sources]
        self.animations = frozenset[str]().union(*(sheet.animations for _, sheet in sheets))
        self.fonts = frozenset[str]().union(*(sheet.fonts for _, sheet in sheets))
        self.doubtful = any(sheet.doubtful for _, sheet in sheets)
        self.counter_styles = {name: style for _, sheet in sheets for name, style in sheet.counter_styles.items()}
        self._classes: set[str] = set()
        self._rules: list[MatchedRule] = []
        self._selectors: list[Selector] = []
        self.screens = _screens(with_variables=traits.variables)
        self._told_apart = traits.widths, traits.schemes
        self._quirks = traits.quirks
        self._collect(sheets)
        self._simple, self._others = _Selectors(), _Selectors()
        for order, selector in enumerate(self._selectors):
            is_found_by_names = not selector.generated and is_simple(selector.text)
            (self._simple if is_found_by_names else self._others).add_rule(order, selector)
        self._are_known: dict[str, bool] = {}
        self._keep_different_screens()
        self._cutting: dict[tuple[int, ...], bool] = {}
        self._winners: dict[tuple[tuple[int, ...], str, int], Winners] = {}
        self._values = WinningValues(quirks=traits.quirks, has_fonts=bool(self.fonts))

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
                    self._selectors.append(selector)
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
        is_known = self._are_known.get(names)
        if is_known is None:
            is_known = self._are_known[names] = self._classes.issuperset(names.lower().split())
        return is_known

    def cuts(self, rules: tuple[int, ...]) -> bool:
        """Whether one of the rules says what becomes of content that does not fit."""
        if rules not in self._cutting:
            declared = (value.name for order in rules for value in self._rules[order].declarations)
            self._cutting[rules] = "overflow-x" in declared
        return self._cutting[rules]

    def match(self, tree: LexborHTMLParser, nodes: int, depth: int, budget: Budget) -> Matches:
        """Finds the elements of each rule, cheap selectors first, until the steps are used up.

        Rules with a simple selector are left to `simple_rules` where the budget lets each of them match every element.
        """
        most = budget.steps // (_STEPS_OF_A_MATCH * max(1, self._simple.rules))
        by_names = most >= budget.nodes or _has_at_most(tree, most)
        matches = Matches({}, {}, without_simple=by_names)
        costs = [
            (_cost(*shape, nodes, depth), texts, selectors.by_text)
            for selectors in ((self._others,) if by_names else (self._simple, self._others))
            for shape, texts in selectors.by_shape.items()
        ]
        costs.sort(key=itemgetter(0))
        is_complete = True
        steps = 0
        for cost, text, by_text in ((cost, text, by_text) for cost, texts, by_text in costs for text in texts):
            steps += cost
            if steps > budget.steps:
                is_complete = False
                break  # The others cost no less.
            try:
                found = tree.css(text)
            except SelectolaxError:
                continue  # Browsers leave out a rule whose selector they cannot read.
            noting = _STEPS_OF_A_MATCH * len(found) * len(by_text[text])
            if steps + noting > budget.steps:
                is_complete = False
                continue  # Rules about fewer elements are noted still.
            steps += noting
            nodes_found = [node.mem_id for node in found]
            for order in by_text[text]:
                self._note(matches, order, nodes_found)
        for orders in (*matches.elements.values(), *matches.generated.values()):
            orders.sort()
        return matches._replace(is_complete=is_complete)

    @cached_property
    def simple_rules(self) -> SimpleRules:
        """The rules whose selector is no more than a tag, an id and classes."""
        selectors = ((order, text) for text, orders in self._simple.by_text.items() for order in orders)
        return SimpleRules(selectors, quirks=self._quirks)

    def _note(self, matches: Matches, order: int, nodes: list[int]) -> None:
        generated = self._selectors[order].generated
        if generated:
            for node in nodes:
                matches.generated.setdefault((node, generated), []).append(order)
        else:
            for node in nodes:
                matches.elements.setdefault(node, []).append(order)

    @property
    def size(self) -> int:
        """How many winning values and different elements are known by now."""
        return len(self._winners) + self.simple_rules.size

    def winners(self, rules: tuple[int, ...], inline: str, index: int) -> Winners:
        """Property -> value for the screen of that index; the same mapping wherever the same rules apply."""
        key = (rules, inline, index)
        found = self._winners.get(key)
        if found is None:
            active = tuple(self._rules[order] for order in rules if self._rules[order].active[index])
            found = self._winners[key] = self._values.winning(active, inline, self.screens[index].variables)
        return found

    def all_values(self, rules: tuple[int, ...], inline: str) -> Winners:
        """All values on a wide, light screen, also such as change nothing by themselves."""
        return self._values.all_values(
            tuple(self._rules[order] for order in rules if self._rules[order].active[0]), inline
        )


@lru_cache(maxsize=4096)
def _classes_of(selector: str) -> frozenset[str]:
    return frozenset(_CLASS.findall(selector.lower()))


def _screens(*, with_variables: bool) -> list[Screen]:
    screens = [Screen(width, dark) for dark, width in product((False, True), (WIDE, NARROW))]
    screens += [screen._replace(doubtful=True) for screen in screens[:2]]
    if with_variables:
        screens.append(Screen(WIDE, variables=False))
    return screens


def _told_apart_by(screen: Screen, tells: tuple[bool, bool]) -> tuple[bool, bool]:
    by_width, by_scheme = tells
    return by_width and screen.width == WIDE, by_scheme and screen.dark


def _layer_ranks(sheets: Iterable[ParsedSheet]) -> dict[str, int]:
    """The place of each layer: in the order in which they are first named, a layer behind those inside it."""
    places: dict[str, int] = {}
    for sheet in sheets:
        for name in (*sheet.layers, *(rule.layer for rule in sheet.rules if rule.layer)):
            for around in _layers_around(name):
                places.setdefault(around, len(places))
    last = len(places)
    ordered = sorted(places, key=lambda name: (*(places[around] for around in _layers_around(name)), last))
    return {name: rank for rank, name in enumerate(ordered)}


def _layers_around(name: str) -> list[str]:
    """The layer itself, behind those that it stands in."""
    parts = name.split(".")
    return [".".join(parts[: length + 1]) for length in range(len(parts))]


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


def _has_at_most(tree: LexborHTMLParser, most: int) -> bool:
    """Whether a tree has so many elements or fewer. To count all of a large one would take long."""
    elements = tree.root.traverse() if tree.root else ()
    return sum(1 for _ in islice(elements, most + 1)) <= most


def _cost(combinators: int, looks_around: int, nodes: int, depth: int) -> int:
    """An upper estimate of the comparisons that Lexbor makes."""
    steps = nodes * (1 + min(depth, 60) * combinators)
    return int(steps * max(1, nodes // 4) ** looks_around)
