"""Ids that go into the path of a request."""

from __future__ import annotations

import re

from outlook_mcp.errors import NotFound

_GRAPH_ID = re.compile(r"[A-Za-z0-9_=+/-]{1,512}")


def item_id(value: str) -> str:
    """`value` as it is; raises NotFound for what no message, folder or attachment can be called."""
    if not _GRAPH_ID.fullmatch(value):
        raise NotFound(f"There is no item with the id {value[:40]!r}.")
    return value
