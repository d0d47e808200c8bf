"""Runs the site with uvicorn: limits on headers, waits and connections, and a graceful shutdown on SIGTERM."""

from __future__ import annotations

# uvicorn's protocols run on the event loop of asyncio, so the timer of a connection is one of that loop.
import asyncio
import signal
import socket
import sys
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache, partial
from pathlib import Path
from types import FrameType
from typing import Any

import anyio
import h11
import uvicorn
from sse_starlette.sse import AppStatus
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from outlook_mcp.errors import ConfigurationError
from outlook_mcp.net.clock import unix_time
from outlook_mcp.web.http.drain import Drain
from outlook_mcp.web.http.open_files import most_connections
from outlook_mcp.web.http.site import MOST_HEADER_BYTES
from outlook_mcp.web.settings import WebLimits

# How long a server that received SIGTERM still accepts requests, until load balancers have seen that it is not ready.
NOT_READY_S = 2
DRAIN_S = 28
# So many connections beyond the limit are told so; those beyond are closed without an answer.
ANSWERED_BEYOND = 100
IDLE_CONNECTION_S = 75
BACKLOG = 2048


@dataclass(frozen=True, slots=True)
class Listener:
    """`certificate` is a PEM file with certificate and key, None for plain HTTP.

    Forwarded headers (`X-Forwarded-For` and the like) are used only if they come from one of `trusted_proxies`. The
    headers of a request must arrive within `header_deadline_s` seconds, and a client must go on reading its answer
    within `unread_deadline_s`.
    """

    certificate: Path | None = None
    trusted_proxies: tuple[str, ...] = ()
    header_deadline_s: float = WebLimits().header_deadline_s
    unread_deadline_s: float = WebLimits().unread_deadline_s


class SlowClientProtocol(H11Protocol):
    """HTTP/1.1 that closes the connection of a slow client.

    A client has `header_deadline_s` for the headers of a request, and as long for the rest of a body that was already
    answered. Of an answer that waits to be read it must take something every `unread_deadline_s`. Connections far
    beyond the limit are closed at once.
    """

    _timer: asyncio.TimerHandle

    def __init__(
        self, *arguments: Any, header_deadline_s: float, unread_deadline_s: float, **uvicorn_arguments: Any
    ) -> None:
        super().__init__(*arguments, **uvicorn_arguments)
        self._deadline_s = header_deadline_s
        self._unread_deadline_s = unread_deadline_s
        self._unread_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # So that `pause_writing` tells of what cannot be sent at once. Over TLS an empty buffer has reached a limit of
        # 0, and writing would never go on.
        transport.set_write_buffer_limits(high=1)
        self._start_timer()
        if self.limit_concurrency is not None and len(self.connections) > self.limit_concurrency + ANSWERED_BEYOND:
            # uvicorn counts connections when they send a request, which these may never do.
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_unread_timer()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._expect_reading()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stop_unread_timer()

    def data_received(self, data: bytes) -> None:
        # uvicorn renews the date from its loop, which sleeps here while nobody calls.
        self.server_state.default_headers = [(b"date", _date_of(int(unix_time())))]
        if self.conn.their_state is h11.IDLE and self._timer.cancelled():
            self._start_timer()
        super().data_received(data)

    def handle_events(self) -> None:
        super().handle_events()
        if self.conn.their_state is not h11.IDLE and not self._body_is_overdue():
            self._timer.cancel()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._body_is_overdue():
            self._start_timer()

    def _body_is_overdue(self) -> bool:
        """True when the answer is complete and the client is still sending the body of its request."""
        return self.conn.their_state is h11.SEND_BODY and self.conn.our_state is h11.DONE

    def _start_timer(self) -> None:
        self._timer = self.loop.call_later(self._deadline_s, self.transport.close)

    def _expect_reading(self) -> None:
        unread = self.transport.get_write_buffer_size()
        self._unread_timer = self.loop.call_later(self._unread_deadline_s, self._end_if_unread, unread)

    def _end_if_unread(self, before: int) -> None:
        if self.transport.get_write_buffer_size() < before:
            self._expect_reading()
        else:
            # Closing would wait for the client to read.
            self.transport.abort()

    def _stop_unread_timer(self) -> None:
        if self._unread_timer is not None:
            self._unread_timer.cancel()
            self._unread_timer = None


@lru_cache(maxsize=1)
def _date_of(second: int) -> bytes:
    """The `Date` header of a second of Unix time."""
    return formatdate(second, usegmt=True).encode()


class DrainingServer(uvicorn.Server):
    """On SIGTERM or Ctrl-C it reports that it is not ready, closes streams, and finishes calls for up to 30 s."""

    def __init__(self, config: uvicorn.Config, drain: Drain) -> None:
        self._ending: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        super().__init__(config)
        self._drain = drain
        self._got_sigterm = False
        # Otherwise an answer sent as an event stream would be cut off at once; long-lived streams are ended by `drain`.
        AppStatus.enable_automatic_graceful_drain = False

    async def serve_embedded(self, listening: socket.socket) -> None:
        """Serves inside a program that handles signals itself, until `should_exit` is set."""
        await self._serve([listening])

    @property
    def should_exit(self) -> bool:
        """Whether the server is to end; set by signals and by programs that embed it."""
        return self._should_exit

    @should_exit.setter
    def should_exit(self, value: bool) -> None:
        self._should_exit = value
        if value and self._loop is not None and self._ending is not None:
            # A signal does not wake the event loop by itself.
            self._loop.call_soon_threadsafe(self._ending.set)

    async def main_loop(self) -> None:
        """Waits for the end. uvicorn looks ten times a second whether it has come, which keeps idle servers busy."""
        if sys.platform == "win32":
            # There Ctrl-C is noticed only when the event loop comes round.
            await super().main_loop()
            return
        self._loop, self._ending = asyncio.get_running_loop(), asyncio.Event()
        if not self.should_exit:
            await self._ending.wait()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Does not pass SIGTERM on: uvicorn raises it again at the end, before the components would be closed."""
        if sig == signal.SIGTERM:
            self.should_exit = self._got_sigterm = True
        else:
            super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._drain.begin()
        if self._got_sigterm:
            await anyio.sleep(NOT_READY_S)
        await super().shutdown(sockets)


def listening_socket(host: str, port: int) -> socket.socket:
    """A listening socket; connections wait in its backlog until the server runs.

    Raises ConfigurationError when the address or port cannot be used.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
        # Connections inherit it; asyncio sets it only on sockets it made. Without it answers wait 40 ms for an ACK.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening
    except OSError as error:
        raise ConfigurationError(
            f"Cannot listen on {host} port {port}: {error.strerror}.", next_step="Choose another host or port."
        ) from None


def http_server(site: ASGIApp, listener: Listener, drain: Drain) -> DrainingServer:
    """A server to run with `await server.serve(sockets)`; the caller opens and closes what the site needs."""
    config = uvicorn.Config(
        site,
        # uvicorn only calls it, so it need not be the class itself.
        http=partial(  # type: ignore[arg-type]
            SlowClientProtocol,
            header_deadline_s=listener.header_deadline_s,
            unread_deadline_s=listener.unread_deadline_s,
        ),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        # The protocol writes it.
        date_header=False,
        proxy_headers=bool(listener.trusted_proxies),
        forwarded_allow_ips=list(listener.trusted_proxies),
        ssl_certfile=listener.certificate,
        h11_max_incomplete_event_size=MOST_HEADER_BYTES,
        limit_concurrency=most_connections(),
        timeout_keep_alive=IDLE_CONNECTION_S,
        timeout_graceful_shutdown=DRAIN_S,
    )
    return DrainingServer(config, drain)
