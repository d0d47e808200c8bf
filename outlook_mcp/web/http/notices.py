"""Where Microsoft Graph posts that mail has come.

https://learn.microsoft.com/graph/change-notifications-delivery-webhooks
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

NOTICES_PATH = "/graph/notices"
_LONGEST_TOKEN = 2048
_LARGEST_BYTES = 256 * 1024
_HEADERS = {"Cache-Control": "no-store"}

# Is given what was posted, and returns at once.
TakeNotices = Callable[[object], Awaitable[None]]


def notice_routes(take: TakeNotices) -> list[Route]:
    """The validation request is answered with its token as plain text, everything else with 202, whatever it is."""

    async def receive(request: Request) -> Response:
        token = request.query_params.get("validationToken")
        if token is not None:
            # A browser was sent here by a form of another site, whose words would stand at our address.
            if "sec-fetch-site" in request.headers or not 0 < len(token) <= _LONGEST_TOKEN:
                return PlainTextResponse("no validation token\n", 400, _HEADERS)
            return PlainTextResponse(token, 200, _HEADERS)
        raw = bytearray()
        async for chunk in request.stream():
            raw += chunk
            if len(raw) > _LARGEST_BYTES:
                return PlainTextResponse("too large\n", 413, _HEADERS)
        try:
            body: object = json.loads(raw)
        except (ValueError, RecursionError):
            return PlainTextResponse("not JSON\n", 400, _HEADERS)
        await take(body)
        return Response(status_code=202, headers=_HEADERS)

    return [Route(NOTICES_PATH, receive, methods=["POST"])]
