"""A deployment as a company runs it: replicas in processes of their own, one Redis, a proxy, and the sandbox behind."""

from __future__ import annotations

import asyncio
import base64
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from outlook_mcp.sandbox import Sandbox
from tests.cli.commands import Terminal, environment
from tests.forked import ForkedCommand
from tests.replicas.proxy import HOST, RoundRobinProxy, round_robin
from tests.valkey import Valkey, free_port
from tests.waiting import pause

READY_DEADLINE_S = 60.0
END_DEADLINE_S = 40.0
_LOOK_EVERY_S = 0.05


def new_master_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


@dataclass
class Replica:
    """One `outlook-mcp serve --http`, which can be started again."""

    home: Path
    port: int
    settings: dict[str, str]
    process: ForkedCommand | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def log(self) -> str:
        return (self.home / "log").read_text()

    def start(self, **changed: str) -> None:
        self.settings |= changed
        self.home.mkdir(parents=True, exist_ok=True)
        variables = environment(self.home, {**self.settings, "port": str(self.port)})
        with (self.home / "log").open("ab") as log, open(os.devnull) as nothing:
            streams = nothing.fileno(), log.fileno(), log.fileno()
            self.process = ForkedCommand(["serve", "--http"], variables, streams)

    async def readiness(self) -> int:
        """The status of `/readyz`, 0 when nobody answers."""
        async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
            try:
                return (await http.get(f"{self.url}/readyz")).status_code
            except httpx.TransportError:
                return 0

    async def until_ready(self, status: int = 200) -> None:
        async with asyncio.timeout(READY_DEADLINE_S):
            while await self.readiness() != status:
                assert self.process is not None
                assert status == 0 or self.process.poll() is None, self.log
                await pause(_LOOK_EVERY_S)

    def kill(self) -> None:
        """As a crash does; gone when this returns."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(END_DEADLINE_S)

    def terminate(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)

    async def ended(self) -> int:
        """The exit status."""
        assert self.process is not None
        return await asyncio.to_thread(self.process.wait, END_DEADLINE_S)

    async def restart(self, **changed: str) -> None:
        """In order: drained, ended, started, ready."""
        self.terminate()
        assert await self.ended() == 0, self.log
        self.start(**changed)
        await self.until_ready()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()


@dataclass
class Deployment:
    proxy: RoundRobinProxy
    replicas: list[Replica]
    sandbox: Sandbox
    valkey: Valkey
    admin: Replica

    @property
    def mcp_url(self) -> str:
        return f"{self.proxy.url}/mcp"

    async def run(self, *arguments: str, **changed: str) -> str:
        """A command of the administrator, on the same vault; what it printed."""
        terminal = Terminal(self.admin.home)
        done = await asyncio.to_thread(terminal.run, *arguments, **{**self.admin.settings, **changed})
        assert done.status == 0, done.err
        return done.out


def replica_settings(sandbox: Sandbox, store: str, master_key: str, public_url: str) -> dict[str, str]:
    return {
        "client_id": sandbox.public_client_id,
        "authority": sandbox.http_url,
        "graph_url": sandbox.graph_url,
        "store": store,
        "key_source": "environment",
        "master_key": master_key,
        "public_url": public_url,
        "trusted_proxies": HOST,
    }


@asynccontextmanager
async def deployed(
    folder: Path, sandbox: Sandbox, server: Valkey, *, replicas: int = 3, settings: Mapping[str, str] | None = None
) -> AsyncIterator[Deployment]:
    ports = [free_port() for _ in range(replicas)]
    async with AsyncExitStack() as stack:
        proxy = await stack.enter_async_context(round_robin(ports))
        shared = replica_settings(sandbox, server.url, new_master_key(), proxy.url) | dict(settings or {})
        homes = [folder / f"replica-{number}" for number in range(replicas)]
        running = [
            Replica(home, port, {**shared, "data_dir": str(home / "data")})
            for home, port in zip(homes, ports, strict=True)
        ]
        admin = Replica(folder / "admin", 0, {**shared, "data_dir": str(folder / "admin" / "data")})
        admin.home.mkdir(parents=True)
        for replica in running:
            stack.callback(replica.stop)
            replica.start()
        await asyncio.gather(*(replica.until_ready() for replica in running))
        yield Deployment(proxy, running, sandbox, server, admin)


assert sys.platform != "win32", "SIGTERM and SIGKILL are those of POSIX"
