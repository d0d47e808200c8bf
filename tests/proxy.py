"""A small HTTP proxy in a process of its own: it opens tunnels (CONNECT), all of them to servers of this machine.

Run as `python tests/proxy.py SETTINGS`, with `ProxySettings` as JSON. The first line that it prints is its port; each
later one is a request: `tunnel TARGET`, `refused` without the password, or `other TARGET` for what is no CONNECT.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class ProxySettings:
    """`servers` maps the host of a tunnel to a port of this machine.

    A tunnel goes there as it is, or is decrypted and encrypted again as a company's proxy does: with the `certificate`
    (PEM file with its key) towards the client, trusting `ca_file` towards the server.
    """

    servers: Mapping[str, int]
    certificate: str | None = None
    ca_file: str | None = None
    password: str | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            try:
                await self._open_tunnel(reader, writer)
            finally:
                writer.close()

    async def _open_tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, target, _ = head.splitlines()[0].split(" ")
        if self.password and base64.b64encode(self.password.encode()).decode() not in head:
            print("refused", flush=True)
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
        print("tunnel" if method == "CONNECT" else "other", target, flush=True)
        if method != "CONNECT":
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            return
        tls = ssl.create_default_context(cafile=self.ca_file) if self.certificate else None
        there, back = await asyncio.open_connection("127.0.0.1", self.servers[target.rpartition(":")[0]], ssl=tls)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.drain()
        if self.certificate:
            inside = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            inside.load_cert_chain(self.certificate)
            await writer.start_tls(inside)
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


class Proxy:
    """A proxy process that runs."""

    def __init__(self, process: subprocess.Popen[str], password: str | None) -> None:
        assert process.stdout is not None
        self._process = process
        self._requests: list[str] | None = None
        self.port = int(process.stdout.readline())
        self.url = f"http://{f'{password}@' if password else ''}127.0.0.1:{self.port}"

    @property
    def requests(self) -> list[str]:
        """The lines about all requests; ends the process, so that none is missed."""
        return self.end()

    def end(self) -> list[str]:
        """Ends the process and returns what it printed about requests."""
        if self._requests is None:
            self._process.terminate()
            self._requests = self._process.communicate(timeout=30)[0].splitlines()
        return self._requests

    @property
    def tunnels(self) -> list[str]:
        """The addresses that were asked for; ends the process."""
        return [line.removeprefix("tunnel ") for line in self.requests if line.startswith("tunnel ")]


@contextmanager
def running_proxy(settings: ProxySettings) -> Iterator[Proxy]:
    # Only the standard library is loaded, which is quick.
    command = [sys.executable, "-I", "-S", str(Path(__file__)), json.dumps(asdict(settings))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        proxy = Proxy(process, settings.password)
        try:
            yield proxy
        finally:
            proxy.end()


async def _serve(settings: ProxySettings) -> None:
    server = await asyncio.start_server(settings.serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(ProxySettings(**json.loads(sys.argv[1]))))
