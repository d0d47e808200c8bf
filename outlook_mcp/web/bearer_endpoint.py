"""The door to MCP: nobody passes without a verified access token, and nothing is parsed before that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import anyio
from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from starlette.authentication import AuthCredentials
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from outlook_mcp.errors import OutlookError
from outlook_mcp.identity.session import SessionService
from outlook_mcp.web.authorization.metadata import PROTECTED_RESOURCE_PATHS
from outlook_mcp.web.authorization.request_origin import address_of
from outlook_mcp.web.caller import CallerToken
from outlook_mcp.web.drain import Drain
from outlook_mcp.web.last_seen import LastSeen
from outlook_mcp.web.settings import WebSettings

LONGEST_TOKEN = 16_384
RETRY_AFTER_S = 5
CHECK_EVERY_S = 5.0


class Verifier(Protocol):
    """Tells whose token it is."""

    async def verify(self, token: str) -> CallerToken | None:
        """None for anything but a good token; StoreUnavailable or SignInUnavailable when that cannot be known now."""


class BearerEndpoint:
    """Wraps the MCP endpoint. `tool_scopes` names the scope that each tool needs."""

    def __init__(
        self,
        mcp: ASGIApp,
        verifier: Verifier,
        sessions: SessionService,
        settings: WebSettings,
        tool_scopes: Mapping[str, str],
        drain: Drain,
    ) -> None:
        self._mcp = AuthContextMiddleware(mcp)
        self._verifier = verifier
        self._sightings = LastSeen(sessions)
        self._settings = settings
        self._tool_scopes = tool_scopes
        self._drain = drain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        token = await self._admitted(Headers(scope=scope))
        if isinstance(token, JSONResponse):
            await token(scope, receive, send)
        else:
            await self._pass(token, scope, receive, send)

    async def _admitted(self, headers: Headers) -> CallerToken | JSONResponse:
        """The caller's token, or the answer that refuses them."""
        presented = _bearer(headers)
        if presented is None:
            return self._challenge(None)
        try:
            token = await self._verifier.verify(presented)
        except OutlookError:
            return _unavailable()
        if token is None:
            return self._challenge("invalid_token")
        missing = self._missing_scope(headers, token)
        return self._step_up(token, missing) if missing else token

    async def _pass(self, token: CallerToken, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        era = headers.get("mcp-protocol-version", "")
        await self._sightings.note(token.session, address_of(Request(scope)), era)
        scope["user"] = AuthenticatedUser(token)
        scope["auth"] = AuthCredentials(token.scopes)
        if scope["method"] == "GET":
            await self._stream(_bearer(headers) or "", scope, receive, send)
        else:
            await self._mcp(scope, receive, send)

    async def _stream(self, presented: str, scope: Scope, receive: Receive, send: Send) -> None:
        """A standing stream, whose body ends in order when its token is good no more and when the server goes down."""
        is_open = is_over = False

        async def noting(message: Message) -> None:
            nonlocal is_open
            is_open = message.get("more_body", message["type"] == "http.response.start")
            await send(message)

        async def receive_until_over() -> Message:
            nonlocal is_over
            message = await self._before_it_is_over(presented, receive)
            is_over = message is None
            return message or {"type": "http.disconnect"}

        await self._mcp(scope, receive_until_over, noting)
        if is_open and is_over:
            await send({"type": "http.response.body"})

    def _missing_scope(self, headers: Headers, token: CallerToken) -> str | None:
        """Only for clients that name the tool in a header, which the SDK compares with the body; tools check again."""
        if headers.get("mcp-method") != "tools/call":
            return None
        needed = self._tool_scopes.get(headers.get("mcp-name", ""))
        return None if needed is None or token.session.allows(needed) else needed

    def _challenge(self, error: str | None) -> JSONResponse:
        told = "The access token is missing." if error is None else "The access token is not valid here."
        return self._refusal(401, error, told, self._settings.first_scopes)

    def _step_up(self, token: CallerToken, missing: str) -> JSONResponse:
        asked = tuple(dict.fromkeys((*token.scopes, missing)))
        return self._refusal(403, "insufficient_scope", f"This needs the scope {missing}.", asked)

    def _refusal(self, status: int, error: str | None, description: str, scopes: tuple[str, ...]) -> JSONResponse:
        metadata = f"{self._settings.public_url}{PROTECTED_RESOURCE_PATHS[0]}"
        parts = [f'resource_metadata="{metadata}"', f'scope="{" ".join(self._settings.spelled(scopes))}"']
        if error is not None:
            parts = [f'error="{error}"', f'error_description="{description}"', *parts]
        body = {"error": error or "unauthorized", "error_description": description}
        challenge = {"WWW-Authenticate": "Bearer " + ", ".join(parts), "Cache-Control": "no-store"}
        return JSONResponse(body, status_code=status, headers=challenge)

    async def _before_it_is_over(self, presented: str, receive: Receive) -> Message | None:
        """The next message of the client, None when the stream is over before."""
        message: Message | None = None
        async with anyio.create_task_group() as racing:

            async def next_message() -> None:
                nonlocal message
                message = await receive()
                racing.cancel_scope.cancel()

            racing.start_soon(next_message)
            await self._until_over(presented)
            racing.cancel_scope.cancel()
        return message

    async def _until_over(self, presented: str) -> None:
        """Returns when the token is good no more, or the server goes down."""
        while await self._is_good(presented):
            with anyio.move_on_after(CHECK_EVERY_S):
                await self._drain.wait()
                return

    async def _is_good(self, presented: str) -> bool:
        try:
            return await self._verifier.verify(presented) is not None
        except OutlookError:
            # What cannot be known is not taken for granted; the client opens another stream when it can.
            return False


def _bearer(headers: Headers) -> str | None:
    given = headers.getlist("authorization")
    scheme, _, token = (given[0] if len(given) == 1 else "").partition(" ")
    token = token.strip()
    return token if scheme.lower() == "bearer" and 0 < len(token) <= LONGEST_TOKEN else None


def _unavailable() -> JSONResponse:
    """Whoever asks has shown nothing yet, so they learn nothing of why."""
    told = "Whether the access token is valid cannot be known now."
    body = {"error": "temporarily_unavailable", "error_description": told}
    return JSONResponse(body, status_code=503, headers={"Retry-After": str(RETRY_AFTER_S), "Cache-Control": "no-store"})
