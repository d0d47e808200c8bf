"""How many requests one user may send to `/mcp`, so that a client in a loop holds up nobody else.

Requests a minute are counted for all servers that share a store: each takes a share of them ahead, so that few requests
cost a write to it. Those in progress are counted in each server process.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from math import ceil

import anyio
from cachetools import TLRUCache

from outlook_mcp.errors import StoreUnavailable
from outlook_mcp.identity.shared_store import SharedCounter
from outlook_mcp.net.clock import UnixClock, unix_time
from outlook_mcp.web.http.rate_limits import WINDOW_S

# A server takes so many of the requests of a minute ahead, in parts of them all.
SHARES = 60
# When many at once are too many, one of them is over soon.
SOON_S = 1
# Streams wait for events and cost little; a client opens about four.
MOST_STREAMS = 100
_MOST_USERS = 100_000


class TooManyRequests(Exception):
    """The request was not begun; after `retry_after_s` seconds it may be sent again."""

    def __init__(self, text: str, retry_after_s: int) -> None:
        super().__init__(text)
        self.retry_after_s = retry_after_s


class _Window:
    """One minute of a user, from `began` on: how many requests this server may still take.

    `is_used_up` tells that all of them are given away.
    """

    def __init__(self, began: float) -> None:
        self.began = began
        self.left = 0
        self.is_used_up = False
        self.taking = anyio.Lock()


class UserLimits:
    """At most `per_minute` requests of one user in a minute, and `at_once` in progress.

    Event streams, which stay open, count for the minute when they begin, and `MOST_STREAMS` may be open. `shared`
    counts for all servers; without it there is this one alone. Minutes are those of `clock`, the same everywhere.
    """

    def __init__(
        self, *, per_minute: int, at_once: int, shared: SharedCounter | None = None, clock: UnixClock = unix_time
    ) -> None:
        self._per_minute = per_minute
        self._at_once = {False: at_once, True: MOST_STREAMS}
        self._shared = shared
        self._clock = clock
        self._windows: TLRUCache[str, _Window, float] = TLRUCache(
            _MOST_USERS, ttu=lambda _user, window, _now: window.began + WINDOW_S, timer=clock
        )
        self._in_progress: Counter[tuple[str, bool]] = Counter()

    @asynccontextmanager
    async def counted(self, user: str, *, is_stream: bool) -> AsyncIterator[None]:
        """For the time of one request. Raises TooManyRequests before the request begins."""
        key = user, is_stream
        if self._in_progress[key] >= self._at_once[is_stream]:
            raise TooManyRequests("Too many requests at once.", SOON_S)
        self._in_progress[key] += 1
        try:
            await self._count(user)
            yield
        finally:
            self._in_progress[key] -= 1
            if not self._in_progress[key]:
                del self._in_progress[key]

    async def _count(self, user: str) -> None:
        began = self._clock() // WINDOW_S * WINDOW_S
        window = self._windows.get(user)
        if window is None or window.began != began:
            window = self._windows[user] = _Window(began)
        if not window.left:
            # Of many requests at once one takes the share for all.
            async with window.taking:
                if not window.left and not window.is_used_up:
                    await self._take_share(user, window)
        if not window.left:
            raise TooManyRequests("Too many requests in a minute.", ceil(began + WINDOW_S - self._clock()))
        window.left -= 1

    async def _take_share(self, user: str, window: _Window) -> None:
        share, before = self._per_minute, 0
        if self._shared is not None:
            name = f"requests of {user} from {window.began:.0f}"
            # A server that cannot count with the others counts alone. One whose clock is late still finds the count.
            with suppress(StoreUnavailable):
                part = ceil(self._per_minute / SHARES)
                before = await self._shared.increment_counter(name, window_s=3 * WINDOW_S, by=part) - part
                share = part
        window.left = max(0, min(share, self._per_minute - before))
        window.is_used_up = before + share >= self._per_minute
