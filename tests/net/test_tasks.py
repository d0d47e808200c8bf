from __future__ import annotations

import asyncio
import gc
from contextlib import suppress

import anyio
import pytest

from outlook_mcp.net.tasks import end_task, result_of, start_task


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


async def test_an_error_that_nobody_reads_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise LookupError("mine")

    task = start_task(fail())
    await asyncio.wait((task,))
    del task
    gc.collect()
    assert caplog.records == []


async def test_a_caller_that_is_cancelled_does_not_end_the_task() -> None:
    may_end = asyncio.Event()

    async def work() -> int:
        await may_end.wait()
        return 7

    task = start_task(work())
    with anyio.move_on_after(0):
        await result_of(task)
    may_end.set()
    assert await result_of(task) == 7
