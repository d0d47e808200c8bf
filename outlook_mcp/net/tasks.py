"""Tasks in the background: they go on after the request that started them has ended."""

from __future__ import annotations

# The tasks are those of asyncio: a task group of anyio would end them with the request that opened it.
import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_AGAIN_AFTER_S = 1.0


def start_task(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Starts the work in the background. Its result or error stays in the task, and nobody has to read it."""
    task = asyncio.create_task(work)
    task.add_done_callback(_read_error)
    return task


async def result_of(task: asyncio.Task[T]) -> T:
    """What the task returns or raises, when it has ended. A caller that is cancelled does not end it."""
    return await asyncio.shield(task)


async def end_task(task: asyncio.Task[Any]) -> None:
    """Cancels the task and returns when it has ended; its result or error is left in it.

    One request to cancel is not enough: a library may lose it, such as a client of a store that is just closing a
    connection, and a task that runs until it is cancelled would go on for ever. So the request is repeated.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait((task,), timeout=_AGAIN_AFTER_S)


def _read_error(task: asyncio.Task[Any]) -> None:
    """asyncio logs an error that nobody has read from a task."""
    if not task.cancelled():
        task.exception()
