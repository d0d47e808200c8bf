"""The query options of OData: $filter and $orderby as SQL, $search as a tree, $select, $expand and paging."""

from __future__ import annotations

from outlook_mcp.sandbox.query.condition import ALL, NONE, Condition
from outlook_mcp.sandbox.query.errors import QueryError
from outlook_mcp.sandbox.query.filter_sql import compile_filter
from outlook_mcp.sandbox.query.options import Expansion, Options, read_options
from outlook_mcp.sandbox.query.ordering import compile_order

__all__ = [
    "ALL",
    "NONE",
    "Condition",
    "Expansion",
    "Options",
    "QueryError",
    "compile_filter",
    "compile_order",
    "read_options",
]
