"""A site that serves metadata documents over HTTPS on this machine, with the faults that a test asks for."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any, Literal

import trustme

from tests.waiting import pause

HOST = "client.example"
HERE = "127.0.0.1"


def is_here(address: IPv4Address | IPv6Address) -> bool:
    return str(address) == HERE


@dataclass
class Names:
    """A DNS whose answers a test sets; the last one is repeated."""

    answers: list[Sequence[str]] = field(default_factory=lambda: [[HERE]])
    asked: list[str] = field(default_factory=list)

    async def __call__(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        return self.answers[min(len(self.asked), len(self.answers)) - 1]


class Site:
    """`head` and `body` are what it answers; `requests` is what it was sent.

    `silence`: instead of an answer it closes the connection at once (`close`) or never (`wait`).
    """

    def __init__(self, port: int) -> None:
        self.url = f"https://{HOST}:{port}/client.json"
        self.document: dict[str, Any] = {
            "client_id": self.url,
            "client_name": "A client",
            "redirect_uris": [f"https://{HOST}/callback"],
            "token_endpoint_auth_method": "none",
        }
        self.status = "200 OK"
        self.headers = {"Content-Type": "application/json"}
        self.body: bytes | None = None
        self.length: int | None = None
        self.drip_s: float | None = None
        self.silence: Literal["", "close", "wait"] = ""
        self.requests: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.requests.append(await reader.readuntil(b"\r\n\r\n"))
            if self.silence:
                await (reader.read() if self.silence == "wait" else reader.read(1))
                return
            body = json.dumps(self.document).encode() if self.body is None else self.body
            head = f"HTTP/1.1 {self.status}\r\n" + "".join(
                f"{name}: {value}\r\n" for name, value in self.headers.items()
            )
            if self.length is not None or self.drip_s is None:
                head += f"Content-Length: {self.length or len(body)}\r\n"
            writer.write(f"{head}\r\n".encode())
            await self._write(writer, body)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _write(self, writer: asyncio.StreamWriter, body: bytes) -> None:
        if self.drip_s is None:
            writer.write(body)
            return
        for at in range(len(body)):
            writer.write(body[at : at + 1])
            await writer.drain()
            await pause(self.drip_s)


class Certificates:
    """`ca_file` is the authority to trust."""

    def __init__(self, folder: Path) -> None:
        self._authority = trustme.CA()
        self.ca_file = folder / "ca.pem"
        self._authority.cert_pem.write_to_path(self.ca_file)

    def context(self, *names: str) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._authority.issue_cert(*names).configure_cert(context)
        return context

    def pem_file(self, *names: str) -> Path:
        """A file with a certificate and its key."""
        file = self.ca_file.with_name(f"{names[0]}.pem")
        self._authority.issue_cert(*names).private_key_and_cert_chain_pem.write_to_path(file)
        return file


@asynccontextmanager
async def running_site(tls: ssl.SSLContext, address: str = HERE, port: int = 0) -> AsyncIterator[Site]:
    site: Site | None = None

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert site is not None
        await site.serve(reader, writer)

    server = await asyncio.start_server(serve, address, port, ssl=tls)
    async with server:
        site = Site(server.sockets[0].getsockname()[1])
        yield site
