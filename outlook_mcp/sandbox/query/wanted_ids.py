"""The $filter inside of $expand, which can only name members by their ids."""

from __future__ import annotations

from collections.abc import Iterator

from outlook_mcp.sandbox.query.errors import QueryError
from outlook_mcp.sandbox.query.odata import Combination, Comparison, Node, parse_filter


def wanted_ids(text: str) -> list[str]:
    """The ids that a filter names. Raises QueryError for one that asks for anything else.

    >>> wanted_ids("id eq 'Integer 0xe08' or id eq 'b'")
    ['Integer 0xe08', 'b']
    """
    return list(_ids_in(parse_filter(text)))


def _ids_in(node: Node) -> Iterator[str]:
    match node:
        case Combination("OR", left, right):
            yield from _ids_in(left)
            yield from _ids_in(right)
        case Comparison(path, "=" | "IN", values) if path.lower() == "id":
            yield from (value.text for value in values)
        case _:
            raise QueryError("BadRequest", "Invalid filter clause: only id eq '...' is supported here.")
