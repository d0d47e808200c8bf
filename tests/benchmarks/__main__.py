"""`python -m tests.benchmarks`: the product against the floor, in one table.

The floor is the smallest server the SDK makes, measured in turn with the product in the same run. Microsoft Graph is
the sandbox in a process of its own. `--against CHECKOUT` measures this tree and another checkout of the project in turn
instead. Exit status 1 when a figure misses its bound.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from statistics import median

import toktok

from outlook_mcp.app import open_app
from outlook_mcp.cli.demo import follow_redirects
from outlook_mcp.cli.login import SignInWay, sign_in
from outlook_mcp.config import Configuration
from outlook_mcp.oauth.sign_in.oauth_manager import SignInRequest
from tests.benchmarks.bombs import bombs
from tests.benchmarks.comparison import compare
from tests.benchmarks.converter import speed
from tests.benchmarks.figure import Figure, header
from tests.benchmarks.over_http import COLLEAGUES, SEARCH, building_a_client, calls_over_http, idle_memory, throughput
from tests.benchmarks.reading import others_during_bombs, reading
from tests.benchmarks.sandbox_process import sandbox_process
from tests.benchmarks.sdk_list import cpu_of_the_sdk_alone
from tests.benchmarks.starting import FLOOR, Server, starting
from tests.benchmarks.stdio_process import StdioProcess, cold_start, cpu_per_call, launched

STARTS = 9
ROUNDS = 20
PRODUCT = (sys.executable, "-m", "outlook_mcp", "serve")


async def starts(environment: Mapping[str, str]) -> list[Figure]:
    """Cold starts in turn, so that a drifting machine slows both alike."""
    pairs = [(await cold_start(FLOOR, environment), await cold_start(PRODUCT, environment)) for _ in range(STARTS)]
    floor_s, product_s = (median(pair[side][0] for pair in pairs) for side in (0, 1))
    ratio = median(product[0] / floor[0] for floor, product in pairs)
    floor_mib, product_mib = (median(pair[side][1] for pair in pairs) for side in (0, 1))
    return [
        Figure("cold start to tools/list over stdio", f"{floor_s:.2f} s", f"{product_s:.2f} s", ratio, 1.35, "x"),
        Figure("idle memory", f"{floor_mib:.0f} MiB", f"{product_mib:.0f} MiB", product_mib / floor_mib, 1.4, "x"),
    ]


async def cpu_in_turn(floor: StdioProcess, product: StdioProcess) -> tuple[float, float]:
    """Milliseconds of CPU in the quietest round of each: what else the machine does can only add to them."""
    rounds = [
        (await cpu_per_call(floor, "ping", {}), await cpu_per_call(product, "mail_search", SEARCH))
        for _ in range(ROUNDS)
    ]
    return min(trivial for trivial, _ in rounds), min(search for _, search in rounds)


async def calls(environment: Mapping[str, str], settings: Mapping[str, str]) -> list[Figure]:
    async with launched(FLOOR, environment) as floor, launched(PRODUCT, environment) as product:
        await floor.ask("tools/call", name="ping", arguments={})
        first = await product.ask("tools/call", name="mail_search", arguments=SEARCH)
        trivial, search = await cpu_in_turn(floor, product)
        tools = (await product.ask("tools/list"))["tools"]
        of_reading = await reading(floor, product, settings)
    list_tokens, answer_tokens = toktok.batch_count(
        [json.dumps(tools, separators=(",", ":")), first["content"][0]["text"]], "o200k_base"
    )
    above, alone = search - trivial, await cpu_of_the_sdk_alone(settings)
    return [
        Figure(
            "CPU of mail_search of 25 above a trivial tool", f"{trivial:.2f} ms", f"{search:.2f} ms", above, 1.5, "ms"
        ),
        Figure("the same against msgraph-sdk alone", f"{alone:.1f} ms", f"{above:.2f} ms", above / alone, 0.2, "x"),
        Figure("default tools/list, o200k", "-", f"{list_tokens}", list_tokens, 1600, "tokens"),
        Figure("a list of 25 messages, o200k", "-", f"{answer_tokens}", answer_tokens, 1450, "tokens"),
        *of_reading,
    ]


async def against_the_floor() -> list[Figure]:
    # First, while no other process has been waited for: the memory is that of the largest one so far.
    figures = [*await bombs(), *speed()]
    with tempfile.TemporaryDirectory() as folder:
        async with sandbox_process() as settings:
            configured = {**settings, "data_dir": folder}
            async with open_app(Configuration.load(configured)) as app:
                request = SignInRequest(login_hint=app.configuration.login_hint)
                await sign_in(app, request, SignInWay(device=False, browser=follow_redirects))
            environment = {
                **os.environ,
                **{f"OUTLOOK_MCP_{name.upper()}": value for name, value in configured.items()},
                "XDG_CACHE_HOME": folder,
            }
            figures += [
                *await starts(environment),
                *await calls(environment, settings),
                *await starting(Server(PRODUCT, environment, "mail_search", SEARCH)),
                *await building_a_client(settings),
            ]
        async with sandbox_process(colleagues=COLLEAGUES) as settings:
            figures += [
                *await calls_over_http(Path(folder) / "http", settings),
                *await others_during_bombs(Path(folder) / "bombs", settings),
                *await idle_memory(Path(folder) / "users", settings),
                *await throughput(Path(folder) / "replicas", settings),
            ]
    return figures


def main() -> int:
    parser = ArgumentParser(prog="python -m tests.benchmarks", description="Measures what the product costs.")
    parser.add_argument("--against", metavar="CHECKOUT", type=Path, help="another checkout to compare this one with")
    other: Path | None = parser.parse_args().against
    figures = asyncio.run(compare(other.resolve()) if other else against_the_floor())
    print(header(*(("before", "after") if other else ("floor", "product"))))
    for figure in figures:
        print(figure.row())
    return 0 if all(figure.holds for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
