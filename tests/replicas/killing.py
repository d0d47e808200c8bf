"""Replicas that are killed and started again, and a further server for which their claims have ended."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from outlook_mcp.app.http import open_site, site_server
from outlook_mcp.config import Configuration
from outlook_mcp.web.http.serving import listening_socket
from tests.replicas.bearer import DEADLINE_S, Bearer
from tests.replicas.deployment import Deployment, Replica
from tests.waiting import pause
from tests.web.site.served import SettableClock


@asynccontextmanager
async def server_of_later(deployment: Deployment, folder: Path, token: str, ahead_s: float) -> AsyncIterator[Bearer]:
    """A client of a further server on the same store, whose clock is so far ahead that all others seem to be gone."""
    clock = SettableClock(ahead_s)
    listening = listening_socket("127.0.0.1", 0)
    port = listening.getsockname()[1]
    given = {**deployment.admin.settings, "data_dir": str(folder), "port": str(port)}
    async with (
        open_site(Configuration.load(given), clock=clock) as site,
        asking(deployment, f"http://127.0.0.1:{port}", token) as later,
        asyncio.TaskGroup() as serving,
    ):
        server = site_server(site.components.configuration, site)
        serving.create_task(server.serve_embedded(listening))
        yield later
        server.should_exit = True


@asynccontextmanager
async def asking(deployment: Deployment, url: str, token: str) -> AsyncIterator[Bearer]:
    """A client of one server, past the proxy."""
    headers = {"Host": deployment.proxy.url.removeprefix("http://")}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=DEADLINE_S, trust_env=False) as http:
        yield Bearer(http, token)


async def killed_at_random(replicas: list[Replica], chance: random.Random, seconds: float) -> None:
    """Kills both, one after the other, in the midst of whatever they do."""
    for replica in chance.sample(replicas, len(replicas)):
        await pause(chance.uniform(0, seconds))
        replica.kill()


async def restarted(replicas: list[Replica]) -> None:
    for replica in replicas:
        replica.start()
    await asyncio.gather(*(replica.until_ready() for replica in replicas))
