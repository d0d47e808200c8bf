"""What the SDK's handlers do not hand on of a request: who sent it, and as whom the user may want to sign in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from starlette.requests import Request


@dataclass(frozen=True, slots=True)
class Arrival:
    """`address` is that of the network, `login_hint` the parameter of OpenID Connect."""

    address: str = ""
    login_hint: str | None = None


_arrival: ContextVar[Arrival] = ContextVar("arrival")


def present_arrival() -> Arrival:
    """Of the request being answered."""
    return _arrival.get(Arrival())


def address_of(request: Request) -> str:
    """The network address of the other side."""
    return request.client.host if request.client else ""


@contextmanager
def arriving(arrival: Arrival) -> Iterator[None]:
    token = _arrival.set(arrival)
    try:
        yield
    finally:
        _arrival.reset(token)
