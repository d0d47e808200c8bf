"""How many requests one mailbox sees at once: Exchange Online answers 429 above four."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class ConcurrencyLimit:
    """Lets `limit` single requests through, or one batch (which Graph runs four wide) alone."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        # Those of asyncio, which hold no queue while nobody waits: there is a gate for every open mailbox.
        self._places = asyncio.Semaphore(limit)
        self._batch = asyncio.Lock()

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        async with self._places:
            yield

    @asynccontextmanager
    async def all(self) -> AsyncIterator[None]:
        # The lock keeps two batches from each holding half of the places for ever.
        async with self._batch:
            taken = 0
            try:
                while taken < self._limit:
                    await self._places.acquire()
                    taken += 1
                yield
            finally:
                for _ in range(taken):
                    self._places.release()
