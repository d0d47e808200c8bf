"""Limits the concurrent requests to one mailbox: Exchange Online answers 429 above four."""

from __future__ import annotations

# Its primitives allocate no queue while nobody waits, as those of anyio do, and every open mailbox has its own limit.
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class ConcurrencyLimit:
    """Admits `limit` requests at a time. A batch counts as its parts, of which Graph runs four at a time."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._places = asyncio.Semaphore(limit)
        self._entering = asyncio.Lock()

    @asynccontextmanager
    async def single_request(self) -> AsyncIterator[None]:
        """Held during one request."""
        async with self._places:
            yield

    @asynccontextmanager
    async def batch_of(self, parts: int) -> AsyncIterator[None]:
        """Held during one batch. A small one goes out beside other requests, where their number allows it."""
        taken = 0
        try:
            # Without the lock two batches could each hold half of the places and wait for the rest for ever.
            async with self._entering:
                while taken < min(parts, self._limit):
                    await self._places.acquire()
                    taken += 1
            yield
        finally:
            for _ in range(taken):
                self._places.release()
