"""Several questions to Graph at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio

from outlook_mcp.errors import OutlookError


async def side_by_side(first: Callable[[], Awaitable[None]], *others: Callable[[], Awaitable[None]]) -> None:
    """Asks all of them at once. Of errors of ours one is raised as itself, when all have ended."""
    failed: list[OutlookError] = []

    async def ask(question: Callable[[], Awaitable[None]]) -> None:
        try:
            await question()
        except OutlookError as error:
            failed.append(error)

    if not others:
        # Nothing of Graph may be asked at all, and a group of tasks costs more than that.
        await first()
        return
    async with anyio.create_task_group() as group:
        for question in others:
            group.start_soon(ask, question)
        await ask(first)
    if failed:
        raise failed[0]
