"""Custom properties: `var()` replaced by what it stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tinycss2 import ast

from outlook_mcp.text.html.css.shorthands import expand
from outlook_mcp.text.html.css.tokens import LONGEST_VALUE, Token, is_symbol, text_of, tokens_of, words

_INHERITED = words(
    """color font-size visibility text-indent text-fill-color text-stroke-width text-stroke-color text-shadow
    text-security white-space letter-spacing font-family color-scheme line-height table-layout
    transform-style writing-mode word-spacing"""
)
# Those of them that are looked at as they are written; of the others the box holds the computed value.
_KEPT_FOR_CHILDREN = words(
    """text-fill-color text-stroke-width text-stroke-color text-shadow text-security white-space letter-spacing
    font-family color-scheme table-layout line-height transform-style quotes writing-mode word-spacing"""
)
# Keywords that mean no value of its own, or that of the parent.
_WITHOUT_VALUE = frozenset({"unset", "revert", "revert-layer", "inherit"})
_MOST_VARIABLES = 200
_DEEPEST = 16
_MOST_STEPS = 500
# A height of lines that leaves nothing of them; no other one is inherited here.
_FLAT_LINE = re.compile(r"[0.]+(?![\d.])")


class _Unresolved(Exception):
    pass


def resolved(name: str, value: str, known: Mapping[str, str]) -> str | None:
    """The value of the property `name` without variables; None if one has no value, or too much work is needed.

    >>> resolved("color", "var(--ink, red)", {})
    'red'
    """
    try:
        plain = _Resolver(known).text(value, 0).strip()
    except _Unresolved:
        return None
    if plain.startswith("shorthand("):
        shorthand, _, written = plain[len("shorthand(") : -1].partition(",")
        return dict(expand(shorthand.strip(), written.strip().lower())).get(name)
    return plain if name.startswith("--") else plain.lower()


def known_variables(known: Mapping[str, str], declared: Mapping[str, str]) -> Mapping[str, str]:
    """The custom properties of an element: those `known` from its parent and its own."""
    own = {name: value for name, value in declared.items() if name[0] == "-" and name.startswith("--")}
    if not own or len(known) > _MOST_VARIABLES:
        return known
    merged = {**known, **own}
    for name, value in own.items():
        if value.lower() in _WITHOUT_VALUE:
            # It is that of the parent, since custom properties are inherited.
            plain = known.get(name)
        else:
            plain = resolved(name, value, _without_itself(name, merged, known) if "var(" in value else merged)
        if plain is None or value.lower() == "initial":
            merged.pop(name, None)
        else:
            merged[name] = plain
    return merged


def _without_itself(name: str, merged: Mapping[str, str], known: Mapping[str, str]) -> Mapping[str, str]:
    """What a custom property can refer to: not to itself, but to the value of the parent."""
    others = {other: value for other, value in merged.items() if other != name}
    return {**others, name: known[name]} if name in known else others


def resolved_values(declared: Mapping[str, str], variables: Mapping[str, str]) -> Mapping[str, str]:
    """The declared values without variables and without the keywords that mean no value of its own."""
    if not any("var(" in value or value in _WITHOUT_VALUE for value in declared.values()) and not variables:
        return declared
    values: dict[str, str] = {}
    for name, value in declared.items():
        if name.startswith("--"):
            continue
        plain = resolved(name, value, variables) if "var(" in value else value
        if plain is None or plain in ("unset", "revert", "revert-layer"):
            continue
        if plain == "inherit" and name in _INHERITED:
            continue
        values[name] = plain
    return values


def inherited_values(parent: Mapping[str, str], values: Mapping[str, str]) -> Mapping[str, str]:
    """What the children of an element inherit of it, as it is written."""
    if _KEPT_FOR_CHILDREN.isdisjoint(values):
        return parent
    kept = {**parent, **{name: value for name, value in values.items() if name in _KEPT_FOR_CHILDREN}}
    if not _FLAT_LINE.match(kept.get("line-height", "0")):
        del kept["line-height"]
    return parent if kept == parent else kept


class _Resolver:
    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = known
        self._steps = 0

    def text(self, value: str, depth: int) -> str:
        if "var(" not in value:
            return value
        return self._written(list(tokens_of(value)), depth)

    def _written(self, tokens: list[Token], depth: int) -> str:
        self._steps += 1
        if depth > _DEEPEST or self._steps > _MOST_STEPS:
            raise _Unresolved
        pieces = []
        for token in tokens:
            if not isinstance(token, ast.FunctionBlock):
                pieces.append(text_of([token]))
            elif token.lower_name == "var":
                pieces.append(self._variable(list(token.arguments), depth))
            else:
                inner = self._written(list(token.arguments), depth + 1)
                pieces.append(f"{token.name}({inner})")
        written = " ".join(pieces)
        if len(written) > LONGEST_VALUE:
            raise _Unresolved
        return written

    def _variable(self, arguments: list[Token], depth: int) -> str:
        while arguments and isinstance(arguments[0], ast.WhitespaceToken):
            arguments.pop(0)
        if not arguments or not isinstance(arguments[0], ast.IdentToken):
            raise _Unresolved
        value = self._known.get(arguments[0].value)
        if value is not None:
            return self.text(value, depth + 1)
        comma = next((index for index, token in enumerate(arguments) if is_symbol(token, ",")), None)
        if comma is None:
            raise _Unresolved
        return self._written(arguments[comma + 1 :], depth + 1)
