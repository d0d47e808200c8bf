"""Requests under way in one protocol session of the legacy era have ids of their own (JSON-RPC 2.0, 4)."""

from __future__ import annotations

from mcp.server.transport_security import DEFAULT_MAX_REQUEST_BODY_SIZE, RequestBodyLimitMiddleware
from mcp.types import INVALID_REQUEST
from pydantic_core import from_json
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class DuplicateRequestIds:
    """Refuses the second of two requests with one id; the SDK would answer one of them and let the other wait."""

    def __init__(self, mcp: ASGIApp) -> None:
        self._mcp = mcp
        self._reading = RequestBodyLimitMiddleware(self._read, DEFAULT_MAX_REQUEST_BODY_SIZE)
        self._under_way: set[tuple[str, str]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        in_session = scope["method"] == "POST" and "mcp-session-id" in Headers(scope=scope)
        await (self._reading if in_session else self._mcp)(scope, receive, send)

    async def _read(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The first message holds the whole body."""
        message = await receive()
        unread = [message]

        async def replay() -> Message:
            return unread.pop() if unread else await receive()

        id = _request_id(message.get("body", b""))
        if id is None:
            await self._mcp(scope, replay, send)
        else:
            await self._answer(id, scope, replay, send)

    async def _answer(self, id: str | int, scope: Scope, receive: Receive, send: Send) -> None:
        # The SDK, too, takes 7 and "7" for one.
        key = Headers(scope=scope)["mcp-session-id"], str(id)
        if key in self._under_way:
            error = {"code": INVALID_REQUEST, "message": "Another request with this id is under way."}
            body = {"jsonrpc": "2.0", "id": id, "error": error}
            await JSONResponse(body, status_code=400)(scope, receive, send)
            return
        self._under_way.add(key)
        try:
            await self._mcp(scope, receive, send)
        finally:
            self._under_way.discard(key)


def _request_id(body: bytes) -> str | int | None:
    """None for what is no request, which the SDK refuses or answers at once."""
    try:
        message = from_json(body)
    except ValueError:
        return None
    id = message.get("id") if isinstance(message, dict) and "method" in message else None
    return id if isinstance(id, str | int) else None
