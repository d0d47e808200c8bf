"""$orderby as SQL, with the rule of Exchange for $orderby together with $filter."""

from __future__ import annotations

from collections.abc import Sequence

from outlook_mcp.sandbox.query.entity import EntityType
from outlook_mcp.sandbox.query.errors import QueryError, unknown_property


def compile_order(text: str, entity: EntityType, filtered: Sequence[str] | None, tie: str) -> str:
    """`filtered` are the properties of the $filter in order; `tie` is the last sort key.

    Both must name the same properties in the same order, until one of them has no more, else InefficientFilter:
    https://learn.microsoft.com/graph/api/user-list-messages#using-filter-and-orderby-in-the-same-query
    """
    terms, names = [], []
    for part in text.split(","):
        path, _, direction = part.strip().partition(" ")
        if not path:
            raise QueryError("BadRequest", f"Syntax error at position {len(text)} in '{text}'.")
        found = entity.properties.get(path.lower())
        if found is None:
            raise unknown_property(path, entity.name)
        if direction.strip().lower() not in ("", "asc", "desc"):
            raise QueryError("BadRequest", f"Syntax error at position {len(path)} in '{part.strip()}'.")
        descending = direction.strip().lower() == "desc"
        names.append(path.lower())
        terms.append(f"{found.sql} {'DESC' if descending else 'ASC'}")
    first = list(dict.fromkeys(filtered or ()))
    if filtered is not None and first[: len(names)] != names[: len(first)]:
        raise QueryError("InefficientFilter", "The restriction or sort order is too complex for this operation.")
    direction = "DESC" if terms[-1].endswith("DESC") else "ASC"
    return ", ".join([*terms, f"{tie} {direction}"])
