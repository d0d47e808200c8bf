"""Refusals of the store as the answers of Graph."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from outlook_mcp.sandbox.graph.core.errors import id_malformed, item_not_found
from outlook_mcp.sandbox.store.core.errors import IdMalformed, ItemNotFound


@contextmanager
def id_refusals() -> Iterator[None]:
    """Turns refusals of ids, which all areas have, into the answers of Graph."""
    try:
        yield
    except IdMalformed as error:
        raise id_malformed() from error
    except ItemNotFound as error:
        raise item_not_found() from error
