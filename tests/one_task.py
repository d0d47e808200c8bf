"""A resource that is opened and closed in one task, as task groups ask, whichever tasks a fixture runs in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeVar

Resource = TypeVar("Resource")


@asynccontextmanager
async def in_one_task(resource: AbstractAsyncContextManager[Resource]) -> AsyncIterator[Resource]:
    """Holds `resource` open in a task of its own."""
    opened: asyncio.Future[Resource] = asyncio.get_running_loop().create_future()
    over = asyncio.Event()

    async def hold() -> None:
        async with resource as value:
            opened.set_result(value)
            await over.wait()

    holding = asyncio.create_task(hold())
    await asyncio.wait((holding, opened), return_when=asyncio.FIRST_COMPLETED)
    if holding.done():
        await holding
    try:
        yield opened.result()
    finally:
        over.set()
        await holding
