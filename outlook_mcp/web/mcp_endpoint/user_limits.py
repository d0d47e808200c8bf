"""How many requests one user may send to `/mcp`, so that a client in a loop holds up nobody else.

Counted in each server process: a request costs no write to the store. Several processes allow as many times more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil

from cachetools import TLRUCache

from outlook_mcp.net.clock import MonotonicClock, seconds_since_boot

WINDOW_S = 60.0
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
    """The requests of a user since `began`, by the clock of UserLimits."""

    def __init__(self, began: float) -> None:
        self.began = began
        self.requests = 0


class UserLimits:
    """At most `per_minute` requests of one user in a minute, and `at_once` in progress.

    Event streams, which stay open, count for the minute when they begin, and `MOST_STREAMS` may be open. `clock` is
    in seconds.
    """

    def __init__(self, *, per_minute: int, at_once: int, clock: MonotonicClock = seconds_since_boot) -> None:
        self._per_minute = per_minute
        self._at_once = {False: at_once, True: MOST_STREAMS}
        self._clock = clock
        self._windows: TLRUCache[str, _Window, float] = TLRUCache(
            _MOST_USERS, ttu=lambda _user, window, _now: window.began + WINDOW_S, timer=clock
        )
        self._in_progress: Counter[tuple[str, bool]] = Counter()

    @contextmanager
    def counted(self, user: str, *, is_stream: bool) -> Iterator[None]:
        """For the time of one request. Raises TooManyRequests before the request begins."""
        key = user, is_stream
        if self._in_progress[key] >= self._at_once[is_stream]:
            raise TooManyRequests("Too many requests at once.", SOON_S)
        self._count(user)
        self._in_progress[key] += 1
        try:
            yield
        finally:
            self._in_progress[key] -= 1
            if not self._in_progress[key]:
                del self._in_progress[key]

    def _count(self, user: str) -> None:
        window = self._windows.get(user)
        if window is None:
            window = self._windows[user] = _Window(self._clock())
        if window.requests >= self._per_minute:
            raise TooManyRequests("Too many requests in a minute.", ceil(window.began + WINDOW_S - self._clock()))
        window.requests += 1
