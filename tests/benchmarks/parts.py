"""The parts of the table: each can be measured alone, and says its figures as soon as it has them."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import toktok

from outlook_mcp.app import open_app
from outlook_mcp.config import Configuration
from tests.benchmarks.bombs import bombs
from tests.benchmarks.converter import speed
from tests.benchmarks.figure import Figure
from tests.benchmarks.long_thread import held_up_by_a_thread
from tests.benchmarks.over_http import COLLEAGUES, SEARCH, building_a_client, calls_over_http, idle_memory, throughput
from tests.benchmarks.reading import others_during_bombs, reading
from tests.benchmarks.sandbox_process import sandbox_process
from tests.benchmarks.sdk_list import cpu_of_the_sdk_alone
from tests.benchmarks.starting import FLOOR, Server, starting
from tests.benchmarks.stdio_process import StdioProcess, as_installed, cold_start, cpu_per_call, launched
from tests.sign_ins import sign_in

STARTS = 9
ROUNDS = 12
PRODUCT = (sys.executable, "-m", "outlook_mcp", "serve")


@dataclass(frozen=True)
class Place:
    """The sandbox that a part is measured before, a folder for it, and the variables of a signed-in profile, if any."""

    settings: Mapping[str, str]
    folder: Path
    environment: Mapping[str, str]


Measure = Callable[[Place], Awaitable[Sequence[Figure]]]


async def worst_mail(_: Place) -> list[Figure]:
    return await bombs()


async def conversion(_: Place) -> list[Figure]:
    return speed()


async def starts(place: Place) -> list[Figure]:
    """Cold starts in turn, so that a drifting machine slows both alike."""
    pairs = [
        (await cold_start(FLOOR, place.environment), await cold_start(PRODUCT, place.environment))
        for _ in range(STARTS)
    ]
    floor_s, product_s = (median(pair[side][0] for pair in pairs) for side in (0, 1))
    ratio = median(product[0] / floor[0] for floor, product in pairs)
    floor_mib, product_mib = (median(pair[side][1] for pair in pairs) for side in (0, 1))
    return [
        Figure("cold start to tools/list over stdio", f"{floor_s:.2f} s", f"{product_s:.2f} s", ratio, 1.35, "x"),
        Figure("idle memory", f"{floor_mib:.0f} MiB", f"{product_mib:.0f} MiB", product_mib / floor_mib, 1.4, "x"),
    ]


async def search(place: Place) -> list[Figure]:
    async with launched(FLOOR, place.environment) as floor, launched(PRODUCT, place.environment) as product:
        await floor.ask("tools/call", name="ping", arguments={})
        first = await product.ask("tools/call", name="mail_search", arguments=SEARCH)
        trivial, spent = await _cpu_in_turn(floor, product)
        tools = (await product.ask("tools/list"))["tools"]
    list_tokens, answer_tokens = toktok.batch_count(
        [json.dumps(tools, separators=(",", ":")), first["content"][0]["text"]], "o200k_base"
    )
    above, alone = spent - trivial, await cpu_of_the_sdk_alone(place.settings)
    return [
        Figure(
            "CPU of mail_search of 25 above a trivial tool", f"{trivial:.2f} ms", f"{spent:.2f} ms", above, 1.5, "ms"
        ),
        Figure("the same against msgraph-sdk alone", f"{alone:.1f} ms", f"{above:.2f} ms", above / alone, 0.2, "x"),
        Figure("default tools/list, o200k", "-", f"{list_tokens}", list_tokens, 1600, "tokens"),
        Figure("a list of 25 messages, o200k", "-", f"{answer_tokens}", answer_tokens, 1450, "tokens"),
    ]


async def _cpu_in_turn(floor: StdioProcess, product: StdioProcess) -> tuple[float, float]:
    """Milliseconds of CPU in the quietest round of each: what else the machine does can only add to them."""
    rounds = [
        (await cpu_per_call(floor, "ping", {}), await cpu_per_call(product, "mail_search", SEARCH))
        for _ in range(ROUNDS)
    ]
    return min(trivial for trivial, _ in rounds), min(searched for _, searched in rounds)


async def read(place: Place) -> list[Figure]:
    async with launched(PRODUCT, place.environment) as product:
        await product.ask("tools/call", name="mail_search", arguments=SEARCH)
        return await reading(product, place.settings, place.environment)


async def thread(place: Place) -> list[Figure]:
    return await held_up_by_a_thread(place.settings, place.environment["OUTLOOK_MCP_DATA_DIR"])


async def first_calls(place: Place) -> list[Figure]:
    return await starting(Server(PRODUCT, place.environment, "mail_search", SEARCH, place.settings["graph_url"]))


async def client(place: Place) -> list[Figure]:
    return await building_a_client(place.settings)


async def http(place: Place) -> list[Figure]:
    return await calls_over_http(place.folder, place.settings)


async def bystanders(place: Place) -> list[Figure]:
    return await others_during_bombs(place.folder, place.settings)


async def users(place: Place) -> list[Figure]:
    return await idle_memory(place.folder, place.settings)


async def replicas(place: Place) -> list[Figure]:
    return await throughput(place.folder, place.settings)


# `worst-mail` is first, while no other process has been waited for: its memory is that of the largest one so far.
ALONE: Mapping[str, Measure] = {"worst-mail": worst_mail, "conversion": conversion}
WITH_A_PROFILE: Mapping[str, Measure] = {
    "starts": starts,
    "first-calls": first_calls,
    "search": search,
    "read": read,
    "thread": thread,
    "client": client,
}
WITH_COLLEAGUES: Mapping[str, Measure] = {
    "http": http,
    "bystanders": bystanders,
    "users": users,
    "replicas": replicas,
}
PARTS = (*ALONE, *WITH_A_PROFILE, *WITH_COLLEAGUES)


async def measured(wanted: Collection[str]) -> AsyncIterator[Figure]:
    """The figures of these parts; what several of them need is started once."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for measures, place_for in ((ALONE, _nowhere), (WITH_A_PROFILE, _profile), (WITH_COLLEAGUES, _colleagues)):
            chosen = {name: measure for name, measure in measures.items() if name in wanted}
            if not chosen:
                continue
            async with place_for(folder) as place:
                for name, measure in chosen.items():
                    for figure in await measure(Place(place.settings, folder / name, place.environment)):
                        yield figure


@asynccontextmanager
async def _nowhere(folder: Path) -> AsyncIterator[Place]:
    yield Place({}, folder, {})


@asynccontextmanager
async def _profile(folder: Path) -> AsyncIterator[Place]:
    async with AsyncExitStack() as stack:
        settings = await stack.enter_async_context(sandbox_process())
        configured = {**settings, "data_dir": str(folder)}
        async with open_app(Configuration.load(configured)) as app:
            await sign_in(app)
        own = {f"OUTLOOK_MCP_{name.upper()}": value for name, value in configured.items()}
        variables = {**os.environ, **own, "XDG_CACHE_HOME": str(folder)}
        yield Place(settings, folder, as_installed(variables, folder / "bytecode"))


@asynccontextmanager
async def _colleagues(folder: Path) -> AsyncIterator[Place]:
    async with sandbox_process(colleagues=COLLEAGUES) as settings:
        yield Place(settings, folder, {})
