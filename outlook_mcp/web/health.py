"""Whether the server lives, and whether it can serve: for load balancers, so any host name and no token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from outlook_mcp.errors import OutlookError
from outlook_mcp.web.drain import Drain

LIVE_PATH = "/healthz"
READY_PATH = "/readyz"
CHECK_DEADLINE_S = 5.0


def health_routes(check: Callable[[], Awaitable[None]], drain: Drain) -> list[Route]:
    """`check` raises an OutlookError while store or key ring cannot be used."""

    async def live(_: Request) -> Response:
        return _answer(200, "live")

    async def ready(_: Request) -> Response:
        if drain.has_begun:
            return _answer(503, "going down")
        try:
            with anyio.fail_after(CHECK_DEADLINE_S):
                await check()
        except TimeoutError:
            return _answer(503, f"The store did not answer within {CHECK_DEADLINE_S:.0f} s.")
        except OutlookError as error:
            # The code alone: whoever asks here has shown no token.
            return _answer(503, error.code)
        return _answer(200, "ready")

    return [Route(LIVE_PATH, live), Route(READY_PATH, ready)]


def _answer(status: int, text: str) -> Response:
    return PlainTextResponse(f"{text}\n", status_code=status, headers={"Cache-Control": "no-store"})
