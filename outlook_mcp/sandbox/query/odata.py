"""The $filter language: text to a tree.

A grammar after OData 4.01 part 2, without arithmetic: and, or, not, comparisons, in, contains, startswith,
endswith, any and all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from outlook_mcp.sandbox.query.errors import QueryError

Kind = Literal["Edm.String", "Edm.Boolean", "Edm.DateTimeOffset", "Edm.Int32", "Edm.Guid", "null"]
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>'(?:[^']|'')*')
    | (?P<guid>[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})
    | (?P<time>\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?)
    | (?P<number>-?\d+(?:\.\d+)?)
    | (?P<name>[A-Za-z_][\w.]*(?:/[A-Za-z_][\w.]*)*)
    | (?P<mark>[(),:])
    )""",
    re.VERBOSE,
)
_COMPARISONS = {"eq": "=", "ne": "<>", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_FUNCTIONS = {"contains", "startswith", "endswith"}
# OData 4.01, Part 2, 5.1.1: what else a service may know.
_OTHER_FUNCTIONS = {
    *("ceiling", "concat", "date", "day", "floor", "hour", "indexof", "isof", "length", "matchespattern", "minute"),
    *("month", "now", "round", "second", "substring", "time", "tolower", "toupper", "trim", "year"),
}
_DEPTH_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Value:
    """A literal: `text` as it is written, without quotes, and the OData type that it is of."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """`operator` is the SQL one; several values stand for `in`. `cast` is the type that the path is compared as."""

    path: str
    operator: str
    values: tuple[Value, ...]
    cast: str = ""


@dataclass(frozen=True, slots=True)
class TextMatch:
    """`function` is contains, startswith or endswith."""

    function: str
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Quantified:
    """any over a collection; without `body` it asks for a member at all."""

    path: str
    variable: str
    body: Node | None


@dataclass(frozen=True, slots=True)
class Negation:
    """`not` before a condition."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Combination:
    """Two conditions joined by `and` or `or`."""

    operator: Literal["AND", "OR"]
    left: Node
    right: Node


Node = Comparison | TextMatch | Quantified | Negation | Combination


def parse_filter(text: str) -> Node:
    """The tree of a $filter. Raises QueryError."""
    return _Parser(text).parse()


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._next = 0
        self._depth = 0

    def parse(self) -> Node:
        node = self._any_of()
        if self._peek().kind != "end":
            raise self._error()
        return node

    def _any_of(self) -> Node:
        return self._combined("OR", self._all_of)

    def _all_of(self) -> Node:
        return self._combined("AND", self._operand)

    def _combined(self, operator: Literal["AND", "OR"], operand: Callable[[], Node]) -> Node:
        node = operand()
        while self._take_name(operator.lower()):
            node = Combination(operator, node, operand())
        return node

    def _operand(self) -> Node:
        self._depth += 1
        if self._depth > _DEPTH_LIMIT:
            raise QueryError("ErrorInvalidUrlQueryFilter", "The query filter is nested too deeply.")
        try:
            if self._take_name("not"):
                return Negation(self._operand())
            if self._take_token("("):
                node = self._any_of()
                self._expect(")")
                return node
            return self._named(self._name())
        finally:
            self._depth -= 1

    def _named(self, name: str) -> Node:
        path, _, last = name.rpartition("/")
        if name.lower() in _FUNCTIONS:
            return self._function(name.lower())
        if name.lower() == "cast":
            return self._cast()
        if name.lower() in _OTHER_FUNCTIONS and self._peek().text == "(":
            raise QueryError("NotImitated", f"The function '{name}' of OData is not imitated here.", status=501)
        if last.lower() == "any" and path:
            return self._quantified(path)
        if last.lower() == "all" and path:
            # https://learn.microsoft.com/graph/filter-query-parameter
            raise QueryError("BadRequest", "Invalid filter clause: The operator 'all' is not supported.")
        return self._comparison(name)

    def _function(self, name: str) -> Node:
        self._expect("(")
        path = self._name()
        self._expect(",")
        value = self._value()
        self._expect(")")
        if value.kind != "Edm.String":
            raise QueryError("BadRequest", f"No function signature for the function with name '{name}' matches.")
        node: Node = TextMatch(name, path, value.text)
        if self._peek().text.lower() in ("eq", "ne"):
            node = self._compared_with_truth(node)
        return node

    def _cast(self) -> Node:
        """`cast(path, type)` and what it is compared with."""
        self._expect("(")
        path = self._name()
        self._expect(",")
        kind = self._name()
        self._expect(")")
        node = self._comparison(path)
        return replace(node, cast=kind)

    def _compared_with_truth(self, node: Node) -> Node:
        equal = self._name().lower() == "eq"
        return node if equal == (self._value().text == "true") else Negation(node)

    def _quantified(self, path: str) -> Node:
        self._expect("(")
        if self._take_token(")"):
            return Quantified(path, "", None)
        variable = self._name()
        self._expect(":")
        body = self._any_of()
        self._expect(")")
        return Quantified(path, variable, body)

    def _comparison(self, path: str) -> Comparison:
        word = self._peek().text.lower()
        if word in _COMPARISONS:
            self._name()
            return Comparison(path, _COMPARISONS[word], (self._value(),))
        if word == "in":
            self._name()
            return Comparison(path, "IN", self._values())
        return Comparison(path, "=", (Value("Edm.Boolean", "true"),))

    def _values(self) -> tuple[Value, ...]:
        self._expect("(")
        values = [self._value()]
        while self._take_token(","):
            values.append(self._value())
        self._expect(")")
        return tuple(values)

    def _value(self) -> Value:
        if not self._take_token("("):
            return self._literal()
        value = self._literal()
        self._expect(")")
        return value

    def _literal(self) -> Value:
        token = self._peek()
        self._next += 1
        if token.kind == "string":
            return Value("Edm.String", token.text[1:-1].replace("''", "'"))
        if token.kind == "guid":
            return Value("Edm.Guid", token.text)
        if token.kind == "time":
            return Value("Edm.DateTimeOffset", token.text)
        if token.kind == "number":
            return Value("Edm.Int32", token.text)
        if token.text.lower() in ("true", "false"):
            return Value("Edm.Boolean", token.text.lower())
        if token.text.lower() == "null":
            return Value("null", "")
        raise self._error(token)

    def _name(self) -> str:
        token = self._peek()
        if token.kind != "name":
            raise self._error()
        self._next += 1
        return token.text

    def _take_token(self, mark: str) -> bool:
        found = self._peek().kind == "mark" and self._peek().text == mark
        self._next += found
        return found

    def _take_name(self, name: str) -> bool:
        found = self._peek().kind == "name" and self._peek().text.lower() == name
        self._next += found
        return found

    def _expect(self, mark: str) -> None:
        if not self._take_token(mark):
            raise self._error()

    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _error(self, token: _Token | None = None) -> QueryError:
        return _syntax_error(self._text, (token or self._peek()).position)


def _tokens(text: str) -> list[_Token]:
    tokens, position = [], 0
    text = text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _syntax_error(text, position)
        tokens.append(
            _Token(match.lastgroup or "", match.group(match.lastgroup or 0), match.start(match.lastgroup or 0))
        )
        position = match.end()
    return [*tokens, _Token("end", "", len(text))]


def _syntax_error(text: str, position: int) -> QueryError:
    return QueryError("BadRequest", f"Invalid filter clause: Syntax error at position {position} in '{text}'.")
