"""The worst message: what it takes, and how long the event loop of the server is held up meanwhile."""

from __future__ import annotations

import resource
import time

import anyio

from outlook_mcp.text.html import convert
from outlook_mcp.text.isolated.processes import ProcessSettings, WorkerProcesses
from outlook_mcp.text.isolated.spending import begin_call
from tests.benchmarks.figure import Figure
from tests.text.bombs import NAMES, bomb

PROBE_S = 0.005
MOST_S = 2.0
MOST_MIB = 256
MOST_LAG_MS = 50


class LagProbe:
    """Asks to be woken every few milliseconds and remembers the latest time it was kept waiting, in seconds."""

    def __init__(self) -> None:
        self.worst = 0.0

    async def run(self) -> None:
        while True:
            began = time.perf_counter()
            await anyio.sleep(PROBE_S)
            self.worst = max(self.worst, time.perf_counter() - began - PROBE_S)


async def bombs() -> list[Figure]:
    """All bombs one after the other, each in a call of its own."""
    processes = WorkerProcesses(ProcessSettings(usual_job="outlook_mcp.text.html.job"))
    probe = LagProbe()
    worst, slowest = 0.0, ""
    messages = {name: bomb(name) for name in NAMES}
    async with anyio.create_task_group() as tasks:
        await convert("<p>warm</p>", processes=processes)
        tasks.start_soon(probe.run)
        for name, html in messages.items():
            begin_call(name)
            began = time.perf_counter()
            await convert(html, processes=processes)
            taken = time.perf_counter() - began
            worst, slowest = max((worst, slowest), (taken, name))
        tasks.cancel_scope.cancel()
    processes.close()
    mebibytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return [
        Figure(f"worst of {len(NAMES)} bombs: {slowest}", "-", f"{worst:.2f} s", worst, MOST_S, "s"),
        Figure("memory of a process of theirs", "-", f"{mebibytes:.0f} MiB", mebibytes, MOST_MIB, "MiB"),
        Figure(
            "the event loop held up by them", "-", f"{probe.worst * 1000:.0f} ms", probe.worst * 1e3, MOST_LAG_MS, "ms"
        ),
    ]
