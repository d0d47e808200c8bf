"""What a call over HTTP, a signed-in user and a second replica cost."""

from __future__ import annotations

import asyncio
import http.client
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any

from azure.core.credentials import AccessToken
from msgraph.graph_service_client import GraphServiceClient
from pydantic import SecretStr

from outlook_mcp.config import Configuration
from outlook_mcp.graph.client_factory import EmailClientFactory
from outlook_mcp.graph.settings import GraphSettings
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey
from outlook_mcp.mail.area import MAIL
from tests.benchmarks.figure import Figure
from tests.benchmarks.http_process import LEGACY, MODERN, HttpProcess, serving
from tests.benchmarks.minimal_http_server import TOKEN
from tests.benchmarks.minted_users import mint, users_of
from tests.valkey import free_port, valkey

CALLS = 150
ROUNDS = 4
CLIENTS = 300
WARM_USERS = 200
# Fewer in all than the mailboxes kept open, so that each user counts in full.
IDLE_USERS = 800
COLLEAGUES = WARM_USERS + IDLE_USERS
# Everything that is believed for some seconds is over by then.
IDLE_S = 8.0
LOAD_CALLS = 800
LOAD_CLIENTS = 8
FLOOR = (sys.executable, str(Path(__file__).parent / "minimal_http_server.py"))
PRODUCT = (sys.executable, "-m", "outlook_mcp", "serve", "--http")
SEARCH: Mapping[str, Any] = {"limit": 25, "folder": "all"}


@dataclass(frozen=True)
class Site:
    """Servers on one vault, and the tokens of all users, first the one with much mail."""

    servers: tuple[HttpProcess, ...]
    tokens: list[str]


@asynccontextmanager
async def site(folder: Path, settings: Mapping[str, str], *, users: int, replicas: int = 1) -> AsyncIterator[Site]:
    ports = [free_port() for _ in range(replicas)]
    public = f"127.0.0.1:{ports[0]}"
    configured = {
        **settings,
        "public_url": f"http://{public}",
        "port": str(ports[0]),
        "data_dir": str(folder),
        "stateless": "true",
        # One user calls in a loop here.
        "requests_per_minute": "100000",
    }
    sandbox = settings["authority"]
    tokens = await mint(Configuration.load(configured), sandbox, _with_one_of_much_mail(await users_of(sandbox), users))
    async with AsyncExitStack() as stack:
        servers = []
        for port in ports:
            given = {f"OUTLOOK_MCP_{name.upper()}": value for name, value in {**configured, "port": str(port)}.items()}
            servers.append(await stack.enter_async_context(serving(PRODUCT, port, {**os.environ, **given}, public)))
        yield Site(tuple(servers), tokens)


def _with_one_of_much_mail(users: Sequence[dict[str, str]], count: int) -> list[dict[str, str]]:
    return [users[0], *users[-count:]]


async def calls_over_http(folder: Path, settings: Mapping[str, str]) -> list[Figure]:
    port = free_port()
    async with (
        serving([*FLOOR, str(port)], port, os.environ) as floor,
        site(folder, settings, users=1) as product,
    ):
        (server,) = product.servers
        figures = []
        for era, bound in ((MODERN, 4.0), (LEGACY, 4.0)):
            trivial, search = cpu_in_turn(
                (floor, TOKEN, "ping", {}), (server, product.tokens[0], "mail_search", SEARCH), era
            )
            name = f"CPU of mail_search of 25 above a trivial tool, {era}"
            figures.append(Figure(name, f"{trivial:.2f} ms", f"{search:.2f} ms", search - trivial, bound, "ms"))
    return figures


Called = tuple[HttpProcess, str, str, Mapping[str, Any]]


def cpu_in_turn(floor: Called, product: Called, era: str) -> tuple[float, float]:
    """Milliseconds of CPU of one call, the medians of some rounds."""
    rounds: tuple[list[float], list[float]] = ([], [])
    for number in range(ROUNDS + 1):
        for called, kept in zip((floor, product), rounds, strict=True):
            spent = _cpu(called, era)
            if number:
                kept.append(spent)
    return median(rounds[0]), median(rounds[1])


def _cpu(called: Called, era: str) -> float:
    server, token, tool, arguments = called
    with closing(server.connect()) as connection:
        before = server.cpu_seconds()
        for _ in range(CALLS):
            server.call(connection, token, tool, era, **arguments)
    return (server.cpu_seconds() - before) / CALLS * 1000


async def idle_memory(folder: Path, settings: Mapping[str, str]) -> list[Figure]:
    async with site(folder, settings, users=WARM_USERS + IDLE_USERS) as product:
        (server,) = product.servers
        _, *tokens = product.tokens
        await _call_once_and_idle(server, tokens[:WARM_USERS])
        before = server.resident_bytes()
        await _call_once_and_idle(server, tokens[WARM_USERS:])
        grown = (server.resident_bytes() - before) / IDLE_USERS / 1024
    return [
        Figure(
            f"memory of an idle user, of {WARM_USERS + IDLE_USERS} signed in", "-", f"{grown:.1f} KiB", grown, 8, "KiB"
        )
    ]


async def _call_once_and_idle(server: HttpProcess, tokens: Sequence[str]) -> None:
    with closing(server.connect()) as connection:
        for token in tokens:
            server.call(connection, token, "mail_search", **SEARCH)
    await asyncio.sleep(IDLE_S)


async def building_a_client(settings: Mapping[str, str]) -> list[Figure]:
    factory = EmailClientFactory(GraphSettings(base_url=settings["graph_url"]), _NoTokens(), lambda: [MAIL])
    await factory.warm()
    try:
        ours = _seconds(lambda number: factory.for_user(UserKey("tenant", str(number)), None, MAIL))
    finally:
        await factory.aclose()
    plain = _seconds(lambda _: GraphServiceClient(credentials=_NoCredential(), scopes=["Mail.Read"]), CLIENTS // 10)
    return [
        Figure("building a user's client", f"{plain * 1000:.2f} ms", f"{ours * 1000:.3f} ms", ours * 1000, 0.5, "ms")
    ]


def _seconds(build: Callable[[int], object], times: int = CLIENTS) -> float:
    taken = []
    for number in range(times):
        began = time.perf_counter()
        build(number)
        taken.append(time.perf_counter() - began)
    return median(taken)


async def throughput(folder: Path, settings: Mapping[str, str]) -> list[Figure]:
    """Calls a second of CPU, so a busy machine changes little; the replicas share a Redis."""
    rates = []
    for replicas in (1, 2):
        with valkey("--appendonly", "yes") as server:
            shared = {**settings, "store": server.url, "trusted_proxies": "127.0.0.1"}
            async with site(folder / str(replicas), shared, users=LOAD_CLIENTS, replicas=replicas) as product:
                await _load(product, LOAD_CALLS // 4)
                before = [server.cpu_seconds() for server in product.servers]
                await _load(product, LOAD_CALLS)
                spent = [server.cpu_seconds() - then for server, then in zip(product.servers, before, strict=True)]
        rates.append(LOAD_CALLS / sum(spent))
    with_one, with_two = rates
    name = "calls a second per core, with 1 and 2 replicas"
    return [Figure(name, f"{with_one:.0f}/s", f"{with_two:.0f}/s", with_one / with_two, 1.6, "x")]


async def _load(product: Site, calls: int) -> None:
    """Every client calls on every replica in turn."""
    _, *tokens = product.tokens
    await asyncio.gather(*(asyncio.to_thread(_loop, product.servers, token, calls // len(tokens)) for token in tokens))


def _loop(servers: Sequence[HttpProcess], token: str, calls: int) -> None:
    connections: list[http.client.HTTPConnection] = [server.connect() for server in servers]
    for _, (server, connection) in zip(range(calls), cycle(zip(servers, connections, strict=True)), strict=False):
        server.call(connection, token, "mail_search", **SEARCH)
    for connection in connections:
        connection.close()


class _NoTokens:
    """Building a client asks for no token."""

    async def access_token(
        self,
        user: UserKey,
        connection: ConnectionId | None = None,
        *,
        claims: str | None = None,
        rejected: SecretStr | None = None,
    ) -> SecretStr:
        raise NotImplementedError


class _NoCredential:
    """Nor does the SDK."""

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        raise NotImplementedError
