"""The id of the request that is being answered, by which its log lines, audit records and Graph requests are found."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# In the scope of an ASGI request.
REQUEST_ID_KEY = "outlook_mcp.request_id"
_request_id: ContextVar[str] = ContextVar("request_id", default="")


def new_request_id() -> str:
    """A random GUID, as Microsoft Graph takes it in `client-request-id`."""
    return str(uuid.uuid4())


def current_request_id() -> str:
    """The id of the current request; "" outside one."""
    return _request_id.get()


@contextmanager
def request_id_scope(request_id: str) -> Iterator[None]:
    """Makes `request_id` the one that `current_request_id` returns within the block."""
    token = _request_id.set(request_id)
    try:
        yield
    finally:
        _request_id.reset(token)
