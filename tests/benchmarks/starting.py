"""How soon a server is there: the product against the smallest one that the SDK makes, or any other command.

`python -m tests.benchmarks.starting --tool NAME --arguments JSON COMMAND ...` measures another server over stdio, with
the variables of this process, in turn with the smallest one.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from argparse import REMAINDER, ArgumentParser
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from tests.benchmarks.figure import Figure, header
from tests.benchmarks.stdio_process import as_installed, launched

FLOOR = (sys.executable, str(Path(__file__).parent / "minimal_server.py"))
ROUNDS = 9
IDLE_S = 2.0
_WAKING_REQUESTS = 3


@dataclass(frozen=True, slots=True)
class Started:
    """Of one server, in seconds and MiB.

    `call_at_once` is from launch to the answer of a call that follows the list, and `cpu_at_once` what that took.
    `cpu_loaded` and `loaded_mib` are those of a server that has made one call and loads nothing more.
    """

    tools_list: float
    call_at_once: float
    cpu_at_once: float
    call_after_idling: float
    cpu_loaded: float
    loaded_mib: float


@dataclass(frozen=True, slots=True)
class Server:
    """A command that serves over stdio, and a tool of it to call.

    `asked` is the address of what the tool asks. It is woken before a call, since Microsoft Graph never idles.
    """

    command: Sequence[str]
    environment: Mapping[str, str]
    tool: str
    arguments: Mapping[str, Any]
    asked: str = ""

    async def measured(self) -> Started:
        """Two starts: one whose client calls at once, one whose client waits for two seconds."""
        begun = time.perf_counter()
        async with launched(self.command, self.environment) as process:
            await process.shake_hands()
            await process.ask("tools/list")
            listed = time.perf_counter() - begun
            await process.ask("tools/call", name=self.tool, arguments=self.arguments)
            called, cpu = time.perf_counter() - begun, process.cpu_seconds()
        async with launched(self.command, self.environment) as process:
            await process.shake_hands()
            await process.ask("tools/list")
            await asyncio.sleep(IDLE_S)
            await self._wake_asked()
            begun = time.perf_counter()
            await process.ask("tools/call", name=self.tool, arguments=self.arguments)
            later = time.perf_counter() - begun
            await process.until_quiet()
            return Started(listed, called, cpu, later, process.cpu_seconds(), process.resident_mib())

    async def _wake_asked(self) -> None:
        if self.asked:
            async with httpx.AsyncClient(trust_env=False) as http:
                for _ in range(_WAKING_REQUESTS):
                    await http.get(self.asked)

    async def settle(self) -> None:
        """A start that does not count, until what it does in the background is done, such as keeping answers."""
        async with launched(self.command, self.environment) as process:
            await process.shake_hands()
            await process.ask("tools/list")
            await process.ask("tools/call", name=self.tool, arguments=self.arguments)
            await process.until_quiet()


# Of the smallest server and of the product, measured one after the other.
Pair = tuple[Started, Started]


async def starting(product: Server, rounds: int = ROUNDS) -> list[Figure]:
    """In turn with the smallest server, so that a drifting machine slows both alike; the medians of all rounds."""
    floor = Server(FLOOR, product.environment, "ping", {}, product.asked)
    for server in (floor, product):
        await server.settle()
    pairs = [(await floor.measured(), await product.measured()) for _ in range(rounds)]
    return [
        *(
            _compared(name, pairs, place, unit, bound)
            for name, place, unit, bound in (
                ("start to tools/list, from the second start on", "tools_list", "s", 0.12),
                ("start and a first call at once", "call_at_once", "s", 1.4),
                ("the same in CPU", "cpu_at_once", "s", 1.4),
                ("idle memory after a call, all loaded", "loaded_mib", "MiB", 1.4),
                ("CPU until all is loaded", "cpu_loaded", "s", 2.0),
            )
        ),
        _first_call(pairs),
    ]


def _middles(pairs: Sequence[Pair], place: str) -> tuple[float, float]:
    """Of the smallest server and of the product."""
    floor, product = (median(getattr(pair[side], place) for pair in pairs) for side in (0, 1))
    return floor, product


def _compared(name: str, pairs: Sequence[Pair], place: str, unit: str, bound: float) -> Figure:
    floor, product = _middles(pairs, place)
    ratio = median(getattr(after, place) / getattr(before, place) for before, after in pairs)
    digits = 0 if unit == "MiB" else 2
    return Figure(name, f"{floor:.{digits}f} {unit}", f"{product:.{digits}f} {unit}", ratio, bound, "x")


def _first_call(pairs: Sequence[Pair]) -> Figure:
    floor_ms, product_ms = (seconds * 1000 for seconds in _middles(pairs, "call_after_idling"))
    name = f"a first call after {IDLE_S:g} idle seconds"
    return Figure(name, f"{floor_ms:.0f} ms", f"{product_ms:.0f} ms", product_ms, 60, "ms")


def main() -> int:
    parser = ArgumentParser(
        prog="python -m tests.benchmarks.starting", description="Measures how soon a server is there."
    )
    parser.add_argument("--tool", required=True, help="what to call")
    parser.add_argument("--arguments", type=json.loads, default={}, metavar="JSON", help="its arguments")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"how often each is started (default {ROUNDS})")
    parser.add_argument("command", nargs=REMAINDER, help="how the server is started")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(given.command, as_installed(os.environ, Path(folder)), given.tool, given.arguments)
        print(header("floor", "command"))
        for figure in asyncio.run(starting(server, given.rounds)):
            print(figure.row())
    return 0


if __name__ == "__main__":
    sys.exit(main())
