"""Refuses a request whose id another request in progress has, in one protocol session (JSON-RPC 2.0, 4)."""

from __future__ import annotations

from mcp.server.transport_security import DEFAULT_MAX_REQUEST_BODY_SIZE, RequestBodyLimitMiddleware
from mcp.types import INVALID_REQUEST
from pydantic_core import from_json
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class DuplicateRequestIds:
    """For sessions of 2025-11-25 and older. The SDK would answer one of the two and leave the other waiting."""

    def __init__(self, mcp: ASGIApp) -> None:
        self._mcp = mcp
        self._body_reader = RequestBodyLimitMiddleware(self._pass_on, DEFAULT_MAX_REQUEST_BODY_SIZE)
        self._in_progress: set[tuple[str, str]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        in_session = scope["method"] == "POST" and "mcp-session-id" in Headers(scope=scope)
        await (self._body_reader if in_session else self._mcp)(scope, receive, send)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        """`RequestBodyLimitMiddleware` gives the whole body in the first message."""
        message = await receive()
        unread = [message]

        async def replay() -> Message:
            return unread.pop() if unread else await receive()

        request_id = _request_id(message.get("body", b""))
        if request_id is None:
            await self._mcp(scope, replay, send)
        else:
            await self._pass_on_once(request_id, scope, replay, send)

    async def _pass_on_once(self, request_id: str | int, scope: Scope, receive: Receive, send: Send) -> None:
        # The SDK also treats 7 and "7" as the same id.
        key = Headers(scope=scope)["mcp-session-id"], str(request_id)
        if key in self._in_progress:
            error = {"code": INVALID_REQUEST, "message": "Another request with this id is in progress."}
            body = {"jsonrpc": "2.0", "id": request_id, "error": error}
            await JSONResponse(body, status_code=400)(scope, receive, send)
            return
        self._in_progress.add(key)
        try:
            await self._mcp(scope, receive, send)
        finally:
            self._in_progress.discard(key)


def _request_id(body: bytes) -> str | int | None:
    """None for a body that is no request: the SDK refuses it or answers at once."""
    try:
        message = from_json(body)
    except ValueError:
        return None
    request_id = message.get("id") if isinstance(message, dict) and "method" in message else None
    return request_id if isinstance(request_id, str | int) else None
