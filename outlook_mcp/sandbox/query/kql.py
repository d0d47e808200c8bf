"""The $search language: Keyword Query Language to a tree.

Words and "phrases", prefix*, property:value with : = <> < > <= >= and a..b, AND OR NOT (+ and - before a term)
and parentheses; terms side by side must all match.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from outlook_mcp.sandbox.query.errors import QueryError

_TOKEN = re.compile(r'\s*("[^"]*"?|[()]|(?P<property>[A-Za-z]+)(?P<operator>:|<>|>=|<=|=|>|<)|[^\s()"]+)')
_DEPTH_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Term:
    """`property` is lower case, empty for plain text; `operator` is one of : = <> < > <= >=."""

    property: str
    operator: str
    text: str
    is_phrase: bool


@dataclass(frozen=True, slots=True)
class Not:
    """Matches what `operand` does not."""

    operand: Query


@dataclass(frozen=True, slots=True)
class AllOf:
    """Matches where every operand does."""

    operands: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Matches where at least one operand does."""

    operands: tuple[Query, ...]


Query = Term | Not | AllOf | AnyOf


def search_text(value: str) -> str:
    """The text between the double quotes of $search; a single word needs no quotes. Raises QueryError."""
    value = value.strip()
    if len(value) >= 2 and value[0] == value[-1] == '"':
        return value[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    bad = re.search(r"[^\w*]", value)
    if not value or bad:
        character, position = (bad.group(), bad.start()) if bad else ("", 0)
        raise QueryError(
            "BadRequest", f"Syntax error: character '{character}' is not valid at position {position} in '{value}'."
        )
    return value


def parse_kql(text: str) -> Query | None:
    """The tree of a search, None when the text has no term. Raises QueryError."""
    return _Parser(text).parse()


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = list(_TOKEN.finditer(text))
        self._next = 0
        self._depth = 0

    def parse(self) -> Query | None:
        found = []
        while self._next < len(self._tokens):
            query = self._any_of("")
            if query is not None:
                found.append(query)
            self._take_token(")")
        return _joined(found, AllOf)

    def _any_of(self, property_: str) -> Query | None:
        found = [self._all_of(property_)]
        while self._take_token("OR"):
            found.append(self._all_of(property_))
        return _joined([operand for operand in found if operand is not None], AnyOf)

    def _all_of(self, property_: str) -> Query | None:
        found = []
        while (word := self._peek()) not in ("", ")", "OR"):
            if word == "AND":
                self._next += 1
                continue
            query = self._operand(property_)
            if query is not None:
                found.append(query)
        return _joined(found, AllOf)

    def _operand(self, property_: str) -> Query | None:
        if self._take_token("NOT"):
            operand = self._operand(property_) if self._peek() not in ("", ")") else None
            return Not(operand) if operand else None
        match = self._tokens[self._next]
        self._next += 1
        word = match.group(1)
        if word == "(":
            return self._group(property_)
        if match["property"] and not property_:
            return self._restriction(match["property"].lower(), match["operator"])
        if word[0] in "+-" and len(word) > 1:
            term = _term(property_, ":", word[1:])
            return Not(term) if term and word[0] == "-" else term
        return _term(property_, ":", word)

    def _group(self, property_: str) -> Query | None:
        self._depth += 1
        if self._depth > _DEPTH_LIMIT:
            raise QueryError("BadRequest", "The search query is nested too deeply.")
        query = self._any_of(property_)
        self._take_token(")")
        self._depth -= 1
        return query

    def _restriction(self, property_: str, operator: str) -> Query | None:
        word = self._peek()
        if word in ("", ")"):
            return None
        match = self._tokens[self._next]
        self._next += 1
        if word == "(":
            return self._group(property_)
        # A colon inside the value, as in received>=2026-01-01T10:00:00Z, splits the token in two.
        joined = word
        while match["property"] or (self._adjoins(match) and ":" in joined):
            if not self._adjoins(match):
                break
            match = self._tokens[self._next]
            joined += match.group(1)
            self._next += 1
        return _term(property_, operator, joined)

    def _adjoins(self, match: re.Match[str]) -> bool:
        if self._next >= len(self._tokens):
            return False
        following = self._tokens[self._next]
        return following.start() == match.end() == following.start(1) and following.group(1) not in ("(", ")")

    def _peek(self) -> str:
        return self._tokens[self._next].group(1) if self._next < len(self._tokens) else ""

    def _take_token(self, word: str) -> bool:
        found = self._peek() == word
        self._next += found
        return found


def _term(property_: str, operator: str, word: str) -> Term | None:
    is_phrase = word.startswith('"')
    text = word.strip('"').strip()
    return Term(property_, operator, text, is_phrase) if any(map(str.isalnum, text)) else None


def _joined(found: list[Query], several: type[AllOf] | type[AnyOf]) -> Query | None:
    if len(found) > 1:
        return several(tuple(found))
    return found[0] if found else None
