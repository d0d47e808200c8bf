"""Runs the site on a socket: bounded headers, bounded waits, and an orderly end on SIGTERM."""

from __future__ import annotations

import asyncio
import signal
import socket
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import h11
import uvicorn
from sse_starlette.sse import AppStatus
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from outlook_mcp.errors import ConfigurationError
from outlook_mcp.web.drain import Drain
from outlook_mcp.web.site import MOST_HEADER_BYTES

LEAVING_S = 2
DRAIN_S = 28
HEADER_DEADLINE_S = 10.0
MOST_CONNECTIONS = 5_000
IDLE_CONNECTION_S = 75
BACKLOG = 2048


@dataclass(frozen=True, slots=True)
class Listener:
    """`certificate` is a PEM file with certificate and key; None speaks plain HTTP.

    Forwarded headers are believed from `trusted_proxies` alone.
    """

    certificate: Path | None = None
    trusted_proxies: tuple[str, ...] = ()


class SlowClientProtocol(H11Protocol):
    """HTTP/1.1 from clients that soon finish what they owe: the head of a request, and a body already answered."""

    _patience: asyncio.TimerHandle

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        if self.conn.their_state is h11.IDLE and self._patience.cancelled():
            self._wait()
        super().data_received(data)

    def handle_events(self) -> None:
        super().handle_events()
        if self.conn.their_state is not h11.IDLE and not self._owes_body():
            self._patience.cancel()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._owes_body():
            self._wait()

    def _owes_body(self) -> bool:
        return self.conn.their_state is h11.SEND_BODY and self.conn.our_state is h11.DONE

    def _wait(self) -> None:
        self._patience = self.loop.call_later(HEADER_DEADLINE_S, self.transport.close)


class DrainingServer(uvicorn.Server):
    """On SIGTERM or Ctrl-C: not ready any more, streams closed, calls finished for up to 30 s."""

    def __init__(self, config: uvicorn.Config, drain: Drain) -> None:
        super().__init__(config)
        self._drain = drain
        self._was_told_to_go = False
        # An answer sent as an event stream would otherwise be cut at once; standing streams end by the drain.
        AppStatus.enable_automatic_graceful_drain = False

    async def serve_embedded(self, listening: socket.socket) -> None:
        """Serves inside a program that looks after signals itself, until `should_exit` is set."""
        await self._serve([listening])

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """uvicorn raises in the end what it caught; SIGTERM would then kill us before the rooms are closed."""
        if sig == signal.SIGTERM:
            self.should_exit = self._was_told_to_go = True
        else:
            super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._drain.begin()
        if self._was_told_to_go:
            # Requests on their way are still answered, until proxies have seen that it is not ready.
            await asyncio.sleep(LEAVING_S)
        await super().shutdown(sockets)


def listening_socket(host: str, port: int) -> socket.socket:
    """Bound and listening: who connects from now on is answered once the server runs.

    Raises ConfigurationError when the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
        # Connections inherit it. asyncio sets it only on its own sockets; without it answers wait 40 ms for an ACK.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening
    except OSError as error:
        raise ConfigurationError(
            f"Cannot listen on {host} port {port}: {error.strerror}.", next_step="Choose another host or port."
        ) from None


def http_server(site: ASGIApp, listener: Listener, drain: Drain) -> DrainingServer:
    """A server to `await .serve(sockets)`; the lifespan of the rooms is the caller's."""
    config = uvicorn.Config(
        site,
        http=SlowClientProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=bool(listener.trusted_proxies),
        forwarded_allow_ips=list(listener.trusted_proxies),
        ssl_certfile=listener.certificate,
        h11_max_incomplete_event_size=MOST_HEADER_BYTES,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=IDLE_CONNECTION_S,
        timeout_graceful_shutdown=DRAIN_S,
    )
    return DrainingServer(config, drain)
