"""A $filter tree as SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from outlook_mcp.sandbox.query.condition import Condition
from outlook_mcp.sandbox.query.entity import Collection, EntityType, Property
from outlook_mcp.sandbox.query.errors import QueryError, unknown_property
from outlook_mcp.sandbox.query.odata import (
    Combination,
    Comparison,
    Negation,
    Node,
    Quantified,
    TextMatch,
    Value,
    parse_filter,
)
from outlook_mcp.sandbox.store.core import times

_KIND_NAMES = {"=": "Equal", "<>": "NotEqual", ">": "GreaterThan", ">=": "GreaterThanOrEqual", "<": "LessThan"} | {
    "<=": "LessThanOrEqual",
    "IN": "Equal",
}
_CASTS = dict.fromkeys(
    ("Edm.Int16", "Edm.Int32", "Edm.Int64", "Edm.Single", "Edm.Double", "Edm.Decimal"), "CAST({} AS REAL)"
) | {"Edm.Guid": "lower({})"}
_PATTERNS = {"contains": "%{}%", "startswith": "{}%", "endswith": "%{}"}


def compile_filter(
    text: str, entity: EntityType, folder_key: Callable[[str], int | None] = lambda _: None
) -> tuple[Condition, list[str]]:
    """The condition and the properties that it names, in order; `folder_key` gives the row of a folder id.

    Raises QueryError.
    """
    node = parse_filter(text)
    return _Compiler(entity, folder_key).condition(node), list(_paths(node))


class _Compiler:
    def __init__(self, entity: EntityType, folder_key: Callable[[str], int | None]) -> None:
        self._entity, self._folder_key = entity, folder_key

    def condition(self, node: Node, scope: Mapping[str, Property] | None = None, variable: str = "") -> Condition:
        """`scope` holds the properties of the collection whose members `variable` stands for."""
        match node:
            case Combination(operator, left, right):
                first = self.condition(left, scope, variable)
                return first.joined(operator, self.condition(right, scope, variable))
            case Negation(operand):
                return ~self.condition(operand, scope, variable)
            case Quantified():
                return self._quantified(node)
            case TextMatch(function, path, text):
                return _matches(self._property(path, scope, variable), _PATTERNS[function], text)
            case Comparison():
                return self._comparison(node, _cast(self._property(node.path, scope, variable), node.cast))

    def _property(self, path: str, scope: Mapping[str, Property] | None, variable: str) -> Property:
        name = path.lower()
        if scope is not None:
            head, _, rest = name.partition("/")
            found = scope.get(rest) if head == variable.lower() else None
        else:
            found = self._entity.properties.get(name)
        if found is None:
            raise unknown_property(path, self._entity.name)
        return found

    def _quantified(self, node: Quantified) -> Condition:
        collection = self._entity.collections.get(node.path.lower())
        if collection is None:
            raise unknown_property(node.path, self._entity.name)
        return self._members(node, collection)

    def _members(self, node: Quantified, collection: Collection) -> Condition:
        if node.body is None:
            return Condition(f"EXISTS (SELECT 1 FROM {collection.source})")  # noqa: S608
        body = self.condition(node.body, collection.members, node.variable)
        return Condition(f"EXISTS (SELECT 1 FROM {collection.source} WHERE {body.sql})", body.parameters)  # noqa: S608

    def _comparison(self, node: Comparison, found: Property) -> Condition:
        for value in node.values:
            self._check(node, found, value)
        sql = f"{found.sql} COLLATE NOCASE" if found.kind == "Edm.String" and not found.is_folder else found.sql
        if node.operator == "IN":
            marks = ", ".join("?" * len(node.values))
            return Condition(f"{sql} IN ({marks})", tuple(self._parameter(found, value) for value in node.values))
        (value,) = node.values
        if value.kind == "null":
            return Condition(f"{sql} IS {'' if node.operator == '=' else 'NOT '}NULL")
        operator = "IS NOT" if node.operator == "<>" else node.operator
        return Condition(f"{sql} {operator} ?", (self._parameter(found, value),))

    def _check(self, node: Comparison, found: Property, value: Value) -> None:
        kind = "Edm.DateTimeOffset" if value.kind == "Edm.DateTimeOffset" else value.kind
        if kind not in (found.kind, "null"):
            raise QueryError(
                "BadRequest",
                "Invalid filter clause: A binary operator with incompatible types was detected. Found operand types"
                f" '{found.kind}' and '{value.kind}' for operator kind '{_KIND_NAMES[node.operator]}'.",
            )
        allowed = self._entity.enumerations.get(node.path.lower())
        if allowed is not None and value.text.lower() not in allowed:
            raise QueryError("BadRequest", f"Invalid filter clause: The string '{value.text}' is not a valid value.")

    def _parameter(self, found: Property, value: Value) -> Any:
        if found.is_folder:
            return self._folder_key(value.text)
        if value.kind == "Edm.Boolean":
            return int(value.text == "true")
        if value.kind == "Edm.Int32":
            return float(value.text)
        if value.kind == "Edm.Guid":
            return value.text.lower()
        return _moment(value.text) if value.kind == "Edm.DateTimeOffset" else value.text


def _cast(found: Property, kind: str) -> Property:
    """The property as one of another type: values of extended properties are text."""
    if not kind or kind == found.kind:
        return found
    sql = _CASTS.get(kind)
    if sql is None:
        raise QueryError("BadRequest", f"Invalid filter clause: A value cannot be cast to '{kind}'.")
    return Property(sql.format(found.sql), "Edm.Guid" if kind == "Edm.Guid" else "Edm.Int32")


def _moment(text: str) -> str:
    try:
        return times.write_time(datetime.fromisoformat(text))
    except (ValueError, OverflowError) as error:
        raise QueryError("BadRequest", f"Invalid filter clause: '{text}' is not a time.") from error


def _matches(found: Property, pattern: str, text: str) -> Condition:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return Condition(f"{found.sql} LIKE ? ESCAPE '\\'", (pattern.format(escaped),))


def _paths(node: Node) -> Iterator[str]:
    match node:
        case Combination(_, left, right):
            yield from _paths(left)
            yield from _paths(right)
        case Negation(operand):
            yield from _paths(operand)
        case Quantified(path) | TextMatch(_, path) | Comparison(path):
            yield path.lower()
