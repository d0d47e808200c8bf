"""Loopback sockets, and uvicorn inside the event loop that is already running."""

from __future__ import annotations

import asyncio  # uvicorn runs on asyncio: its servers, tasks and transports are those of asyncio.
import errno
import logging
import socket
import ssl
from asyncio import BaseTransport, Transport
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

HOST = "127.0.0.1"
TRANSPORT = "outlook_mcp.transport"
_ATTEMPTS = 100
_GRACE_S = 2


def bind(port: int) -> socket.socket:
    """A socket on 127.0.0.1; port 0 is any free one."""
    # asyncio turns Nagle's delay off only where the protocol is named.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((HOST, port))
    except OSError as error:
        bound.close()
        raise OSError(error.errno, f"port {port}: {error.strerror}") from None
    except BaseException:
        bound.close()
        raise
    return bound


def bind_pair(port: int) -> tuple[socket.socket, socket.socket]:
    """Sockets on `port` and `port` + 1; port 0 is any free pair."""
    for _ in range(_ATTEMPTS):
        first = bind(port)
        try:
            return first, bind(port_of(first) + 1)
        except (OSError, OverflowError):
            first.close()
            if port:
                raise
    raise OSError(errno.EADDRINUSE, f"no two consecutive ports are free on {HOST}")


def port_of(bound: socket.socket) -> int:
    return int(bound.getsockname()[1])


class _Protocol(H11Protocol):
    """Gives the application its transport, so that it can drop the connection."""

    def connection_made(self, transport: BaseTransport) -> None:
        assert isinstance(transport, Transport)
        super().connection_made(transport)
        inner: Any = self.app

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})[TRANSPORT] = transport
            await inner(scope, receive, send)

        self.app = app


@dataclass(frozen=True, slots=True)
class Listener:
    """An application and its socket; TLS where a context is given."""

    app: ASGIApp
    bound: socket.socket
    tls: ssl.SSLContext | None = None


@asynccontextmanager
async def serving(
    *listeners: Listener, in_background: Callable[[], Coroutine[Any, Any, None]] | None = None
) -> AsyncIterator[None]:
    """Answers on all sockets while the block runs, then closes them; signals are left to the process.

    `in_background` runs as long, and is cancelled first.
    """
    running: list[tuple[uvicorn.Server, asyncio.Task[None]]] = []
    background = asyncio.create_task(in_background()) if in_background is not None else None
    try:
        for listener in listeners:
            server = await _started(listener)
            running.append((server, asyncio.create_task(server.main_loop())))
        yield
    finally:
        if background is not None:
            background.cancel()
            await asyncio.gather(background, return_exceptions=True)
        await asyncio.gather(*(_stop(server, ticking) for server, ticking in running))


async def _started(listener: Listener) -> uvicorn.Server:
    _log_errors_only()
    config = _config(listener)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listener.bound])
    return server


async def _stop(server: uvicorn.Server, ticking: asyncio.Task[None]) -> None:
    """Ends idle connections at once, gives running requests a moment, then drops the rest."""
    ticking.cancel()
    state = server.server_state
    for accepting in server.servers:
        accepting.close()
    for connection in tuple(state.connections):
        connection.shutdown()
    if state.tasks:
        _, late = await asyncio.wait(tuple(state.tasks), timeout=_GRACE_S)
        for task in late:
            task.cancel()
    for connection in tuple(state.connections):
        connection.transport.abort()
    await asyncio.gather(ticking, *state.tasks, return_exceptions=True)


def _log_errors_only() -> None:
    """uvicorn's own setting does the same anew for each server, which makes all loggers forget their levels."""
    for name in ("uvicorn.error", "uvicorn.access", "uvicorn.asgi"):
        logger = logging.getLogger(name)
        if logger.level != logging.ERROR:
            logger.setLevel(logging.ERROR)


def _config(listener: Listener) -> uvicorn.Config:
    tls = listener.tls
    return uvicorn.Config(
        listener.app,
        http=_Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        ssl_context_factory=None if tls is None else lambda _config, _default: tls,
    )
