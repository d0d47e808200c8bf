"""How many protocol sessions (`Mcp-Session-Id`, 2025-11-25 and older) one user may open on a stateful server."""

from __future__ import annotations

from mcp.server.auth.middleware.auth_context import get_access_token
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from outlook_mcp.errors import OutlookError
from outlook_mcp.identity.shared_store import SharedCounter

WINDOW_S = 1800.0


class SessionQuota:
    """Refuses to open a session for a user who opened `most` of them, so that one user cannot use up those of all.

    It comes after `BearerEndpoint`, which verifies the access token.
    """

    def __init__(self, mcp: ASGIApp, counter: SharedCounter, *, most: int) -> None:
        self._mcp = mcp
        self._counter = counter
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if _opens_session(Headers(scope=scope)) and await self._is_used_up():
            body = {"error": "temporarily_unavailable", "error_description": "Too many sessions were opened."}
            headers = {"Retry-After": str(int(WINDOW_S)), "Cache-Control": "no-store"}
            await JSONResponse(body, status_code=429, headers=headers)(scope, receive, send)
        else:
            await self._mcp(scope, receive, send)

    async def _is_used_up(self) -> bool:
        token = get_access_token()
        subject = "" if token is None else token.subject
        try:
            return await self._counter.increment_counter(f"sessions of {subject}", window_s=WINDOW_S) > self._most
        except OutlookError:
            # Calls go on while the store is unavailable; the SDK limits the sessions of all users anyway.
            return False


def _opens_session(headers: Headers) -> bool:
    version = headers.get("mcp-protocol-version")
    return "mcp-session-id" not in headers and (version is None or version in HANDSHAKE_PROTOCOL_VERSIONS)
