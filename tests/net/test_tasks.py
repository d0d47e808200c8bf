from __future__ import annotations

import asyncio
from contextlib import suppress

from outlook_mcp.net.tasks import end_task


async def test_a_task_that_loses_a_cancellation_is_cancelled_again() -> None:
    cancelled = 0

    async def run_for_ever() -> None:
        nonlocal cancelled
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        cancelled += 1
        await asyncio.Event().wait()

    task = asyncio.create_task(run_for_ever())
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await end_task(task)
    assert cancelled == 1
    assert task.cancelled()


async def test_a_task_that_has_ended_is_left_as_it_is() -> None:
    async def end() -> str:
        return "done"

    task = asyncio.create_task(end())
    await task
    await end_task(task)
    assert task.result() == "done"
