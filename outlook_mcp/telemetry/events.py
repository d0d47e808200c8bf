"""What is measured, and who is told of it. Without an observer nothing is kept and nothing else is imported.

No event names a person, an address, a message or a mailbox. A tenant is the id of an Entra tenant, or the digest that
stands for another issuer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class McpCall:
    """A call that ended: its MCP method, the name of what was called, its outcome as the audit log has it."""

    method: str
    name: str
    outcome: str
    tenant: str
    seconds: float
    request_id: str

    @property
    def has_failed(self) -> bool:
        return self.outcome not in ("ok", "asked")


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphExchange:
    """A request to Microsoft Graph: its route without ids, and the HTTP status or the name of an error."""

    method: str
    host: str
    port: int
    route: str
    outcome: str
    seconds: float
    request_id: str


class Observer(Protocol):
    """Is told of each event; must return at once and never raise."""

    def call_ended(self, call: McpCall) -> None: ...

    def graph_answered(self, exchange: GraphExchange) -> None: ...

    def graph_throttled(self) -> None:
        """Microsoft Graph put off a request, or a part of a batch, because there were too many."""

    def token_refreshed(self, outcome: str, tenant: str) -> None:
        """`outcome` is `refreshed` or `refresh_failed`."""

    def request_refused(self, reason: str) -> None:
        """`reason` is the tag of the audit log, such as `access:token:refused`, or `limit:token:exceeded`."""


# Of the process: what is measured belongs to no user and is asked for by whoever runs it.
_observers: tuple[Observer, ...] = ()


def observers() -> tuple[Observer, ...]:
    """The observers that are told of events now."""
    return _observers


@contextmanager
def observed_by(*added: Observer) -> Iterator[None]:
    """Within the block these observers are told of each event too."""
    global _observers
    before = _observers
    _observers = (*before, *added)
    try:
        yield
    finally:
        _observers = before


def tell_of_throttling() -> None:
    """Tells the observers that Microsoft Graph put something off."""
    for observer in _observers:
        observer.graph_throttled()


def tell_of_refusal(reason: str) -> None:
    """Tells the observers of a refused request."""
    for observer in _observers:
        observer.request_refused(reason)
