"""A query that Graph answers with 400."""

from __future__ import annotations


class QueryError(Exception):
    """`code` and `message` are those of Graph's error body."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def unknown_property(name: str, type_name: str) -> QueryError:
    return QueryError(
        "RequestBroker--ParseUri", f"Could not find a property named '{name}' on type 'microsoft.graph.{type_name}'."
    )
