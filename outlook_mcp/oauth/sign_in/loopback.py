"""The listener on this machine that receives the callback of a sign-in (RFC 8252 section 7.3).

It goes on after the request that opened it has ended.
"""

from __future__ import annotations

# A server of anyio must be served within a task group of its caller, so this is one of asyncio.
import asyncio
import base64
import errno
import hashlib
import hmac
import html
import secrets
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Self
from urllib.parse import parse_qsl

import anyio

from outlook_mcp.oauth.security_service import CALLBACK_PATH

# Bytes.
LARGEST_HEAD = 32 * 1024
REQUEST_DEADLINE_S = 10.0
ANSWER_DEADLINE_S = 60.0
# Connections whose request has not arrived. A program of another user of this machine may open them by the thousand,
# which would use up the files that this process may have open; the oldest gives way.
MOST_READING = 32
# Ports tried until one is free on 127.0.0.1 and ::1 alike.
MOST_PORTS = 20
# What the system says where it has no IPv6; nothing can then listen there either.
_NO_IPV6 = frozenset({errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT, errno.ENETUNREACH})

_STYLE = (
    "body{max-width:38rem;margin:15vh auto;padding:0 1.5rem;font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}"
    "h1{font-size:1.5rem;line-height:1.25}"
)
# The page may use this style and no other.
_STYLE_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = (
    "Content-Type: text/html; charset=utf-8\r\n"
    f"Content-Security-Policy: default-src 'none'; style-src 'sha256-{_STYLE_DIGEST}'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cache-Control: no-store\r\n"
    "Connection: close\r\n"
)


@dataclass(frozen=True, slots=True)
class Page:
    """What the person sees. `title` and `text` are plain text; they are escaped when the page is rendered.

    A browser goes on to `location` at once, if there is one.
    """

    status: HTTPStatus
    title: str
    text: str = ""
    location: str = ""


CallbackHandler = Callable[[Mapping[str, str]], Awaitable[Page]]


class LoopbackListener:
    """Calls `handle` with the query parameters of `GET /callback`, and shows the page that it returns.

    It also has one short address that leads to where the person signs in.
    """

    def __init__(self, redirect_host: str, handle: CallbackHandler) -> None:
        self._redirect_host = redirect_host
        self._handle = handle
        self._servers: list[asyncio.Server] = []
        self._requests: set[asyncio.Task[None]] = set()
        # In the order in which they came.
        self._reading: dict[asyncio.Task[None], None] = {}
        self._port = 0
        self._start_path = ""
        self._start_url = ""

    @classmethod
    async def listen(cls, redirect_host: str, handle: CallbackHandler) -> Self:
        """Listens on a free port of 127.0.0.1 and ::1. `redirect_host` is the host of the redirect URI.

        A browser may take `localhost` for either address, where another program must not be able to listen.
        """
        listener = cls(redirect_host, handle)
        for bound in _bound_sockets():
            listener._port = bound.getsockname()[1]
            listener._servers.append(await asyncio.start_server(listener._accept, sock=bound, limit=LARGEST_HEAD))
        return listener

    @property
    def redirect_uri(self) -> str:
        return f"http://{self._redirect_host}:{self._port}{CALLBACK_PATH}"

    def short_link(self, url: str) -> str:
        """An address of this listener that leads a browser to `url`; it is in place of any other given before."""
        self._start_path, self._start_url = f"/{secrets.token_urlsafe(9)}", url
        return f"http://{self._redirect_host}:{self._port}{self._start_path}"

    async def aclose(self) -> None:
        """Stops listening; a page that is being sent is sent to its end, for at most 10 s."""
        for server in self._servers:
            server.close()
        under_way = self._requests - {asyncio.current_task()}
        if under_way:
            _, late = await asyncio.wait(under_way, timeout=REQUEST_DEADLINE_S)
            for request in late:
                request.cancel()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._requests.add(task)
        self._reading[task] = None
        if len(self._reading) > MOST_READING:
            next(iter(self._reading)).cancel()
        try:
            with anyio.fail_after(REQUEST_DEADLINE_S):
                head = await reader.readuntil(b"\r\n\r\n")
            del self._reading[task]
            with anyio.fail_after(ANSWER_DEADLINE_S):
                page = await self._page_for(head)
                writer.write(_rendered(page))
                await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # The browser closed the connection, or the client is no browser.
        finally:
            self._requests.discard(task)
            self._reading.pop(task, None)
            writer.close()

    async def _page_for(self, head: bytes) -> Page:
        lines = head.decode("latin-1").split("\r\n")
        method, _, rest = lines[0].partition(" ")
        path, _, query = rest.partition(" ")[0].partition("?")
        hosts = [line.partition(":")[2].strip() for line in lines[1:] if line.lower().startswith("host:")]
        # DNS rebinding: a page of another site whose name resolves to this machine sends that name.
        if hosts not in ([f"{host}:{self._port}"] for host in (self._redirect_host, "127.0.0.1", "[::1]")):
            return Page(HTTPStatus.MISDIRECTED_REQUEST, "Wrong address")
        is_start = bool(self._start_path) and hmac.compare_digest(path.encode(), self._start_path.encode())
        if path != CALLBACK_PATH and not is_start:
            return Page(HTTPStatus.NOT_FOUND, "Not found")
        if method != "GET":
            return Page(HTTPStatus.METHOD_NOT_ALLOWED, "Not allowed")
        if is_start:
            return Page(HTTPStatus.SEE_OTHER, "Go on to Microsoft", location=self._start_url)
        try:
            pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=20)
        except ValueError:
            return Page(HTTPStatus.BAD_REQUEST, "Not understood")
        if len(dict(pairs)) != len(pairs):
            return Page(HTTPStatus.BAD_REQUEST, "Not understood")
        return await self._handle(dict(pairs))


def _bound_sockets() -> list[socket.socket]:
    """One socket for each loopback address that this machine has, on the same free port. Raises OSError."""
    for _ in range(MOST_PORTS):
        first = _bound_to("127.0.0.1", 0)
        try:
            return [first, _bound_to("::1", first.getsockname()[1])]
        except OSError as error:
            if error.errno in _NO_IPV6:
                return [first]
            first.close()
    raise OSError(errno.EADDRINUSE, "No port is free on both 127.0.0.1 and ::1")


def _bound_to(address: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        if bound.family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind((address, port))
    except BaseException:
        bound.close()
        raise
    return bound


def _rendered(page: Page) -> bytes:
    title, text = html.escape(page.title), html.escape(page.text)
    body = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><h1>{title}</h1><p>{text}</p></body></html>"
    ).encode()
    location = f"Location: {page.location}\r\n" if page.location else ""
    start = (
        f"HTTP/1.1 {page.status.value} {page.status.phrase}\r\n{_HEADERS}{location}Content-Length: {len(body)}\r\n\r\n"
    )
    return start.encode() + body
