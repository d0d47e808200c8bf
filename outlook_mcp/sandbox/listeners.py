"""Loopback sockets, and uvicorn inside the loop that is already running."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import ssl
from asyncio import BaseTransport, Transport
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

HOST = "127.0.0.1"
TRANSPORT = "outlook_mcp.transport"
_ATTEMPTS = 100


def bind(port: int) -> socket.socket:
    """A listening-to-be socket on 127.0.0.1; port 0 is any free one."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((HOST, port))
    except BaseException:
        bound.close()
        raise
    return bound


def bind_pair(port: int) -> tuple[socket.socket, socket.socket]:
    """Two neighbours, `port` and `port` + 1; port 0 is any free pair."""
    for _ in range(_ATTEMPTS):
        first = bind(port)
        try:
            return first, bind(port_of(first) + 1)
        except (OSError, OverflowError):
            first.close()
            if port:
                raise
    raise OSError(errno.EADDRINUSE, f"no two neighbouring ports are free on {HOST}")


def port_of(bound: socket.socket) -> int:
    return int(bound.getsockname()[1])


class _Protocol(H11Protocol):
    """Hands its transport to the application, which may drop the connection."""

    def connection_made(self, transport: BaseTransport) -> None:
        assert isinstance(transport, Transport)
        super().connection_made(transport)
        inner: Any = self.app

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})[TRANSPORT] = transport
            await inner(scope, receive, send)

        self.app = app


class _Server(uvicorn.Server):
    """Leaves the signal handlers of the process alone and tells when it is up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


@asynccontextmanager
async def serving(app: ASGIApp, bound: socket.socket, tls: ssl.SSLContext | None = None) -> AsyncIterator[None]:
    """Answers on the socket while the block runs, then closes it."""
    config = uvicorn.Config(
        app,
        http=_Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
        ssl_context_factory=None if tls is None else lambda _config, _default: tls,
    )
    server = _Server(config)
    with contextlib.closing(bound):
        running = asyncio.create_task(server.serve(sockets=[bound]))
        started = asyncio.create_task(server.up.wait())
        try:
            await asyncio.wait({running, started}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                await running
            yield
        finally:
            started.cancel()
            server.should_exit = True
            await running
