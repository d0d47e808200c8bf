"""`python -m tests.benchmarks.idle`: CPU and context switches of servers that nobody calls; on Linux only."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.figure import Figure, header
from tests.benchmarks.http_process import HttpProcess, serving
from tests.benchmarks.over_http import FLOOR as HTTP_FLOOR
from tests.benchmarks.over_http import SEARCH, site
from tests.benchmarks.sandbox_process import sandbox_process
from tests.benchmarks.starting import FLOOR
from tests.benchmarks.stdio_process import launched
from tests.valkey import free_port

WATCHED_S = 20.0
# What is loaded in the background, and what is believed for some seconds, is over by then.
SETTLED_S = 8.0
PRODUCT = (sys.executable, "-m", "outlook_mcp", "serve")


@dataclass(frozen=True, slots=True)
class Spent:
    """What all threads of a process have used: milliseconds of CPU, and context switches."""

    cpu_ms: float
    switches: int

    @classmethod
    def by(cls, pid: int) -> Spent:
        nanoseconds = switches = 0
        for task in Path(f"/proc/{pid}/task").iterdir():
            nanoseconds += int((task / "schedstat").read_text().split()[0])
            lines = (task / "status").read_text().splitlines()
            switches += sum(int(line.split()[1]) for line in lines if "ctxt_switches" in line)
        return cls(nanoseconds / 1e6, switches)

    def since(self, before: Spent) -> Spent:
        return Spent(self.cpu_ms - before.cpu_ms, self.switches - before.switches)


async def idle(environment: Mapping[str, str], folder: Path, settings: Mapping[str, str]) -> list[Figure]:
    """Over stdio and HTTP at once, beside the smallest servers, then over HTTP with a look at readiness a second."""
    port = free_port()
    async with (
        launched(FLOOR, environment) as floor,
        launched(PRODUCT, environment) as product,
        serving([*HTTP_FLOOR, str(port)], port, os.environ) as http_floor,
        site(folder, settings, users=1) as served,
    ):
        (http_product,) = served.servers
        await floor.ask("tools/list")
        await product.ask("tools/list")
        with closing(http_product.connect()) as connection:
            http_product.call(connection, served.tokens[0], "mail_search", **SEARCH)
        await asyncio.sleep(SETTLED_S)
        pids = [floor.pid, product.pid, http_floor.pid, http_product.pid]
        spent = await _watched(pids)
        looked_at = await _looked_at(http_product)
    return [
        _figure("idle over stdio for 20 s", spent[0], spent[1]),
        _figure("idle over HTTP for 20 s", spent[2], spent[3]),
        Figure("CPU of 20 looks at readiness", "-", f"{looked_at.switches} switches", looked_at.cpu_ms, 100, "ms"),
    ]


def _figure(name: str, floor: Spent, product: Spent) -> Figure:
    shown = [f"{spent.cpu_ms:.0f} ms, {spent.switches} sw." for spent in (floor, product)]
    return Figure(f"CPU and context switches {name}", shown[0], shown[1], product.cpu_ms, 10, "ms")


async def _watched(pids: list[int]) -> list[Spent]:
    before = [Spent.by(pid) for pid in pids]
    await asyncio.sleep(WATCHED_S)
    return [Spent.by(pid).since(then) for pid, then in zip(pids, before, strict=True)]


async def _looked_at(server: HttpProcess) -> Spent:
    before = Spent.by(server.pid)
    for _ in range(20):
        with closing(server.connect()) as connection:
            connection.request("GET", "/readyz", headers={"Host": "127.0.0.1"})
            connection.getresponse().read()
        await asyncio.sleep(1)
    return Spent.by(server.pid).since(before)


async def _measured() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        async with sandbox_process() as settings:
            given = {**settings, "data_dir": f"{folder}/stdio"}
            variables = {f"OUTLOOK_MCP_{name.upper()}": value for name, value in given.items()}
            environment = {**os.environ, **variables, "XDG_CACHE_HOME": folder}
            return await idle(environment, Path(folder) / "http", settings)


def main() -> int:
    figures = asyncio.run(_measured())
    print(header("floor", "product"))
    for figure in figures:
        print(figure.row())
    return 0 if all(figure.holds for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
