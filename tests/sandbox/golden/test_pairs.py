"""Requests and answers as Microsoft documents them, replayed against one sandbox; README.md says what a pair holds."""

from __future__ import annotations

import functools
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount

from outlook_mcp.sandbox.graph import graph_routes, upload_routes
from outlook_mcp.sandbox.graph.core.errors import GraphFault
from outlook_mcp.sandbox.graph.core.operations import Area
from outlook_mcp.sandbox.graph.core.paths import read_path
from outlook_mcp.sandbox.graph.mail.operations import mail_area
from outlook_mcp.sandbox.graph.users.operations import user_search_area, users_area
from outlook_mcp.sandbox.store import MailStore, open_database
from outlook_mcp.sandbox.store.mail.grants import grant_rights
from tests.sandbox.golden.matching import ABSENT, mismatches
from tests.sandbox.golden.world import World, message
from tests.sandbox.graph import strict_schema
from tests.sandbox.graph.conftest import ANNA, BEN, EVERYTHING, TENANT, UPLOADS, UPNS, Client, IdentityFromToken
from tests.sandbox.graph.receiver import receiving

_FILES = sorted(Path(__file__).parent.glob("*.jsonl"))
Pair = dict[str, Any]


def pairs_of(file: Path) -> Iterator[Pair]:
    for line in file.read_text("utf-8").splitlines():
        yield json.loads(line)


@pytest.fixture(scope="module")
def store() -> Iterator[MailStore]:
    store = MailStore(open_database(), send_delay_s=0)
    for oid, name in ((ANNA, "Anna Berg"), (BEN, "Ben Cole")):
        store.add_mailbox(TENANT, oid, UPNS[oid], name)
    shared = store.add_mailbox(TENANT, "dddddddd-0000-4000-8000-000000000004", "market@contoso.com", "Market")
    grant_rights(shared, ANNA, ["send_on_behalf", "read"])
    shared.insert_message(message("Stall"))
    yield store
    store.close()


@pytest.fixture
async def http(store: MailStore) -> AsyncIterator[httpx.AsyncClient]:
    """A client of both origins, that of Graph and that of uploads."""
    graph = Starlette(
        routes=[Mount("/v1.0", routes=graph_routes(store, upload_origin=lambda _scheme: UPLOADS))],
        middleware=[Middleware(IdentityFromToken)],
    )
    uploads = httpx.ASGITransport(Starlette(routes=upload_routes(store)))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(graph), mounts={UPLOADS: uploads}, base_url="http://graph.test"
    ) as client:
        yield client


@pytest.fixture
async def hook() -> AsyncIterator[str]:
    async with receiving() as receiver:
        yield receiver.url


async def send(client: Client, world: World, request: dict[str, Any]) -> httpx.Response:
    method, _, target = world.filled(request["request"]).partition(" ")
    headers = world.filled(request.get("headers", {}))
    body = world.filled(request.get("body"))
    if isinstance(body, str):
        return await client.request(method, target, content=body, headers={"Content-Type": "text/plain", **headers})
    return await client.request(method, target, headers=headers, **({} if body is None else {"json": body}))


def found_at(body: Any, path: str) -> str:
    """`value/0/id` is the id of the first element; a `?` at the end asks for the query of a URL."""
    steps = path.rstrip("?").split("/")
    found = str(functools.reduce(lambda whole, step: whole[int(step) if step.isdigit() else step], steps, body))
    return urlsplit(found).query if path.endswith("?") else found


def wrong_headers(pair: Pair, answer: httpx.Response) -> Iterator[str]:
    for name, value in pair.get("answer_headers", {}).items():
        if value == ABSENT:
            if name in answer.headers:
                yield f"{name}: there"
        else:
            yield from mismatches(value, answer.headers.get(name), name)


def wrong_parts(pair: Pair, answer: httpx.Response, world: World) -> Iterator[str]:
    expected = world.filled(pair.get("answer", "(any)"))
    if answer.status_code != pair["status"]:
        yield f"status {answer.status_code}: {answer.text[:300]}"
        return
    yield from wrong_headers(world.filled(pair), answer)
    if "json" not in answer.headers.get("content-type", ""):
        yield from mismatches(expected, answer.text, "body")
        return
    body = answer.json()
    yield from mismatches(expected, body)
    yield from strict_schema.problems(body, answer.status_code)


async def replay(pair: Pair, http: httpx.AsyncClient, store: MailStore, number: int, hook: str) -> list[str]:
    """What is wrong with the answer to one pair; `hook` is the address of a receiver of notifications."""
    world = World(store.mailbox(ANNA), number)
    world.values["hook"] = hook
    for earlier in pair.get("before", []):
        answer = await send(Client(http, ANNA, (*EVERYTHING, "Mail.Read.Shared")), world, earlier)
        if not answer.is_success:
            return [f"before: {answer.status_code} {answer.text[:300]}"]
        world.values.update({name: found_at(answer.json(), path) for name, path in earlier.get("keep", {}).items()})
    if pair.get("deliver"):
        await store.settled()
    answer = await send(Client(http, ANNA, tuple(pair.get("scopes", EVERYTHING))), world, pair)
    return list(wrong_parts(pair, answer, world))


@pytest.mark.parametrize("file", _FILES, ids=[file.stem for file in _FILES])
async def test_the_sandbox_answers_as_documented(
    file: Path, http: httpx.AsyncClient, store: MailStore, hook: str
) -> None:
    wrong = {}
    for number, pair in enumerate(pairs_of(file)):
        if found := await replay(pair, http, store, number + 1000 * _FILES.index(file), hook):
            wrong[pair["name"]] = found
    assert wrong == {}


def test_every_operation_of_the_sandbox_has_a_pair(store: MailStore) -> None:
    areas = (users_area(), mail_area(store, lambda scheme: scheme))
    shown = {
        found
        for file in _FILES
        for pair in pairs_of(file)
        if (found := operation_of(pair, (*areas, user_search_area(store.accounts))))
    }
    assert {(operation.method, operation.pattern) for area in areas for operation in area.operations} - shown == set()


def test_every_pair_has_a_name_of_its_own_and_names_a_page_of_the_documentation() -> None:
    pairs = [pair for file in _FILES for pair in pairs_of(file)]
    assert len({pair["name"] for pair in pairs}) == len(pairs)
    assert all(pair["source"].startswith("https://learn.microsoft.com/graph/") for pair in pairs)


def operation_of(pair: Pair, areas: tuple[Area, ...]) -> tuple[str, str] | None:
    """Method and pattern of the operation that a pair is answered by, where it succeeds."""
    method, _, target = pair["request"].partition(" ")
    try:
        segments = read_path(urlsplit(target).path.lstrip("/")).segments
    except GraphFault:
        return None
    if pair["status"] >= 300 and pair["request"] != "GET /me/messages/delta":
        return None
    matching = (operation for area in areas for operation, _ in area.matching(segments))
    return next((method, operation.pattern) for operation in matching if operation.method == method)
