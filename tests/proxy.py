"""A small HTTP proxy: it opens tunnels (CONNECT) to servers of this machine, whatever address it is told."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Proxy:
    """`tunnels` are the addresses that were asked for; `servers` maps the host of each to a port of this machine.

    A tunnel goes there as it is, or, with `inspect`, is decrypted and encrypted again as a company's proxy does.
    """

    servers: Mapping[str, int]
    inspect: tuple[ssl.SSLContext, ssl.SSLContext] | None = None
    password: str | None = None
    port: int = 0
    tunnels: list[str] = field(default_factory=list)
    refused: int = 0

    @property
    def url(self) -> str:
        return f"http://{f'{self.password}@' if self.password else ''}127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            try:
                await self._open_tunnel(reader, writer)
            finally:
                writer.close()

    async def _open_tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, target, _ = head.splitlines()[0].split(" ")
        assert method == "CONNECT"
        if self.password and base64.b64encode(self.password.encode()).decode() not in head:
            self.refused += 1
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
        self.tunnels.append(target)
        port = self.servers[target.rpartition(":")[0]]
        tls = self.inspect[1] if self.inspect else None
        there, back = await asyncio.open_connection("127.0.0.1", port, ssl=tls)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.drain()
        if self.inspect:
            await writer.start_tls(self.inspect[0])
        try:
            await asyncio.gather(_copy(reader, back), _copy(there, writer))
        finally:
            back.close()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, ssl.SSLError):
        while chunk := await source.read(65536):
            target.write(chunk)
            await target.drain()
    target.close()


@asynccontextmanager
async def running_proxy(proxy: Proxy) -> AsyncIterator[Proxy]:
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
