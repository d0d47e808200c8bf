"""Limits the concurrent requests to one mailbox: Exchange Online answers 429 above four."""

from __future__ import annotations

# Its primitives allocate no queue while nobody waits, as those of anyio do, and every open mailbox has its own limit.
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class ConcurrencyLimit:
    """Admits `limit` single requests at a time, or one batch alone, whose parts Graph runs four at a time."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._places = asyncio.Semaphore(limit)
        self._batch = asyncio.Lock()

    @asynccontextmanager
    async def single_request(self) -> AsyncIterator[None]:
        """Held during one request."""
        async with self._places:
            yield

    @asynccontextmanager
    async def whole_batch(self) -> AsyncIterator[None]:
        """Held during one batch."""
        # Without the lock two batches could each hold half of the places and wait for the rest for ever.
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
