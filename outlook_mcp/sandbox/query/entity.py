"""The types whose properties can be filtered and sorted, with the SQL of each property."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from outlook_mcp.sandbox.query.odata import Kind


@dataclass(frozen=True, slots=True)
class Property:
    """`sql` is the expression of its value; with `is_folder` literals are folder ids and the column holds rows."""

    sql: str
    kind: Kind = "Edm.String"
    is_folder: bool = False


@dataclass(frozen=True, slots=True)
class Collection:
    """`source` is a FROM clause whose rows are the members."""

    source: str
    members: Mapping[str, Property]


@dataclass(frozen=True, slots=True)
class EntityType:
    """Names are lower case; `enumerations` hold the literals that are allowed."""

    name: str
    properties: Mapping[str, Property]
    collections: Mapping[str, Collection] = field(default_factory=dict)
    enumerations: Mapping[str, frozenset[str]] = field(default_factory=dict)


def time_property(sql: str) -> Property:
    return Property(sql, "Edm.DateTimeOffset")


def truth_property(sql: str) -> Property:
    return Property(sql, "Edm.Boolean")


def number_property(sql: str) -> Property:
    return Property(sql, "Edm.Int32")
