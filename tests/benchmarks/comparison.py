"""This tree against another one in the same run: a figure that got worse is told from a machine that got slower.

Both are run by this interpreter with the same libraries, before the same sandbox, in rounds that take turns.
"""

from __future__ import annotations

import asyncio
import compileall
import json
import os
import re
import sys
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import toktok

from outlook_mcp.cli.demo import follow_redirects
from tests.benchmarks.figure import Figure
from tests.benchmarks.sandbox_process import sandbox_process
from tests.benchmarks.stdio_process import StdioProcess, cold_start, cpu_per_call, launched

ROOT = Path(__file__).parents[2]
SERVE = (sys.executable, "-m", "outlook_mcp", "serve")
LOGIN = (sys.executable, "-m", "outlook_mcp", "login", "--no-browser")
SEARCH: Mapping[str, object] = {"limit": 25, "folder": "all"}
STARTS = 15
ROUNDS = 20
# What two equal trees differ by on a quiet machine.
NOISE = 1.03
SIGN_IN_DEADLINE_S = 60.0


@dataclass(frozen=True, slots=True)
class Tree:
    """A checkout, and the variables with which its server finds its vault and the sandbox."""

    folder: Path
    environment: Mapping[str, str]

    async def cold_start(self) -> tuple[float, float]:
        return await cold_start(SERVE, self.environment, cwd=self.folder)


async def compare(other: Path, wanted: Collection[str]) -> AsyncIterator[Figure]:
    """The four figures of a tool: tokens of the list, cold start, idle memory, CPU of a search."""
    with tempfile.TemporaryDirectory() as data:
        async with sandbox_process() as settings:
            before = await _signed_in(other, Path(data) / "before", settings)
            after = await _signed_in(ROOT, Path(data) / "after", settings)
            for name, measure in COMPARED.items():
                if name in wanted:
                    for figure in await measure(before, after):
                        yield figure


async def _signed_in(folder: Path, data: Path, settings: Mapping[str, str]) -> Tree:
    given = {f"OUTLOOK_MCP_{name.upper()}": value for name, value in settings.items()}
    # The first entry of the path is the folder that a module is run from; child processes take it from here.
    environment = {**os.environ, **given, "OUTLOOK_MCP_DATA_DIR": str(data), "PYTHONPATH": str(folder)}
    tree = Tree(folder, environment)
    await _check_source(tree)
    # A tree that was just checked out would be compiled at every start where bytecode is not written.
    await asyncio.to_thread(compileall.compile_dir, folder / "outlook_mcp", quiet=1)
    process = await asyncio.create_subprocess_exec(*LOGIN, cwd=folder, env=environment, stdout=PIPE, stderr=PIPE)
    async with asyncio.timeout(SIGN_IN_DEADLINE_S):
        assert process.stderr is not None
        printed = (await process.stderr.readline()).decode()
        address = re.search(r"https?://\S+", printed)
        assert address, printed
        await asyncio.to_thread(follow_redirects, address[0])
        _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return tree


async def _check_source(tree: Tree) -> None:
    asked = (sys.executable, "-c", "import outlook_mcp; print(outlook_mcp.__file__)")
    process = await asyncio.create_subprocess_exec(*asked, cwd=tree.folder, env=dict(tree.environment), stdout=PIPE)
    printed, _ = await process.communicate()
    assert Path(printed.decode().strip()).is_relative_to(tree.folder), f"{tree.folder} holds no outlook_mcp"


async def _starts(before: Tree, after: Tree) -> list[Figure]:
    """The first pair, which may still compile and read files for the first time, does not count."""
    pairs = [pair async for pair in _in_turn(before, after)][1:]
    seconds, mebibytes = ([(old[place], new[place]) for old, new in pairs] for place in (0, 1))
    return [
        _compared("cold start to tools/list over stdio", seconds, "s", 2),
        _compared("idle memory", mebibytes, "MiB", 1),
    ]


async def _in_turn(before: Tree, after: Tree) -> AsyncIterator[tuple[tuple[float, float], tuple[float, float]]]:
    """Each goes first in every other round."""
    for number in range(STARTS + 1):
        if number % 2:
            new = await after.cold_start()
            yield await before.cold_start(), new
        else:
            yield await before.cold_start(), await after.cold_start()


def _compared(name: str, pairs: Sequence[tuple[float, float]], unit: str, digits: int) -> Figure:
    old, new = (median(pair[side] for pair in pairs) for side in (0, 1))
    ratio = median(after / before for before, after in pairs)
    return Figure(name, f"{old:.{digits}f} {unit}", f"{new:.{digits}f} {unit}", ratio, NOISE, "x")


async def _calls(before: Tree, after: Tree) -> list[Figure]:
    async with _serving(before, after) as (old, new):
        answers = [await server.ask("tools/call", name="mail_search", arguments=SEARCH) for server in (old, new)]
        lists = [(await server.ask("tools/list"))["tools"] for server in (old, new)]
        rounds = [[await cpu_per_call(server, "mail_search", SEARCH) for server in (old, new)] for _ in range(ROUNDS)]
    # Whatever else the machine does can only add to a round, so the quietest of each counts.
    spent = tuple(min(side) for side in zip(*rounds, strict=True))
    cpu = Figure(
        "CPU of mail_search of 25", f"{spent[0]:.2f} ms", f"{spent[1]:.2f} ms", spent[1] / spent[0], NOISE, "x"
    )
    return [
        cpu,
        _tokens("default tools/list, o200k", [json.dumps(tools, separators=(",", ":")) for tools in lists], 1.0),
        _tokens("a list of 25 messages, o200k", [answer["content"][0]["text"] for answer in answers], NOISE),
    ]


COMPARED: Mapping[str, Callable[[Tree, Tree], Awaitable[Sequence[Figure]]]] = {"starts": _starts, "search": _calls}


@asynccontextmanager
async def _serving(*trees: Tree) -> AsyncIterator[list[StdioProcess]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(launched(SERVE, tree.environment, cwd=tree.folder)) for tree in trees]


def _tokens(name: str, texts: Sequence[str], bound: float) -> Figure:
    old, new = toktok.batch_count(list(texts), "o200k_base")
    return Figure(name, f"{old}", f"{new}", new / old, bound, "x")
