"""The Starlette application with its middleware: security headers, limits of a request, and the host check."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

import anyio
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from outlook_mcp.net.addresses import DEFAULT_PORTS
from outlook_mcp.web.http.health import LIVE_PATH, READY_PATH
from outlook_mcp.web.http.metrics import METRICS_PATH
from outlook_mcp.web.settings import MCP_PATH, WebSettings

MOST_HEADERS = 100
MOST_HEADER_BYTES = 32 * 1024
# How much of a body nobody reads is taken, so that its sender can read the answer.
MOST_DISCARDED_BYTES = 64 * 1024 * 1024
NotFound = Callable[[Request, Exception], Awaitable[Response]]


def build_site(
    settings: WebSettings, mcp: ASGIApp, routes: Sequence[BaseRoute], not_found: NotFound | None = None
) -> Starlette:
    """`mcp` answers at `/mcp`; `routes` are those of health checks, authorization server and pages.

    `not_found` answers at every other address; without it a line of text does.
    """
    site = Starlette(
        routes=[Route(MCP_PATH, endpoint=mcp), *routes],
        exception_handlers={} if not_found is None else {404: not_found},
        middleware=[
            Middleware(SecurityHeaders, is_https=settings.is_https),
            Middleware(
                RequestLimits,
                body_deadline_s=settings.limits.body_deadline_s,
                discard_s=settings.limits.header_deadline_s,
            ),
            Middleware(OwnAddressOnly, public_url=settings.public_url),
        ],
    )
    # Behind a proxy that terminates TLS, Starlette would redirect clients and their tokens to plain http.
    site.router.redirect_slashes = False
    return site


class SecurityHeaders:
    """Adds security headers to every answer, except those that the route has set itself."""

    def __init__(self, app: ASGIApp, *, is_https: bool) -> None:
        self._app = app
        self._headers = [
            (b"x-content-type-options", b"nosniff"),
            (b"x-frame-options", b"DENY"),
            (b"referrer-policy", b"no-referrer"),
            (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
            # To a picture or script in a page of a neighbouring host the cookies go along; nothing comes of it there.
            (b"cross-origin-resource-policy", b"same-origin"),
        ]
        if is_https:
            self._headers.append((b"strict-transport-security", b"max-age=31536000"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _ in message["headers"]}
                missing = [header for header in self._headers if header[0] not in present]
                message["headers"] = [*message["headers"], *missing]
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class OwnAddressOnly:
    """Refuses requests for another host (DNS rebinding); health checks and metrics are answered under any host.

    It refuses all requests where an application around it is mounted below a path: every address that clients are told
    would lead past it.
    """

    def __init__(self, app: ASGIApp, *, public_url: str) -> None:
        self._app = app
        self._public_url = public_url
        self._hosts = allowed_hosts(public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (path := scope.get("root_path")):
            told = (
                f"This application was mounted at {path}, but its addresses begin with {self._public_url}/."
                " Mount it at the root, behind the routes of your own.\n"
            )
            await PlainTextResponse(told, status_code=500)(scope, receive, send)
            return
        if scope["type"] == "http" and scope["path"] not in (LIVE_PATH, READY_PATH, METRICS_PATH):
            given = Headers(scope=scope).getlist("host")
            if len(given) != 1 or given[0].lower() not in self._hosts:
                told = f"This server answers only as {min(self._hosts, key=len)}.\n"
                await PlainTextResponse(told, status_code=421)(scope, receive, send)
                return
        await self._app(scope, receive, send)


class RequestLimits:
    """Limits the headers and the time for the body; refuses a body of ambiguous length (RFC 9112, 6.1).

    What waits for a body that stays away ends there, and logs nothing. A body that was answered before its end is read
    for `discard_s` seconds more.
    """

    def __init__(self, app: ASGIApp, *, body_deadline_s: float, discard_s: float) -> None:
        self._app = app
        self._body_deadline_s = body_deadline_s
        self._discard_s = discard_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if _are_too_large(scope["headers"]):
            await PlainTextResponse("The headers are too long.\n", status_code=431)(scope, receive, send)
            return
        if _has_two_lengths(scope["headers"]):
            # Request smuggling: a proxy in front may have used the other length and read on as the next request.
            told, headers = "The body has two lengths.\n", {"Connection": "close"}
            await PlainTextResponse(told, status_code=400, headers=headers)(scope, receive, send)
            return
        running = anyio.CancelScope()
        body, is_answered = _RequestBody(scope, receive, self._body_deadline_s, running.cancel), False

        async def send_and_discard(message: Message) -> None:
            nonlocal is_answered
            is_answered = True
            if not body.is_complete and message["type"] == "http.response.body" and not message.get("more_body"):
                await send({**message, "more_body": True})
                await body.discard(self._discard_s)
                message = {"type": "http.response.body"}
            await send(message)

        with running:
            await self._app(scope, body.receive, send_and_discard)
        if running.cancelled_caught and not is_answered:
            # Nobody reads it if the client has left.
            await PlainTextResponse("The body did not arrive in time.\n", status_code=408)(scope, receive, send)


class _RequestBody:
    """The body of one request, all of which must arrive within `deadline_s` seconds from now.

    `give_up` ends whoever waits for one that does not arrive.
    """

    def __init__(self, scope: Scope, receive: Receive, deadline_s: float, give_up: Callable[[], None]) -> None:
        self._receive = receive
        self._give_up = give_up
        self._deadline = anyio.current_time() + deadline_s
        self.is_complete = scope["type"] != "http" or not _announces_body(scope["headers"])

    async def receive(self) -> Message:
        """The next message."""
        if self.is_complete:
            return await self._receive()
        message = await self._next_part()
        if message is not None and message["type"] == "http.request":
            return message
        self._give_up()
        await anyio.sleep_forever()
        return {"type": "http.disconnect"}

    async def _next_part(self) -> Message | None:
        """None when the deadline is over."""
        with anyio.CancelScope(deadline=self._deadline):
            message = await self._receive()
            self.is_complete = message["type"] != "http.request" or not message.get("more_body", False)
            return message
        return None

    async def discard(self, most_s: float) -> None:
        """Reads the rest and drops it, for `most_s` seconds at most.

        The end of an answer may close the connection. What is unread then resets it, and the client, which still
        sends, loses the answer.
        """
        discarded = 0
        with anyio.move_on_after(most_s):
            while not self.is_complete and discarded < MOST_DISCARDED_BYTES:
                if (part := await self._next_part()) is None:
                    return
                discarded += len(part.get("body", b""))


def _are_too_large(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    size = sum(len(name) + len(value) for name, value in headers)
    return len(headers) > MOST_HEADERS or size > MOST_HEADER_BYTES


def _announces_body(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    return any(name == b"transfer-encoding" or (name == b"content-length" and value != b"0") for name, value in headers)


def _has_two_lengths(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    return {b"content-length", b"transfer-encoding"} <= {name for name, _ in headers}


def allowed_hosts(public_url: str) -> frozenset[str]:
    """The values of `Host` that mean this server, with and without the scheme's own port."""
    parts = urlsplit(public_url)
    own_port = f"{parts.netloc}:{DEFAULT_PORTS[parts.scheme]}"
    return frozenset((parts.netloc,) if parts.port else (parts.netloc, own_port))
