"""Facts about a request that the SDK's handlers do not pass on: its network address and its `login_hint`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from starlette.requests import Request


@dataclass(frozen=True, slots=True)
class RequestOrigin:
    """`address` is the network address of the sender, `login_hint` the parameter of OpenID Connect Core 3.1.2.1."""

    address: str = ""
    login_hint: str | None = None


_origin: ContextVar[RequestOrigin] = ContextVar("origin")


def current_request_origin() -> RequestOrigin:
    """The origin of the current request; empty outside one."""
    return _origin.get(RequestOrigin())


def address_of(request: Request) -> str:
    """The network address of the sender; "" when it is unknown."""
    return request.client.host if request.client else ""


@contextmanager
def request_origin(origin: RequestOrigin) -> Iterator[None]:
    """Makes `origin` the one that `current_request_origin` returns within the block."""
    token = _origin.set(origin)
    try:
        yield
    finally:
        _origin.reset(token)
