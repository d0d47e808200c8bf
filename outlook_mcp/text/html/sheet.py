"""The `<style>` sheets of a message, as far as they can hide something.

Selectors of a tag, classes, an id and their combinations, lists of them, and ancestors before a space or `>`.
Rules under `@media` and with pseudo classes say how another screen looks and are left out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from outlook_mcp.text.html.style import parse_declarations

_MOST_SHEET = 400_000
_MOST_RULES = 5_000
# Steps to ancestors, over a whole message; past it only rules without ancestors apply.
_MOST_STEPS = 2_000_000
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|<!--|-->", re.S)
_PLAIN_MEDIA = re.compile(r"@media\s+(?:screen|all)\s*\Z", re.I)
_COMPOUND = re.compile(r"(\*|[a-z][\w-]*)?((?:[.#][\w-]+)*)", re.I)
_BRACE = re.compile(r"[{}]")
_PART = re.compile(r"([.#])([\w-]+)")
_RELEVANT = re.compile(
    r"display|visibility|color|background|font|opacity|overflow|height|width|left|top|right|bottom|indent|margin|clip"
    r"|hide|transform|filter|zoom|\\",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Element:
    """What selectors can ask of an element, and of those it stands in."""

    tag: str
    classes: frozenset[str]
    id: str
    parent: Element | None


@dataclass(frozen=True, slots=True)
class _Compound:
    tag: str
    classes: frozenset[str]
    id: str

    def matches(self, element: Element) -> bool:
        return (
            (not self.tag or self.tag == element.tag)
            and (not self.id or self.id == element.id)
            and self.classes <= element.classes
        )


@dataclass(frozen=True, slots=True)
class _Rule:
    subject: _Compound
    ancestors: tuple[_Compound, ...]
    specificity: tuple[int, int, int]
    order: int
    declarations: dict[str, tuple[str, bool]]


@dataclass(slots=True)
class StyleSheet:
    """Rules by the tag, class or id their subject needs, so that most elements look at few."""

    _rules: defaultdict[str, list[_Rule]] = field(default_factory=lambda: defaultdict(list))
    _classes: set[str] = field(default_factory=set)
    _count: int = 0
    _steps: int = 0

    @classmethod
    def parse(cls, sources: Iterable[str]) -> StyleSheet:
        sheet = cls()
        for selectors, body in _blocks(_COMMENT.sub("", "\n".join(sources))[:_MOST_SHEET]):
            sheet._add(selectors, body)
        return sheet

    def __bool__(self) -> bool:
        return self._count > 0

    def depends_on_ancestors(self, element: Element) -> bool:
        """Two elements with the same attributes may look different."""
        return any(rule.ancestors for rule in self._candidates(element))

    def styles_class(self, name: str) -> bool:
        """Some rule is about this class, so its background is known."""
        return name in self._classes

    def declarations(self, element: Element, inline: str) -> dict[str, str]:
        """The cascade: by importance, then inline, specificity and order."""
        winners: dict[str, tuple[str, bool]] = {}
        matching = [rule for rule in self._candidates(element) if self._matches(rule, element)]
        matching.sort(key=lambda rule: (rule.specificity, rule.order))
        for declarations in [*(rule.declarations for rule in matching), parse_declarations(inline)]:
            for name, (value, important) in declarations.items():
                if important or not winners.get(name, ("", False))[1]:
                    winners[name] = (value, important)
        return {name: value for name, (value, _) in winners.items()}

    def _add(self, selectors: str, body: str) -> None:
        declarations = parse_declarations(body) if _RELEVANT.search(body) else None
        for selector in selectors.split(","):
            if self._count >= _MOST_RULES:
                return
            compounds = _compounds(selector)
            if not compounds:
                continue
            *ancestors, subject = compounds
            self._classes |= subject.classes
            if declarations is None:
                continue
            self._count += 1
            rule = _Rule(subject, tuple(ancestors[::-1]), _specificity(compounds), self._count, declarations)
            self._rules[_key(subject)].append(rule)

    def _candidates(self, element: Element) -> Iterator[_Rule]:
        keys = [element.tag, "*", *("." + name for name in element.classes)]
        if element.id:
            keys.append("#" + element.id)
        for key in keys:
            if key in self._rules:
                yield from self._rules[key]

    def _matches(self, rule: _Rule, element: Element) -> bool:
        if not rule.subject.matches(element):
            return False
        above = element.parent
        for ancestor in rule.ancestors:
            while above is not None and not ancestor.matches(above):
                above = above.parent
                self._steps += 1
                if self._steps > _MOST_STEPS:
                    return False
            if above is None:
                return False
            above = above.parent
        return True


def _blocks(css: str) -> Iterator[tuple[str, str]]:
    """Selector and body of each rule that always applies; nested blocks of other at-rules are skipped."""
    position = 0
    while (brace := css.find("{", position)) >= 0:
        head = css[position:brace].rpartition(";")[2].strip()
        if head.startswith("@") and not _PLAIN_MEDIA.match(head):
            position = _after_block(css, brace)
            continue
        if head.startswith("@"):
            position = brace + 1
            continue
        end = css.find("}", brace)
        end = len(css) if end < 0 else end
        yield head.lstrip("} \t\r\n"), css[brace + 1 : end]
        position = end + 1


def _after_block(css: str, brace: int) -> int:
    depth = 0
    for found in _BRACE.finditer(css, brace):
        depth += 1 if found[0] == "{" else -1
        if depth == 0:
            return found.end()
    return len(css)


def _compounds(selector: str) -> list[_Compound]:
    """The compounds of a selector from left to right; empty for one this sheet does not understand."""
    compounds = []
    for word in selector.replace(">", " ").split()[:8]:
        # Mail is mostly read in quirks mode, where classes and ids ignore case.
        found = _COMPOUND.fullmatch(word.lower())
        if not found:
            return []
        parts = _PART.findall(found[2])
        tag = found[1] or ""
        identifier = next((name for mark, name in parts if mark == "#"), "")
        classes = frozenset(name for mark, name in parts if mark == ".")
        compounds.append(_Compound("" if tag == "*" else tag, classes, identifier))
    return compounds


def _specificity(compounds: list[_Compound]) -> tuple[int, int, int]:
    return (
        sum(bool(each.id) for each in compounds),
        sum(len(each.classes) for each in compounds),
        sum(bool(each.tag) for each in compounds),
    )


def _key(subject: _Compound) -> str:
    if subject.id:
        return "#" + subject.id
    if subject.classes:
        return "." + min(subject.classes)
    return subject.tag or "*"
