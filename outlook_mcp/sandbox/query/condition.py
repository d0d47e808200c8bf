"""A piece of SQL with its parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Condition:
    """An expression for WHERE; each `?` in it stands for one of `parameters`, in order."""

    sql: str
    parameters: tuple[Any, ...] = ()

    def joined(self, operator: str, other: Condition) -> Condition:
        return Condition(f"({self.sql} {operator} {other.sql})", self.parameters + other.parameters)

    def __and__(self, other: Condition) -> Condition:
        return self.joined("AND", other)

    def __or__(self, other: Condition) -> Condition:
        return self.joined("OR", other)

    def __invert__(self) -> Condition:
        return Condition(f"NOT coalesce({self.sql}, 0)", self.parameters)


ALL = Condition("1")
NONE = Condition("0")
