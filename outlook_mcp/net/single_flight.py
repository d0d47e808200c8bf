"""Runs work once for all callers that ask for it at the same time."""

from __future__ import annotations

# The tasks are those of asyncio, as `tasks` says.
import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

from outlook_mcp.net.tasks import result_of, start_task

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Callers with the same key share one run of the work.

    It goes on when the caller that started it is cancelled, and the other callers still get its result.
    """

    def __init__(self) -> None:
        self._tasks: dict[Hashable, asyncio.Task[T]] = {}

    def __contains__(self, key: Hashable) -> bool:
        """True while the work of `key` runs."""
        return key in self._tasks

    def start(self, key: Hashable, work: Callable[[], Coroutine[Any, Any, T]]) -> asyncio.Task[T]:
        """The task that runs the work of `key`, started unless it runs already."""
        task = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = start_task(work())
            task.add_done_callback(lambda _: self._tasks.pop(key))
        return task

    async def join(self, key: Hashable, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What the work of `key` returns or raises."""
        return await result_of(self.start(key, work))

    async def wait_for_all(self, timeout_s: float) -> None:
        """Waits until all running work has ended, at most `timeout_s` seconds."""
        if self._tasks:
            await asyncio.wait(tuple(self._tasks.values()), timeout=timeout_s)
