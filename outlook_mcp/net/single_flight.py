"""Many callers, one piece of work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Work runs in a task of its own: a caller who is cancelled takes neither the others nor the work down."""

    def __init__(self) -> None:
        self._flights: dict[Hashable, asyncio.Task[T]] = {}

    def __contains__(self, key: Hashable) -> bool:
        """True while a flight for `key` is under way."""
        return key in self._flights

    def start(self, key: Hashable, work: Callable[[], Coroutine[Any, Any, T]]) -> asyncio.Task[T]:
        """The flight under way for `key`, or a new one."""
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = asyncio.create_task(work())
            flight.add_done_callback(lambda done: self._landed(key, done))
        return flight

    async def join(self, key: Hashable, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What the flight for `key` returns or raises."""
        return await asyncio.shield(self.start(key, work))

    async def settle(self, timeout_s: float) -> None:
        """Lets the flights under way finish."""
        if self._flights:
            await asyncio.wait(tuple(self._flights.values()), timeout=timeout_s)

    def _landed(self, key: Hashable, flight: asyncio.Task[T]) -> None:
        del self._flights[key]
        if not flight.cancelled():
            flight.exception()  # nobody may be left to see it
