"""A query that Graph answers with 400, or that it answers and the sandbox does not."""

from __future__ import annotations

from outlook_mcp.sandbox.query.graph_names import has_property


class QueryError(Exception):
    """`code` and `message` are those of Graph's error body."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def unknown_property(name: str, type_name: str) -> QueryError:
    """For $select, $filter and $orderby."""
    return _not_imitated(name, type_name) or QueryError("RequestBroker--ParseUri", _could_not_find(name, type_name))


def unknown_expansion(name: str, type_name: str) -> QueryError:
    """For $expand."""
    text = f"Parsing OData Select and Expand failed: {_could_not_find(name, type_name)}"
    return _not_imitated(name, type_name) or QueryError("BadRequest", text)


def _not_imitated(name: str, type_name: str) -> QueryError | None:
    if not has_property(type_name, name):
        return None
    text = f"The property '{name}' of {type_name} is a part of Graph that is not imitated here, or not in this place."
    return QueryError("NotImitated", text, status=501)


def _could_not_find(name: str, type_name: str) -> str:
    return f"Could not find a property named '{name}' on type 'microsoft.graph.{type_name}'."
