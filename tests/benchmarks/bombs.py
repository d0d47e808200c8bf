"""The worst message: what it takes, and how long the event loop of the server is held up by reading and writing."""

from __future__ import annotations

import resource
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import get_native_id

import anyio

from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.ids import Handle, MessageId
from outlook_mcp.graph.models import Body
from outlook_mcp.mail.models import Message
from outlook_mcp.mail.new_content import new_and_whole
from outlook_mcp.text.isolated.processes import shared_processes
from outlook_mcp.text.isolated.spending import begin_call
from outlook_mcp.text.written_body import MOST_CHARS, body_to_html
from tests.benchmarks.converter import bodies
from tests.benchmarks.cores import seconds_of_processes
from tests.benchmarks.figure import Figure
from tests.text.bombs import NAMES, bomb

PROBE_S = 0.005
MOST_S = 2.0
MOST_MIB = 256
MOST_LAG_MS = 50
# Bodies of drafts that are costly to convert, the first one too large to be taken.
WRITTEN = ("[" * 3_900_000, "[" * MOST_CHARS, "*a " * (MOST_CHARS // 3), "<b>" * (MOST_CHARS // 3))


class LagProbe:
    """Asks to be woken every few milliseconds and remembers the latest time it was kept waiting, in seconds.

    The time in which the thread could run and the system let others run does not count, where Linux tells it.
    """

    def __init__(self) -> None:
        self.worst = 0.0

    async def run(self) -> None:
        while True:
            began, waited = time.perf_counter(), waited_for_a_core()
            await anyio.sleep(PROBE_S)
            lag = time.perf_counter() - began - PROBE_S
            self.worst = max(self.worst, lag - (waited_for_a_core() - waited))


def waited_for_a_core() -> float:
    """Seconds that this thread has waited for a core so far; 0 where the system does not tell."""
    statistics = Path(f"/proc/self/task/{get_native_id()}/schedstat")
    return int(statistics.read_text().split()[1]) / 1e9 if statistics.exists() else 0.0


async def bombs() -> list[Figure]:
    """All bombs one after the other, each in a call of its own, then usual mail and bodies of drafts.

    What counts is the time of a core, as elsewhere a busy machine would decide; beside it stands the elapsed time.
    """
    probe = LagProbe()
    worst, elapsed, slowest = 0.0, 0.0, ""
    await _read("<p>warm</p>", "nobody")
    async with _files() as files:
        for name, file in files.items():
            html = file.read_bytes().decode("utf-8", "surrogatepass")
            began, used = time.perf_counter(), seconds_of_processes()
            async with _probed(probe):
                await _read(html, name)
            taken = seconds_of_processes() - used, time.perf_counter() - began, name
            worst, elapsed, slowest = max((worst, elapsed, slowest), taken)
    async with _probed(probe):
        for html in bodies():
            await _read(html, "megan")
        for written in WRITTEN:
            begin_call("megan")
            with suppress(InvalidInput):
                await body_to_html(written)
    shared_processes().close()
    mebibytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    lag_ms = probe.worst * 1000
    return [
        Figure(f"CPU of the worst of {len(NAMES)} bombs, {slowest}", "-", f"in {elapsed:.2f} s", worst, MOST_S, "s"),
        Figure("memory of a process of theirs", "-", f"{mebibytes:.0f} MiB", mebibytes, MOST_MIB, "MiB"),
        Figure("the event loop held up by bombs, mail and drafts", "-", f"{lag_ms:.0f} ms", lag_ms, MOST_LAG_MS, "ms"),
    ]


@asynccontextmanager
async def _probed(probe: LagProbe) -> AsyncIterator[None]:
    """What holds the loop up at the very begin or end is noticed too: the probe waits before and after."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(probe.run)
        await anyio.sleep(2 * PROBE_S)
        yield
        await anyio.sleep(2 * PROBE_S)
        tasks.cancel_scope.cancel()


@asynccontextmanager
async def _files() -> AsyncIterator[dict[str, Path]]:
    """All bombs by their names. A process begins with what its parent holds as its own peak, so they are not held."""
    with TemporaryDirectory() as folder:
        files = {name: Path(folder, str(number)) for number, name in enumerate(NAMES)}
        for name, file in files.items():
            file.write_bytes(bomb(name).encode("utf-8", "surrogatepass"))
        yield files


async def _read(html: str, user: str) -> None:
    begin_call(user)
    await new_and_whole(Message(id=MessageId(Handle("1")), body=Body(content_type="html", content=html)))
