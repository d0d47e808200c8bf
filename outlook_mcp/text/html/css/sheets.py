"""Style sheets as rules in order, with the conditions and the layer each stands in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

import tinycss2
from tinycss2 import ast

from outlook_mcp.text.html.css.counter_styles import CounterStyle, parse_counter_style
from outlook_mcp.text.html.css.declarations import Declaration, parse_declarations
from outlook_mcp.text.html.css.selectors import Selector, parse_selectors
from outlook_mcp.text.html.css.tokens import is_too_deep, text_of, tokens_of, words

_MOST_SHEET = 400_000
_MOST_RULES = 5_000
_DEEPEST = 8
_LONGEST_PARENT = 2_000

_PART = re.compile(
    r"""/\*.*?(?:\*/|\Z)|"(?:[^"\\\n]|\\.)*(?:"|\n|\Z)|'(?:[^'\\\n]|\\.)*(?:'|\n|\Z)|\\.|<!--|-->"""
    r"""|url\(\s*[^"'\s)][^)]*\)?|[{}()\[\];]""",
    re.S | re.I,
)
_NAME_OF_LAYER = re.compile(r"|-?[^\W\d][\w-]*(?:\.-?[^\W\d][\w-]*)*|[^\x00-\x7f\\]+|.*\\.*")
_LAYER_OF_IMPORT = re.compile(r"\blayer\(\s*([^\s()]+)\s*\)", re.I)
_SCOPE = re.compile(r":scope(?![\w-])", re.I)
_CLOSING = {"{": "}", "(": ")", "[": "]"}


class Condition(NamedTuple):
    """`kind` is `media`, `supports` or `unknown`."""

    kind: str
    text: str


class Rule(NamedTuple):
    """A rule with one selector list. `layer` is empty outside of layers."""

    selectors: tuple[Selector, ...]
    declarations: tuple[Declaration, ...]
    conditions: tuple[Condition, ...] = ()
    layer: str = ""


class ParsedSheet(NamedTuple):
    """`doubtful`: something of it is not read that could hide text, such as an imported sheet."""

    rules: tuple[Rule, ...]
    layers: tuple[str, ...]
    animations: frozenset[str]
    fonts: frozenset[str]
    doubtful: bool
    counter_styles: Mapping[str, CounterStyle]


@lru_cache(maxsize=64)
def parse_sheet(css: str) -> ParsedSheet:
    """The rules of a sheet that can decide whether text is seen."""
    reader = _Reader()
    too_deep = is_too_deep(css)
    if not too_deep:
        reader.read_rules(css[:_MOST_SHEET], (), "", "", 0)
    doubtful = reader.doubtful or too_deep or len(css) > _MOST_SHEET
    return ParsedSheet(
        tuple(reader.rules),
        tuple(reader.layers),
        frozenset(reader.animations),
        frozenset(reader.fonts),
        doubtful,
        reader.counter_styles,
    )


class _Reader:
    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self.layers: dict[str, None] = {}
        self.animations: set[str] = set()
        self.fonts: set[str] = set()
        self.counter_styles: dict[str, CounterStyle] = {}
        self.doubtful = False
        # What every rule is subject to: names of elements may mean other ones.
        self._of_names: tuple[Condition, ...] = ()

    def read_rules(self, css: str, conditions: tuple[Condition, ...], layer: str, parent: str, depth: int) -> None:
        for prelude, block in blocks(css):
            if len(self.rules) >= _MOST_RULES:
                self.doubtful = True
                return
            if prelude.startswith("@"):
                name, _, rest = _at_rule(prelude)
                self._at_rule(name, rest, block, conditions, layer, parent, depth)
            elif block is not None:
                self._rule(prelude, block, conditions, layer, parent, depth)

    def _rule(
        self, prelude: str, block: str, conditions: tuple[Condition, ...], layer: str, parent: str, depth: int
    ) -> None:
        selectors = parse_selectors(prelude, parent)
        if not selectors:
            return
        inside = ", ".join(selector.text for selector in selectors)
        for part in _contents(block) if "{" in block else (parse_declarations(block),):
            if not isinstance(part, str):
                if part:
                    self.rules.append(Rule(selectors, part, (*conditions, *self._of_names), layer))
            elif depth < _DEEPEST and len(inside) <= _LONGEST_PARENT:
                self.read_rules(part, conditions, layer, inside, depth + 1)
            else:
                self.doubtful = True

    def _at_rule(
        self,
        name: str,
        rest: str,
        block: str | None,
        conditions: tuple[Condition, ...],
        layer: str,
        parent: str,
        depth: int,
    ) -> None:
        if name == "import":
            # A remote sheet is never fetched, by nobody; one that the address itself holds is.
            self.doubtful = self.doubtful or "data:" in rest.lower()
            if found := _LAYER_OF_IMPORT.search(rest):
                self.layers.setdefault(f"{layer}.{found[1]}" if layer else found[1])
        elif name == "layer":
            self._layer(rest, block, conditions, layer, parent, depth)
        elif name == "keyframes" and block is not None:
            self.animations.add(_name_in(rest).lower())
        elif name == "counter-style" and block is not None:
            self.counter_styles[rest.strip().lower()] = parse_counter_style(block)
        elif name == "font-face" and block is not None:
            self._font(block)
        elif name == "namespace" and _changes_names(rest):
            self._of_names = (Condition("unknown", name),)
        elif name in ("property", "function", "starting-style"):
            # They may give a value that is written nowhere else, or one for as long as a transition takes.
            self.doubtful = True
        elif block is not None and depth < _DEEPEST and name not in _WITHOUT_RULES:
            kind = name if name in ("media", "supports") else "unknown"
            if name == "scope":
                start = len(self.rules)
                block = _SCOPE.sub(f":is({_start_of(rest)})", block)
            inner = (*conditions, Condition(kind, rest))
            self.read_rules(_as_rules(block, parent), inner, layer, parent, depth + 1)
            if name == "scope":
                self.rules[start:] = map(_nearer, self.rules[start:])

    def _layer(
        self, rest: str, block: str | None, conditions: tuple[Condition, ...], layer: str, parent: str, depth: int
    ) -> None:
        names = [name.strip() for name in rest.split(",")]
        if not all(_NAME_OF_LAYER.fullmatch(name) for name in names):
            return
        prefix = f"{layer}." if layer else ""
        if block is None:
            self.layers.update(dict.fromkeys(prefix + name for name in names if name))
        elif depth < _DEEPEST:
            inner = prefix + (names[0] or f"anonymous {len(self.layers)}")
            self.layers.setdefault(inner)
            self.read_rules(_as_rules(block, parent), conditions, inner, parent, depth + 1)

    def _font(self, block: str) -> None:
        """A font inside the message, or one of another size or of signs, may show other letters than those written."""
        if _TELLING_FONT.search(block):
            found = re.search(r"font-family\s*:\s*([^;}]+)", block, re.I)
            if found:
                self.fonts.add(found[1].strip().strip("\"'").lower())


_TELLING_FONT = re.compile(r"data:|size-adjust|local\([^)]*(?:dings|symbol)", re.I)
# At-rules whose blocks hold no rules about elements.
_WITHOUT_RULES = words(
    """page property font-palette-values font-feature-values color-profile starting-style position-try
    view-transition viewport namespace charset"""
)


def _at_rule(prelude: str) -> tuple[str, str, str]:
    found = re.match(r"@([-\w]+)\s*(.*)", prelude, re.S)
    if found is None:
        return "", "", ""
    name = found[1].lower()
    for prefix in ("-webkit-", "-moz-", "-o-", "-ms-"):
        name = name.removeprefix(prefix)
    return name, prefix, found[2].strip()


def _nearer(rule: Rule) -> Rule:
    """A rule of a scope, which of two with the same specificity is the one that counts."""
    return rule._replace(
        selectors=tuple(selector._replace(specificity=(*selector.specificity[:3], 1)) for selector in rule.selectors)
    )


def _name_in(rest: str) -> str:
    """A name without quotation marks and escapes."""
    tokens = tokens_of(rest)
    return str(tokens[0].value) if tokens and isinstance(tokens[0], ast.IdentToken | ast.StringToken) else ""


def _start_of(rest: str) -> str:
    """The selector of the elements that a scope begins at; all where it names none."""
    found = re.match(r"\(([^()]+)\)", rest)
    return found[1] if found else "*"


def _changes_names(rest: str) -> bool:
    """Whether a name space changes what the names of elements in selectors mean."""
    return rest.lower().startswith(("url", '"', "'")) and "1999/xhtml" not in rest


def _as_rules(block: str, parent: str) -> str:
    """What a conditional group or a layer holds; in a nested rule it holds declarations too."""
    return f"&{{{block}}}" if parent else block


def _contents(block: str) -> Iterator[tuple[Declaration, ...] | str]:
    """The declarations of a block and the text of the rules nested in it, in order."""
    declarations: list[str] = []
    for node in tinycss2.parse_blocks_contents(block, skip_comments=True, skip_whitespace=True):
        if isinstance(node, ast.Declaration):
            declarations.append(text_of([node]))
        elif isinstance(node, ast.QualifiedRule | ast.AtRule):
            yield parse_declarations(";".join(declarations))
            declarations.clear()
            yield text_of([node])
    yield parse_declarations(";".join(declarations))


def blocks(css: str) -> Iterator[tuple[str, str | None]]:
    """Prelude and block of each rule; None as the block of an at-rule that ends with a semicolon.

    >>> list(blocks("@layer a; p { color: red } /* } */ b { }"))
    [('@layer a', None), ('p', ' color: red '), ('b', ' ')]
    """
    prelude: list[str] = []
    start = 0
    waiting: list[str] = []
    opened = 0
    for found in _PART.finditer(css):
        part = found[0]
        if part in ("<!--", "-->") or part.startswith("/*"):
            if not waiting:
                prelude.append(css[start : found.start()])
                start = found.end()
            continue
        if len(part) > 1:
            continue
        if part in _CLOSING:
            if not waiting and part == "{":
                opened = found.end()
                prelude.append(css[start : found.start()])
            waiting.append(_CLOSING[part])
        elif waiting and part == waiting[-1]:
            waiting.pop()
            if not waiting and part == "}":
                yield "".join(prelude).strip(), css[opened : found.start()]
                prelude, start = [], found.end()
        elif part == ";" and not waiting:
            written = ("".join(prelude) + css[start : found.start()]).strip()
            if written.startswith("@"):
                yield written, None
                prelude, start = [], found.end()
    if waiting and waiting[0] == "}":
        yield "".join(prelude).strip(), css[opened:]
