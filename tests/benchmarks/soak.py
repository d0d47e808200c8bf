"""`python -m tests.benchmarks.soak`: whether the server stays as small as it is, however often a large mailbox is used.

The server runs over stdio in a process of its own. Each kind of call is made many times, each time about other
messages; the memory after the first half of the calls is compared with that after all of them, so that what is loaded
or kept once counts for nothing, and what every call leaves behind shows.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import AsyncIterator, Callable
from itertools import count
from pathlib import Path

from tests.benchmarks.bulk import LARGE, WRITTEN, served
from tests.benchmarks.figure import Figure, header
from tests.benchmarks.stdio_process import StdioProcess
from tests.e2e.office import cursor_of, listed_ids

CALLS = 400
# Each of them is a hundred requests.
BULK_CALLS = 20
TOOLSETS = "mail-read,mail-write,mail-sync"
# So many requests in a few minutes would have Exchange answer 429.
UNTHROTTLED = ("--concurrency", "0")
MOST_GROWTH_MIB = 1.5
_CODE = re.compile(r'confirm="(\w+)"')
_SINCE = re.compile(r"since=(\S+?)\.?$", re.MULTILINE)

Calls = Callable[[StdioProcess], AsyncIterator[None]]


async def answer(server: StdioProcess, tool: str, **arguments: object) -> str:
    found = await server.ask("tools/call", name=tool, arguments=arguments)
    assert not found.get("isError"), found
    return "\n".join(block["text"] for block in found["content"])


async def pages(server: StdioProcess) -> AsyncIterator[str]:
    """The pages of the inbox, from the newest on; from the start again at its end."""
    cursor: dict[str, str] = {}
    while True:
        page = await answer(server, "mail_search", folder="inbox", limit=50, **cursor)
        yield page
        found = cursor_of(page)
        cursor = {"cursor": found} if found else {}


async def listing(server: StdioProcess) -> AsyncIterator[None]:
    async for _ in pages(server):
        yield


async def searching(server: StdioProcess) -> AsyncIterator[None]:
    for number in count():
        await answer(server, "mail_search", text=f"Letter {number % WRITTEN}")
        yield
        await answer(server, "mail_search", subject=f"Letter {number % WRITTEN}", sender="bob@contoso.example")
        yield


async def reading(server: StdioProcess) -> AsyncIterator[None]:
    async for page in pages(server):
        for message in listed_ids(page):
            await answer(server, "mail_read", ids=[message])
            yield


async def threads(server: StdioProcess) -> AsyncIterator[None]:
    async for page in pages(server):
        for message in listed_ids(page):
            await answer(server, "mail_read", ids=[message], thread=True)
            yield


async def bulk_moves(server: StdioProcess) -> AsyncIterator[None]:
    """1,000 messages each, to and fro."""
    while True:
        for source, target in (("inbox", "archive"), ("archive", "inbox")):
            shown = await answer(server, "mail_move", folder=target, where={"folder": source})
            code = _CODE.search(shown)
            assert code, shown
            assert "1,000" in await answer(server, "mail_move", folder=target, confirm=code[1])
            yield


async def changes(server: StdioProcess) -> AsyncIterator[None]:
    since = _SINCE.search(await answer(server, "mail_changes"))
    while since:
        found = _SINCE.search(await answer(server, "mail_changes", since=since[1]))
        since = found or since
        yield


KINDS: dict[str, tuple[Calls, int]] = {
    "list, page after page": (listing, CALLS),
    "search": (searching, CALLS),
    "read a message": (reading, CALLS),
    "read a thread": (threads, CALLS // 4),
    "see what changed": (changes, CALLS // 4),
    "move 1,000 messages": (bulk_moves, BULK_CALLS),
}


async def growth(server: StdioProcess, calls: Calls, times: int) -> tuple[float, float, float]:
    """The memory before the calls, after half of them and after all, in MiB."""
    memory = [server.resident_mib()]
    made = calls(server)
    for half in (times // 2, times - times // 2):
        for _ in range(half):
            await anext(made)
        memory.append(server.resident_mib())
    return memory[0], memory[1], memory[2]


async def figures(messages: int, effort: float) -> AsyncIterator[Figure]:
    """One for each kind of call, and one for all of them together."""
    with tempfile.TemporaryDirectory() as folder:
        async with served(Path(folder), messages, options=UNTHROTTLED, toolsets=TOOLSETS) as (server, _):
            for calls, _ in KINDS.values():
                # The first call loads what all calls need.
                await anext(calls(server))
            begun = server.resident_mib()
            for name, (calls, most) in KINDS.items():
                times = max(2, int(most * effort))
                before, half, end = await growth(server, calls, times)
                shown = f"{before:.1f} MiB", f"{end:.1f} MiB"
                yield Figure(f"{name}, {times} times", *shown, end - half, MOST_GROWTH_MIB, "MiB")
            end = server.resident_mib()
            yield Figure("all of them", f"{begun:.1f} MiB", f"{end:.1f} MiB", end - begun, 12, "MiB")


async def show(messages: int, effort: float) -> bool:
    print(header("before", "after"))
    found = []
    async for figure in figures(messages, effort):
        print(figure.row(), flush=True)
        found.append(figure.holds)
    return all(found)


def main() -> int:
    parser = ArgumentParser(prog="python -m tests.benchmarks.soak")
    parser.add_argument("--messages", type=int, default=LARGE, help="in the mailbox; a multiple of 1,000")
    parser.add_argument("--effort", type=float, default=1.0, help="how many times as many calls as usual")
    given = parser.parse_args()
    return 0 if asyncio.run(show(given.messages, given.effort)) else 1


if __name__ == "__main__":
    sys.exit(main())
