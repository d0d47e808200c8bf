"""A time that passes only when a test says so."""

from __future__ import annotations

import asyncio
import heapq
import time
from itertools import count


class VirtualTime:
    """Clocks and a sleep that belong together: they start at the present time and stand still until `pass_by`."""

    def __init__(self) -> None:
        self._started_at = time.time()
        self._passed_s = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Event]] = []
        self._numbers = count()
        self._changed = asyncio.Event()

    def monotonic(self) -> float:
        return self._passed_s

    def unix(self) -> float:
        return self._started_at + self._passed_s

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.Event()
        sleeper = (self._passed_s + seconds, next(self._numbers), woken)
        heapq.heappush(self._sleepers, sleeper)
        self._changed.set()
        try:
            await woken.wait()
        finally:
            if sleeper in self._sleepers:
                self._sleepers.remove(sleeper)
                heapq.heapify(self._sleepers)

    async def pass_by(self, seconds: float, *, sleepers: int, unless: asyncio.Task[None] | None = None) -> None:
        """Wakes one sleeper after another for so long; before each it waits until `sleepers` tasks sleep.

        Returns early when the task `unless` has ended.
        """
        until = self._passed_s + seconds
        while True:
            if not await self._all_sleep(sleepers, unless):
                return
            if self._sleepers[0][0] > until:
                break
            self._passed_s, _, woken = heapq.heappop(self._sleepers)
            woken.set()
        self._passed_s = until

    async def _all_sleep(self, sleepers: int, unless: asyncio.Task[None] | None) -> bool:
        """False when `unless` ended instead."""
        while len(self._sleepers) < sleepers:
            if unless is not None and unless.done():
                return False
            self._changed.clear()
            changed = asyncio.ensure_future(self._changed.wait())
            await asyncio.wait({changed} | ({unless} if unless else set()), return_when=asyncio.FIRST_COMPLETED)
            changed.cancel()
        return True
