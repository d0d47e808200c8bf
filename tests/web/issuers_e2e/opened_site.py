"""A site whose address is known before it opens, so that it can be registered elsewhere first."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import httpx
import httpx2
import mcp
from mcp.client.streamable_http import streamable_http_client

from outlook_mcp.app.http import open_site, site_server
from outlook_mcp.config import GivenConfiguration
from outlook_mcp.sandbox import Sandbox
from outlook_mcp.server.settings import CallSettings
from outlook_mcp.web.http.serving import listening_socket
from tests.web.site.served import Served, SettableClock

# A test that goes wrong should not wait for a person.
SHORT_WAITS = CallSettings(sign_in_round_s=2.0, sign_in_legacy_s=5.0)


@dataclass(frozen=True)
class ListeningPort:
    """A listening socket, and the address under which it is reached."""

    listening: socket.socket

    @property
    def number(self) -> int:
        return int(self.listening.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.number}"


@contextmanager
def listening_port() -> Iterator[ListeningPort]:
    with closing(listening_socket("127.0.0.1", 0)) as listening:
        yield ListeningPort(listening)


@asynccontextmanager
async def opened(port: ListeningPort, sandbox: Sandbox, folder: Path, **settings: Any) -> AsyncIterator[Served]:
    """Serves on this port; `settings` are those of the configuration.

    A replica has the `public_url` of another port, and is asked under that name, as if behind a proxy.
    """
    given = {
        "authority": sandbox.http_url,
        "graph_url": sandbox.graph_url,
        "data_dir": str(folder),
        "public_url": port.url,
        "port": port.number,
        "stateless": True,
        "trusted_proxies": ("127.0.0.1/32",) if "public_url" in settings else (),
        **settings,
    }
    headers = {"Host": str(given["public_url"]).removeprefix("http://")}
    clock = SettableClock()
    async with (
        open_site(GivenConfiguration.model_validate(given), settings=SHORT_WAITS, clock=clock) as site,
        httpx.AsyncClient(base_url=port.url, headers=headers, timeout=30, trust_env=False) as http,
        anyio.create_task_group() as serving,
    ):
        server = site_server(site.components.configuration, site)
        serving.start_soon(server.serve_embedded, port.listening)
        yield Served(str(given["public_url"]), site, server, port.number, sandbox, http, clock)
        server.should_exit = True


@asynccontextmanager
async def bearer_client(site: Served, token: str, mode: str, **options: Any) -> AsyncIterator[mcp.Client]:
    """The SDK's client with a token that it got elsewhere."""
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30, trust_env=False) as http,
        mcp.Client(streamable_http_client(site.mcp_url, http_client=http), mode=mode, **options) as client,
    ):
        yield client
