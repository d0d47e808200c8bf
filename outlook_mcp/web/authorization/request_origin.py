"""What the SDK's handlers do not hand on of a request: who sent it, and as whom the user may want to sign in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from starlette.requests import Request


@dataclass(frozen=True, slots=True)
class RequestOrigin:
    """`address` is that of the network, `login_hint` the parameter of OpenID Connect."""

    address: str = ""
    login_hint: str | None = None


_origin: ContextVar[RequestOrigin] = ContextVar("origin")


def current_request_origin() -> RequestOrigin:
    """Of the request being answered."""
    return _origin.get(RequestOrigin())


def address_of(request: Request) -> str:
    """The network address of the other side."""
    return request.client.host if request.client else ""


@contextmanager
def request_origin(origin: RequestOrigin) -> Iterator[None]:
    token = _origin.set(origin)
    try:
        yield
    finally:
        _origin.reset(token)
