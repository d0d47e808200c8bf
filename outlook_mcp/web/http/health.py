"""Liveness and readiness for load balancers: without a token, under any host name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from outlook_mcp.errors import OutlookError
from outlook_mcp.web.http.drain import Drain

LIVE_PATH = "/healthz"
READY_PATH = "/readyz"
CHECK_DEADLINE_S = 5.0


def health_routes(check: Callable[[], Awaitable[None]], drain: Drain) -> list[Route]:
    """`check` raises OutlookError while the store or the key ring cannot be used."""

    async def live(_: Request) -> Response:
        return _plain_text(200, "live")

    async def ready(_: Request) -> Response:
        if drain.has_begun:
            return _plain_text(503, "shutting down")
        try:
            with anyio.fail_after(CHECK_DEADLINE_S):
                await check()
        except TimeoutError:
            return _plain_text(503, f"The store did not answer within {CHECK_DEADLINE_S:.0f} s.")
        except OutlookError as error:
            # Only the code: the caller has not authenticated.
            return _plain_text(503, error.code)
        return _plain_text(200, "ready")

    return [Route(LIVE_PATH, live), Route(READY_PATH, ready)]


def _plain_text(status: int, text: str) -> Response:
    return PlainTextResponse(f"{text}\n", status_code=status, headers={"Cache-Control": "no-store"})
