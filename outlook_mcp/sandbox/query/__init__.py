"""What a client may ask of a collection, as SQL: $filter, $orderby, $search, $select, $expand and paging."""

from __future__ import annotations

from outlook_mcp.sandbox.query.condition import ALL, Condition
from outlook_mcp.sandbox.query.errors import QueryError
from outlook_mcp.sandbox.query.filter_sql import compile_filter
from outlook_mcp.sandbox.query.kql_sql import compile_search
from outlook_mcp.sandbox.query.options import Expansion, Options, read_options
from outlook_mcp.sandbox.query.ordering import compile_order

__all__ = [
    "ALL",
    "Condition",
    "Expansion",
    "Options",
    "QueryError",
    "compile_filter",
    "compile_order",
    "compile_search",
    "read_options",
]
