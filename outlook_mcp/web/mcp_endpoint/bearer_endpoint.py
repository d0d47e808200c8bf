"""The MCP endpoint accepts a request only with a verified access token; its body is not read before."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

import anyio
from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.shared.inbound import MCP_METHOD_HEADER, MCP_NAME_HEADER, decode_header_value
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from starlette.authentication import AuthCredentials
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from outlook_mcp.audit.denials import Denials
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.errors import OutlookError
from outlook_mcp.identity.session import SessionService
from outlook_mcp.net.request_id import REQUEST_ID_KEY, new_request_id, request_id_scope
from outlook_mcp.telemetry.events import tell_of_refusal
from outlook_mcp.web.authorization.metadata import PROTECTED_RESOURCE_PATHS
from outlook_mcp.web.caller import CallerToken
from outlook_mcp.web.http.drain import Drain
from outlook_mcp.web.http.request_origin import address_of
from outlook_mcp.web.mcp_endpoint.last_seen import LastSeen
from outlook_mcp.web.mcp_endpoint.user_limits import TooManyRequests, UserLimits
from outlook_mcp.web.pages.rendering import app_address_page, is_for_browser
from outlook_mcp.web.settings import WebSettings

LONGEST_TOKEN = 16_384
RETRY_AFTER_S = 5
LISTEN_METHOD = "subscriptions/listen"


class Verifier(Protocol):
    """Verifies access tokens."""

    async def verify(self, token: str) -> CallerToken | None:
        """The token's user and scopes; None when it is not valid.

        Raises StoreUnavailable or SignInUnavailable when that cannot be determined now.
        """


# The scope that a call needs, from its MCP method and what it names; None when it needs none.
NeededScope = Callable[[str, str], str | None]


class BearerEndpoint:
    """An ASGI application around the MCP endpoint."""

    def __init__(
        self,
        mcp: ASGIApp,
        verifier: Verifier,
        sessions: SessionService,
        settings: WebSettings,
        needed_scope: NeededScope,
        drain: Drain,
        denials: Denials,
        limits: UserLimits,
    ) -> None:
        self._limits = limits
        self._mcp = AuthContextMiddleware(mcp)
        self._verifier = verifier
        self._last_seen = LastSeen(sessions)
        self._settings = settings
        self._needed_scope = needed_scope
        self._drain = drain
        self._denials = denials

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        token = await self._verified_token(request.headers, address_of(request))
        if isinstance(token, JSONResponse):
            refusal: Response = token
            if _bearer(request.headers) is None and is_for_browser(request):
                refusal = app_address_page({"WWW-Authenticate": token.headers["www-authenticate"]})
            await refusal(scope, receive, send)
            return
        try:
            # What the token does not allow counts too: a client without the scope may be the one in a loop.
            async with self._limits.counted(token.subject or "", is_stream=_is_stream(scope)):
                respond = await self._scope_refusal(request, token) or partial(self._pass_on, token)
                await respond(scope, receive, send)
        except TooManyRequests as refused:
            tell_of_refusal("limit:mcp:exceeded")
            await _too_many(refused)(scope, receive, send)

    async def _verified_token(self, headers: Headers, address: str) -> CallerToken | JSONResponse:
        """The token of the request, or the response that refuses it.

        A request without a token is how a client asks where to get one, so it is no denial to record.
        """
        presented = _bearer(headers)
        if presented is None:
            return self._challenge(None)
        try:
            token = await self._verifier.verify(presented)
        except OutlookError:
            return _verification_unavailable()
        if token is None:
            await self._denials.record_denial(AuditTag.TOKEN_REFUSED, address, {"error": "invalid_token"})
            return self._challenge("invalid_token")
        return token

    async def _scope_refusal(self, request: Request, token: CallerToken) -> Response | None:
        missing, session = self._missing_scope(request.headers, token), token.session
        if missing is None:
            return None
        details = {"scope": missing, "session": session.id, "client": session.client_id}
        await self._denials.record_denial(AuditTag.SCOPE_REFUSED, address_of(request), details, user=session.user)
        return self._step_up(token, missing)

    async def _pass_on(self, token: CallerToken, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        era = headers.get("mcp-protocol-version", "")
        await self._last_seen.record_use(token.session, address_of(Request(scope)), era)
        scope["user"] = AuthenticatedUser(token)
        scope["auth"] = AuthCredentials(token.scopes)
        request_id = scope[REQUEST_ID_KEY] = new_request_id()
        with request_id_scope(request_id):
            if scope["method"] == "GET":
                await self._stream(_bearer(headers) or "", scope, receive, send)
            else:
                await self._mcp(scope, receive, _with_request_id(send, request_id))

    async def _stream(self, presented: str, scope: Scope, receive: Receive, send: Send) -> None:
        """An event stream; its body is ended properly when the token stops being valid or the server shuts down."""
        is_open = is_over = False

        async def send_and_note(message: Message) -> None:
            nonlocal is_open
            is_open = message.get("more_body", message["type"] == "http.response.start")
            await send(message)

        async def receive_until_over() -> Message:
            nonlocal is_over
            message = await self._receive_or_over(presented, receive)
            is_over = message is None
            return message or {"type": "http.disconnect"}

        await self._mcp(scope, receive_until_over, send_and_note)
        if is_open and is_over:
            await send({"type": "http.response.body"})

    def _missing_scope(self, headers: Headers, token: CallerToken) -> str | None:
        """The scope that the call needs and the token lacks; None when nothing is missing.

        Known before the body is read, for clients that name the call in headers, which the SDK compares with the body:
        from 2026-07-28 on those of tools, resources and prompts. Every other call is checked by the pipeline alone.
        """
        name = decode_header_value(headers.get(MCP_NAME_HEADER)) or ""
        needed = self._needed_scope(headers.get(MCP_METHOD_HEADER, ""), name)
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

    async def _receive_or_over(self, presented: str, receive: Receive) -> Message | None:
        """The next message from the client; None when the stream is over first."""
        message: Message | None = None
        async with anyio.create_task_group() as tasks:

            async def next_message() -> None:
                nonlocal message
                message = await receive()
                tasks.cancel_scope.cancel()

            tasks.start_soon(next_message)
            await self._until_over(presented)
            tasks.cancel_scope.cancel()
        return message

    async def _until_over(self, presented: str) -> None:
        """Returns when the token is no longer valid or the server shuts down."""
        while await self._is_valid(presented):
            with anyio.move_on_after(self._settings.limits.token_check_s):
                await self._drain.wait()
                return

    async def _is_valid(self, presented: str) -> bool:
        try:
            return await self._verifier.verify(presented) is not None
        except OutlookError:
            # A token that cannot be verified counts as invalid; the client opens another stream later.
            return False


def _with_request_id(send: Send, request_id: str) -> Send:
    """Adds the id to the headers of the answer, so that a person can name the request when they ask for help."""

    async def send_with_id(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
        await send(message)

    return send_with_id


def _bearer(headers: Headers) -> str | None:
    """The token of the one `Authorization: Bearer` header; None without one or when it is too long."""
    given = headers.getlist("authorization")
    scheme, _, token = (given[0] if len(given) == 1 else "").partition(" ")
    token = token.strip()
    return token if scheme.lower() == "bearer" and 0 < len(token) <= LONGEST_TOKEN else None


def _is_stream(scope: Scope) -> bool:
    """True for a request whose answer stays open.

    From 2026-07-28 on the SDK refuses a request whose header names another method than its body.
    """
    headers = Headers(scope=scope)
    is_listening = headers.get(MCP_METHOD_HEADER) == LISTEN_METHOD
    return scope["method"] == "GET" or (
        is_listening and headers.get("mcp-protocol-version") in MODERN_PROTOCOL_VERSIONS
    )


def _too_many(refused: TooManyRequests) -> JSONResponse:
    body = {"error": "temporarily_unavailable", "error_description": str(refused)}
    headers = {"Retry-After": str(refused.retry_after_s), "Cache-Control": "no-store"}
    return JSONResponse(body, status_code=429, headers=headers)


def _verification_unavailable() -> JSONResponse:
    """Without the reason: the caller has not authenticated."""
    told = "The access token cannot be verified at the moment."
    body = {"error": "temporarily_unavailable", "error_description": told}
    return JSONResponse(body, status_code=503, headers={"Retry-After": str(RETRY_AFTER_S), "Cache-Control": "no-store"})
