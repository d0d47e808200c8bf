"""Liveness and readiness for load balancers: without a token, under any host name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from math import inf

import anyio
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from outlook_mcp.errors import OutlookError
from outlook_mcp.net.clock import MonotonicClock, seconds_since_boot
from outlook_mcp.web.http.drain import Drain

LIVE_PATH = "/healthz"
READY_PATH = "/readyz"
CHECK_DEADLINE_S = 5.0
# Anybody may ask, and several load balancers do, so the store is asked at most once in this time.
REMEMBERED_S = 1.0


class Readiness:
    """Whether requests can be served, found out at most once in `REMEMBERED_S` seconds; `clock` is in seconds.

    `check` raises OutlookError while the store or the key ring cannot be used.
    """

    def __init__(self, check: Callable[[], Awaitable[None]], clock: MonotonicClock = seconds_since_boot) -> None:
        self._check = check
        self._clock = clock
        self._lock = anyio.Lock()
        self._problem: str | None = None
        self._known_until = -inf

    async def problem(self) -> str | None:
        """Why this server is not ready, in words for anybody; None when it is."""
        async with self._lock:
            if self._clock() >= self._known_until:
                self._problem = await self._found_problem()
                self._known_until = self._clock() + REMEMBERED_S
            return self._problem

    async def _found_problem(self) -> str | None:
        try:
            with anyio.fail_after(CHECK_DEADLINE_S):
                await self._check()
        except TimeoutError:
            return f"The store did not answer within {CHECK_DEADLINE_S:.0f} s."
        except OutlookError as error:
            # Only the code: the caller has not authenticated.
            return error.code
        return None


def health_routes(readiness: Readiness, drain: Drain) -> list[Route]:
    """`/healthz` and `/readyz`."""

    async def live(_: Request) -> Response:
        return _plain_text(200, "live")

    async def ready(_: Request) -> Response:
        if drain.has_begun:
            return _plain_text(503, "shutting down")
        problem = await readiness.problem()
        return _plain_text(200, "ready") if problem is None else _plain_text(503, problem)

    return [Route(LIVE_PATH, live), Route(READY_PATH, ready)]


def _plain_text(status: int, text: str) -> Response:
    return PlainTextResponse(f"{text}\n", status_code=status, headers={"Cache-Control": "no-store"})
