"""Ends a background task of asyncio."""

from __future__ import annotations

import asyncio
from typing import Any

_AGAIN_AFTER_S = 1.0


async def end_task(task: asyncio.Task[Any]) -> None:
    """Cancels the task and returns when it has ended; its result or error is left in it.

    One request to cancel is not enough: a library may lose it, such as a client of a store that is just closing a
    connection, and a task that runs until it is cancelled would go on for ever. So the request is repeated.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait((task,), timeout=_AGAIN_AFTER_S)
