"""Throttling of requests of one app to one mailbox: so many at once, so many within ten minutes."""

from __future__ import annotations

import math
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager

import anyio.lowlevel
from starlette.types import ASGIApp, Receive, Scope, Send

from outlook_mcp.sandbox.bounded import make_room
from outlook_mcp.sandbox.caller import Caller
from outlook_mcp.sandbox.clock import Clock
from outlook_mcp.sandbox.refusal import graph_refusal

_WINDOW_S = 600
_LIMIT = 10_000

AppAndMailbox = tuple[str, str]


class Throttle:
    """Counts by app and mailbox, as Exchange Online does; `at_once` 0 means no limit of either kind."""

    def __init__(self, clock: Clock, at_once: int, within_window: int = 10_000, limit: int = _LIMIT) -> None:
        """`limit` is of how many pairs of app and mailbox past requests are remembered."""
        self._clock, self._limit = clock, limit
        self._at_once, self._within_window = at_once, within_window
        self._running: Counter[AppAndMailbox] = Counter()
        self._recent: defaultdict[AppAndMailbox, deque[float]] = defaultdict(lambda: deque(maxlen=within_window))

    def __len__(self) -> int:
        return len(self._recent)

    def has_slot(self, key: AppAndMailbox) -> bool:
        return not self._at_once or self._running[key] < self._at_once

    def wait_s(self, key: AppAndMailbox) -> int:
        """Whole seconds until the window has room again; 0 when it has now."""
        recent, now = self._recent.get(key) or deque(), self._clock.now()
        while recent and recent[0] <= now - _WINDOW_S:
            recent.popleft()
        if not self._at_once or len(recent) < self._within_window:
            return 0
        return math.ceil(recent[0] + _WINDOW_S - now)

    @contextmanager
    def running(self, key: AppAndMailbox) -> Iterator[None]:
        now = self._clock.now()
        if key not in self._recent:
            make_room(self._recent, self._limit, lambda moments: not moments or moments[-1] <= now - _WINDOW_S)
        self._recent[key].append(now)
        self._running[key] += 1
        try:
            yield
        finally:
            self._running[key] -= 1
            if not self._running[key]:
                del self._running[key]

    def clear(self) -> None:
        """Forget past requests; those still running keep counting."""
        self._recent.clear()


class Throttling:
    """Middleware that answers 429. The parts of a `$batch` count, the batch itself does not."""

    def __init__(self, app: ASGIApp, throttle: Throttle) -> None:
        self._app = app
        self._throttle = throttle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller = _caller_of_mailbox(scope)
        if caller is None:
            await self._app(scope, receive, send)
            return
        key = (caller.app, caller.oid)
        if wait_s := self._throttle.wait_s(key):
            app = _refusal(scope, "TooManyRequests", "Please retry again later.", wait_s)
        elif not self._throttle.has_slot(key):
            message = "Application is over its MailboxConcurrency limit."
            app = _refusal(scope, "ApplicationThrottled", message, 1)
        else:
            with self._throttle.running(key):
                # Requests that arrive together are together, however fast each of them is.
                await anyio.lowlevel.checkpoint()
                await self._app(scope, receive, send)
            return
        await app(scope, receive, send)


def _caller_of_mailbox(scope: Scope) -> Caller | None:
    if scope["type"] != "http" or not scope["path"].startswith("/v1.0/") or scope["path"].lower().endswith("/$batch"):
        return None
    caller: Caller | None = scope["state"]["caller"]
    return caller


def _refusal(scope: Scope, code: str, message: str, wait_s: int) -> ASGIApp:
    return graph_refusal(scope, 429, code, message, {"Retry-After": str(wait_s)})
