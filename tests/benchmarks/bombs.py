"""The worst message: what it takes, and how long the event loop of the server is held up by reading and writing."""

from __future__ import annotations

import resource
import time
from contextlib import suppress

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
from tests.benchmarks.figure import Figure
from tests.text.bombs import NAMES, bomb

PROBE_S = 0.005
MOST_S = 2.0
MOST_MIB = 256
MOST_LAG_MS = 50
# Bodies of drafts that are costly to convert, the first one too large to be taken.
WRITTEN = ("[" * 3_900_000, "[" * MOST_CHARS, "*a " * (MOST_CHARS // 3), "<b>" * (MOST_CHARS // 3))


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
    """All bombs one after the other, each in a call of its own, then usual mail and bodies of drafts."""
    probe = LagProbe()
    worst, slowest = 0.0, ""
    messages = {name: bomb(name) for name in NAMES}
    await _read("<p>warm</p>", "nobody")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(probe.run)
        for name, html in messages.items():
            began = time.perf_counter()
            await _read(html, name)
            worst, slowest = max((worst, slowest), (time.perf_counter() - began, name))
        for html in bodies():
            await _read(html, "megan")
        for written in WRITTEN:
            begin_call("megan")
            with suppress(InvalidInput):
                await body_to_html(written)
        tasks.cancel_scope.cancel()
    shared_processes().close()
    mebibytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    lag_ms = probe.worst * 1000
    return [
        Figure(f"worst of {len(NAMES)} bombs: {slowest}", "-", f"{worst:.2f} s", worst, MOST_S, "s"),
        Figure("memory of a process of theirs", "-", f"{mebibytes:.0f} MiB", mebibytes, MOST_MIB, "MiB"),
        Figure("the event loop held up by bombs, mail and drafts", "-", f"{lag_ms:.0f} ms", lag_ms, MOST_LAG_MS, "ms"),
    ]


async def _read(html: str, user: str) -> None:
    begin_call(user)
    await new_and_whole(Message(id=MessageId(Handle("1")), body=Body(content_type="html", content=html)))
