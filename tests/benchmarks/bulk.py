"""`python -m tests.benchmarks.bulk`: what a change of 1,000 messages costs in a small mailbox and in a large one.

The server runs over stdio in a process of its own, whose memory is looked at every few milliseconds.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from outlook_mcp.app import open_app
from outlook_mcp.config import Configuration
from outlook_mcp.sandbox import SandboxOptions, run_sandbox
from tests.benchmarks.figure import Figure, header
from tests.benchmarks.sandbox_process import sandbox_process
from tests.benchmarks.stdio_process import StdioProcess, launched
from tests.e2e.office import letter
from tests.large_mailbox import copy_messages
from tests.sign_ins import sign_in

WRITTEN = 1000
LARGE = 100_000
CHANGED = 1000
LOOK_EVERY_S = 0.02
PRODUCT = (sys.executable, "-m", "outlook_mcp", "serve")
WHERE = {"sender": "bob@contoso.example", "folder": "inbox"}


@dataclass(frozen=True)
class Cost:
    """Of showing 1,000 messages and of moving them: requests to Graph, seconds, and MiB above those before it."""

    requests_to_show: int
    requests_to_move: int
    seconds: float
    extra_mib: float


async def fill(state: Path, messages: int) -> None:
    """A store with so many messages of Bob in the inbox of the first user."""
    async with run_sandbox(SandboxOptions(seed=False, state=state)) as sandbox:
        mailbox = sandbox.store.mailbox(sandbox.users[0].oid)
        mailbox.insert_many(letter(f"Letter {number}", minutes=number) for number in range(WRITTEN))
        if messages > WRITTEN:
            copy_messages(mailbox, written=WRITTEN, copies=messages // WRITTEN)


@asynccontextmanager
async def served(
    folder: Path, messages: int, *, options: Sequence[str] = (), **given: str
) -> AsyncIterator[tuple[StdioProcess, str]]:
    """The server of a user with so many messages, and the address of the sandbox.

    `given` are settings of the server, `options` of the sandbox.
    """
    await fill(folder / "state.db", messages)
    async with sandbox_process(options=("--state", str(folder / "state.db"), *options)) as settings:
        configured = {**settings, "data_dir": str(folder), **given}
        async with open_app(Configuration.load(configured)) as app:
            await sign_in(app)
        own = {f"OUTLOOK_MCP_{name.upper()}": value for name, value in configured.items()}
        async with launched(PRODUCT, {**os.environ, **own, "XDG_CACHE_HOME": str(folder)}) as server:
            yield server, settings["authority"]


async def requests_to(sandbox: str, since: int = 0) -> Sequence[Mapping[str, Any]]:
    async with httpx.AsyncClient(trust_env=False) as http:
        records: Sequence[Mapping[str, Any]] = (await http.get(f"{sandbox}/_sandbox/requests")).json()
    return records[since:]


def is_part(path: str) -> bool:
    """Whether a request to this path is one of a batch, which are in the sandbox's list of requests, too."""
    return bool(re.search(r"/me/messages/[^/]+(/move)?$", path))


async def answer_of(server: StdioProcess, **arguments: Any) -> str:
    answer = await server.ask("tools/call", name="mail_move", arguments={"folder": "archive", **arguments})
    assert not answer.get("isError"), answer
    return str(answer["content"][0]["text"])


async def highest_mib(server: StdioProcess, until: asyncio.Task[None]) -> float:
    """The most memory that the server held while the task ran."""
    highest = server.resident_mib()
    while not until.done():
        highest = max(highest, server.resident_mib())
        await asyncio.sleep(LOOK_EVERY_S)
    await until
    return highest


async def cost_of(server: StdioProcess, sandbox: str) -> Cost:
    # The first call loads what all calls need.
    await server.ask("tools/call", name="mail_search", arguments={"folder": "archive"})
    await answer_of(server, where={**WHERE, "subject": "no such subject"})
    before, started, began = server.resident_mib(), len(await requests_to(sandbox)), time.perf_counter()
    counts: list[int] = []

    async def change() -> None:
        shown = await answer_of(server, where=WHERE)
        code = re.search(r'confirm="(\w+)"', shown)
        assert code, shown
        # Parts of a batch are on the list, too.
        counts.append(
            sum(not re.search(r"/messages/[^/]+$", record["path"]) for record in await requests_to(sandbox, started))
        )
        known = len(await requests_to(sandbox))
        moved = await answer_of(server, confirm=code[1])
        assert moved.startswith(f"Moved to Archive: {CHANGED:,} messages"), moved
        counts.append(sum(not record["path"].endswith("/move") for record in await requests_to(sandbox, known)))

    highest = await highest_mib(server, asyncio.ensure_future(change()))
    return Cost(counts[0], counts[1], time.perf_counter() - began, highest - before)


async def measure(messages: int) -> Cost:
    with tempfile.TemporaryDirectory() as folder:
        async with served(Path(folder), messages) as (server, sandbox):
            return await cost_of(server, sandbox)


async def figures() -> list[Figure]:
    small, large = await measure(WRITTEN), await measure(LARGE)
    extra = small.extra_mib, large.extra_mib
    to_show, to_move = large.requests_to_show, large.requests_to_move
    return [
        Figure("Graph requests to show 1,000 of 100,000", str(small.requests_to_show), str(to_show), to_show, 6, ""),
        Figure("Graph requests to move them", str(small.requests_to_move), str(to_move), to_move, 60, ""),
        Figure("memory above that of an idle server", f"{extra[0]:.1f}", f"{extra[1]:.1f}", extra[1], 25, "MiB"),
        Figure("seconds", f"{small.seconds:.1f}", f"{large.seconds:.1f}", large.seconds, 60, "s"),
    ]


def main() -> int:
    rows = asyncio.run(figures())
    print(header(f"{WRITTEN:,}", f"{LARGE:,}"))
    for figure in rows:
        print(figure.row())
    return 0 if all(figure.holds for figure in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
