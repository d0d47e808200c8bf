"""The sandbox in a process of its own, so that its CPU is not counted as the product's."""

from __future__ import annotations

import asyncio
import re
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

START_DEADLINE_S = 30.0


@asynccontextmanager
async def sandbox_process(*, colleagues: int = 0, options: Sequence[str] = ()) -> AsyncIterator[dict[str, str]]:
    """The settings with which the product signs its first user in there; `options` are further ones of the command."""
    given = ("--port", "0", "--control", "--colleagues", str(colleagues), *options)
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "outlook_mcp", "sandbox", *given, stdout=PIPE)
    try:
        printed = await asyncio.wait_for(_until_started(process), START_DEADLINE_S)
        graph = re.search(r"Graph\s+(http://\S+)", printed)
        client = re.search(r"Public client\s+(\S+)", printed)
        user = re.search(r"^\s+(\S+@\S+)", printed, re.MULTILINE)
        assert graph
        assert client
        assert user
        yield {
            "graph_url": graph[1],
            "authority": graph[1].removesuffix("/v1.0"),
            "client_id": client[1],
            "tenant": "organizations",
            "login_hint": user[1],
        }
    finally:
        process.terminate()
        await process.wait()


async def _until_started(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    printed = ""
    while "Ctrl-C" not in printed:
        line = await process.stdout.readline()
        assert line, f"the sandbox ended: {printed}"
        printed += line.decode()
    return printed
