"""A plain round-robin proxy: every request goes to the next replica that says it is ready, whoever sent it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress

import httpx

from tests.waiting import pause

HOST = "127.0.0.1"
LOOK_EVERY_S = 0.5
_MOST_HEADER_BYTES = 64 * 1024
_CHUNK = 64 * 1024
_AWAY = (
    b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain\r\nContent-Length: 21\r\nConnection: close\r\n\r\n"
    b"The replica is gone.\n"
)


class RoundRobinProxy:
    """`ports` are the replicas'. One that is not ready or refuses a connection is passed
    over; one that breaks it makes a 502.

    By port, `under_way` counts the requests without their whole answer yet, `forwarded` all of them.
    """

    def __init__(self, ports: Sequence[int]) -> None:
        self._ports = list(ports)
        self._ready = dict.fromkeys(ports, True)
        self._next = 0
        self._open: set[asyncio.StreamWriter] = set()
        self.port = 0
        self.under_way = dict.fromkeys(ports, 0)
        self.forwarded = dict.fromkeys(ports, 0)
        self.refused = 0

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with self._until_done(writer), suppress(OSError, asyncio.IncompleteReadError):
            await self._forward(await reader.readuntil(b"\r\n\r\n"), reader, writer)

    async def _forward(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        port, upstream, onward = await self._connect()
        self.forwarded[port] += 1
        try:
            with self._until_done(onward):
                sending = asyncio.create_task(_copy(reader, onward, first=_one_request_only(head)))
                # Whoever hangs up ends the request of theirs, too.
                sending.add_done_callback(lambda _: onward.close())
                if not await _copy(upstream, writer):
                    writer.write(_AWAY)
                    await writer.drain()
        finally:
            self.under_way[port] -= 1
            writer.close()
        await sending

    async def _connect(self) -> tuple[int, asyncio.StreamReader, asyncio.StreamWriter]:
        first = self._next
        self._next = (first + 1) % len(self._ports)
        in_turn = self._ports[first:] + self._ports[:first]
        for port in sorted(in_turn, key=lambda port: not self._ready[port]):
            # From here on the replica may have taken it.
            self.under_way[port] += 1
            try:
                return port, *await asyncio.open_connection(HOST, port)
            except OSError:
                self.under_way[port] -= 1
                self.refused += 1
        raise ConnectionError("no replica takes connections")

    async def look_for_the_ready(self) -> None:
        """Checks readiness repeatedly, as load balancers do."""
        async with httpx.AsyncClient(trust_env=False, timeout=LOOK_EVERY_S) as http:
            while True:
                for port in self._ports:
                    self._ready[port] = await _is_ready(http, port)
                await pause(LOOK_EVERY_S)

    @contextmanager
    def _until_done(self, writer: asyncio.StreamWriter) -> Iterator[None]:
        self._open.add(writer)
        try:
            yield
        finally:
            self._open.discard(writer)
            writer.close()

    def hang_up(self) -> None:
        for writer in self._open:
            writer.transport.abort()


async def _is_ready(http: httpx.AsyncClient, port: int) -> bool:
    try:
        return (await http.get(f"http://{HOST}:{port}/readyz")).status_code == 200
    except httpx.TransportError:
        return False


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter, first: bytes = b"") -> bool:
    """Until `source` ends or breaks; whether it said anything."""
    said = False
    with suppress(OSError):
        target.write(first)
        while data := await source.read(_CHUNK):
            said = True
            target.write(data)
            await target.drain()
    return said


def _one_request_only(head: bytes) -> bytes:
    """So that the next request of the same connection reaches another replica."""
    first, *rest = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    kept = [line for line in rest if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([first, *kept, b"Connection: close", b"", b""])


@asynccontextmanager
async def round_robin(ports: Sequence[int]) -> AsyncIterator[RoundRobinProxy]:
    proxy = RoundRobinProxy(ports)
    server = await asyncio.start_server(proxy.serve, HOST, 0, limit=_MOST_HEADER_BYTES)
    proxy.port = server.sockets[0].getsockname()[1]
    looking = asyncio.create_task(proxy.look_for_the_ready())
    try:
        yield proxy
    finally:
        looking.cancel()
        server.close()
        proxy.hang_up()
        await server.wait_closed()
