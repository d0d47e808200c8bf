"""A server process spoken to over stdio with bare lines, so that no client's cost is measured."""

from __future__ import annotations

import asyncio
import json
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil

META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}
ANSWER_DEADLINE_S = 300.0
QUIET_S = 1.0
CALLS = 150


def as_installed(environment: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The variables of processes whose modules are compiled once, into `folder`, as installers do.

    Else an environment that keeps no bytecode would have every start compile all source, and nothing else be measured.
    """
    kept = {name: value for name, value in environment.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(folder)}


class StdioProcess:
    def __init__(self, process: Process) -> None:
        self._process = process
        self.pid = process.pid
        self._measured = psutil.Process(process.pid)
        self._number = 0
        self._envelope: Mapping[str, object] = {"_meta": META}

    async def shake_hands(self) -> None:
        """Opens the connection in the earlier era of the protocol, which every server speaks."""
        self._envelope = {}
        client = {"name": "benchmark", "version": "1"}
        await self.ask("initialize", protocolVersion="2025-06-18", capabilities={}, clientInfo=client)
        assert self._process.stdin is not None
        self._process.stdin.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n')

    async def ask(self, method: str, **parameters: Any) -> Any:
        self._number += 1
        message = {"jsonrpc": "2.0", "id": self._number, "method": method, "params": {**parameters, **self._envelope}}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(message).encode() + b"\n")
        await self._process.stdin.drain()
        while True:
            line = await asyncio.wait_for(self._process.stdout.readline(), ANSWER_DEADLINE_S)
            answer = json.loads(line)
            # A server may also tell of things in between.
            if answer.get("id") == self._number:
                return answer["result"]

    def cpu_seconds(self) -> float:
        times = self._measured.cpu_times()
        return float(times.user + times.system)

    async def until_quiet(self) -> None:
        """Returns when it has used no CPU for a second."""
        before = -1.0
        while self.cpu_seconds() > before:
            before = self.cpu_seconds()
            await asyncio.sleep(QUIET_S)

    def resident_mib(self) -> float:
        return float(self._measured.memory_info().rss) / 2**20


@asynccontextmanager
async def launched(
    command: Sequence[str], environment: Mapping[str, str], *, cwd: Path | None = None
) -> AsyncIterator[StdioProcess]:
    process = await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, env=dict(environment), cwd=cwd, limit=2**24
    )
    try:
        yield StdioProcess(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await asyncio.wait_for(process.wait(), ANSWER_DEADLINE_S)


async def cold_start(
    command: Sequence[str], environment: Mapping[str, str], *, cwd: Path | None = None
) -> tuple[float, float]:
    """Seconds from launch to the first tools/list answer, and the resident MiB after it."""
    started = time.perf_counter()
    async with launched(command, environment, cwd=cwd) as server:
        await server.ask("tools/list")
        return time.perf_counter() - started, server.resident_mib()


async def cpu_per_call(server: StdioProcess, tool: str, arguments: Mapping[str, object]) -> float:
    """Milliseconds of CPU, the mean of a round."""
    before = server.cpu_seconds()
    for _ in range(CALLS):
        answer = await server.ask("tools/call", name=tool, arguments=arguments)
        assert not answer.get("isError"), answer
    return (server.cpu_seconds() - before) / CALLS * 1000
