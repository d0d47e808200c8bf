"""What a request of a Graph client looks like, and to whom it belongs."""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import re
import subprocess
import sys

import anyio
import anyio.lowlevel
import msgspec
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from outlook_mcp.errors import AnswerUnreadable, ConfigurationError, NotFound, RequestRejected
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.client_factory import EmailClientFactory
from outlook_mcp.graph.models import Item, Page
from outlook_mcp.graph.settings import GraphSettings
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey
from outlook_mcp.mail.area import MAIL
from tests.effort import usually
from tests.graph.scripted_graph import ALICE, BOB, ScriptedGraph, Tokens, endless, factory_for, page, serving


async def messages(client: GraphClient, **query: object) -> Page[Item]:
    named = {f"${name}": value for name, value in query.items()}
    return await client.answer_to(client.request(client.me.messages, query=named), Page[Item])


async def test_a_request_carries_the_users_token_and_asks_for_immutable_ids(
    client: GraphClient, graph: ScriptedGraph
) -> None:
    found = await messages(client, top=2, select=("id", "subject"))
    assert [item.id for item in found.value] == ["m1"]
    (asked,) = graph.asked
    assert (asked.method, asked.path) == ("GET", "/v1.0/me/messages")
    assert asked.query == "%24top=2&%24select=id,subject"
    assert asked.headers["authorization"] == "Bearer token-of-alice-own-0"
    assert asked.headers["prefer"] == 'IdType="ImmutableId"'
    assert asked.headers["user-agent"].startswith("outlook-mcp/")


async def test_others_have_their_turn_between_the_items_of_a_large_page(
    client: GraphClient, graph: ScriptedGraph
) -> None:
    turns, turn_of = 0, []

    class LargeItem(msgspec.Struct):
        id: str
        body: str

        def __post_init__(self) -> None:
            turn_of.append(turns)

    async def count_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await anyio.lowlevel.checkpoint()

    items = [{"id": str(number), "body": "x" * 1_100_000} for number in range(3)]
    link = "http://graph.test/next"
    graph.answers = [JSONResponse({"value": items, "@odata.nextLink": link})]
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(count_turns)
        found = await client.answer_to(client.request(client.me.messages), Page[LargeItem])
        tasks.cancel_scope.cancel()
    assert [(item.id, len(item.body)) for item in found.value] == [(str(number), 1_100_000) for number in range(3)]
    assert found.next_link == link
    assert len(set(turn_of)) == 3


async def test_a_large_page_with_an_item_that_is_none_is_unreadable(client: GraphClient, graph: ScriptedGraph) -> None:
    graph.answers = [JSONResponse({"value": [{"id": "m1", "subject": "x" * 1_100_000}, {"id": 2}]})]
    with pytest.raises(AnswerUnreadable):
        await messages(client)


async def test_search_text_and_ids_arrive_as_they_were_given(client: GraphClient, graph: ScriptedGraph) -> None:
    received: list[str] = []

    def echo(request: Request) -> Response:
        received.append(request.query_params["$search"])
        return page()

    graph.answers = [echo, Response(status_code=204)]
    text = '"subject:\\"100% & more+less #1 ?/ü\\""'
    await messages(client, search=text)
    assert received == [text]
    await client.perform(client.request(client.me.messages.by_message_id("AA+/=_-"), "DELETE"))
    assert graph.asked[-1].path == "/v1.0/me/messages/AA%2B%2F%3D_-"


@pytest.mark.parametrize("bad", ["", ".", ".."])
async def test_an_id_that_leads_out_of_the_collection_is_not_found(
    client: GraphClient, graph: ScriptedGraph, bad: str
) -> None:
    with pytest.raises(NotFound, match=re.escape(repr(bad))):
        client.request(client.me.messages.by_message_id(bad), "DELETE")
    assert graph.asked == []


async def test_an_option_the_resource_does_not_know_is_refused(client: GraphClient) -> None:
    with pytest.raises(ValueError, match="serach"):
        client.request(client.me.messages, query={"$serach": "x"})


async def test_a_named_connection_gets_its_own_token(factory: EmailClientFactory, graph: ScriptedGraph) -> None:
    await messages(factory.for_user(ALICE, ConnectionId("shared"), MAIL))
    assert graph.asked[0].headers["authorization"] == "Bearer token-of-alice-shared-0"


async def test_a_request_reused_for_a_second_user_carries_the_second_users_token(
    factory: EmailClientFactory, graph: ScriptedGraph
) -> None:
    alice, bob = factory.for_user(ALICE, None, MAIL), factory.for_user(BOB, None, MAIL)
    info = alice.request(alice.me.messages)
    await alice.answer_to(info, Page[Item])
    await bob.answer_to(info, Page[Item])
    assert [asked.headers["authorization"].split("-")[2] for asked in graph.asked] == ["alice", "bob"]


async def test_interleaved_calls_of_many_users_never_carry_a_wrong_token_or_answer(
    graph: ScriptedGraph, factory: EmailClientFactory
) -> None:
    def own(request: Request) -> Response:
        return page(request.headers["authorization"])

    graph.otherwise = own
    users = [UserKey("contoso", f"user{number}") for number in range(usually(100, thoroughly=300))] * 3
    random.Random(7).shuffle(users)
    # With all of them at once, a busy machine needs longer than the deadline of a connection.
    turns = asyncio.Semaphore(100)

    async def ask(user: UserKey) -> bool:
        async with turns:
            found = await messages(factory.for_user(user, None, MAIL))
        return found.value[0].id == f"Bearer token-of-{user.oid}-own-0"

    assert all(await asyncio.gather(*map(ask, users)))
    assert len(graph.asked) == len(users)


async def test_a_cookie_set_for_one_user_is_never_sent_again(graph: ScriptedGraph, factory: EmailClientFactory) -> None:
    graph.otherwise = page("m1", headers={"set-cookie": "ClientId=alice; Path=/"})
    for user in (ALICE, BOB, ALICE):
        await messages(factory.for_user(user, None, MAIL))
    assert all("cookie" not in asked.headers for asked in graph.asked)


async def test_a_next_link_is_followed_with_the_same_identity(client: GraphClient, graph: ScriptedGraph) -> None:
    graph.answers = [page("m1", next_link=f"{graph.url}/v1.0/me/messages?$skip=10&$skiptoken=a%2Bb")]
    first = await messages(client)
    assert first.next_link
    await client.next_page(first.next_link, Page[Item])
    followed = graph.asked[1]
    assert followed.query == "$skip=10&$skiptoken=a%2Bb"
    assert followed.headers["prefer"] == 'IdType="ImmutableId"'
    assert "alice" in followed.headers["authorization"]


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/v1.0/me/messages?$skip=10",
        "{origin}.evil.example/v1.0/me/messages",
        "{origin}/v2.0/me/messages",
        "{origin}/v1.0/../other",
        "http://user:secret@127.0.0.1/v1.0/me/messages",
        "file:///etc/passwd",
        "",
    ],
)
async def test_a_foreign_next_link_is_refused_and_nothing_is_sent(
    client: GraphClient, graph: ScriptedGraph, tokens: Tokens, link: str
) -> None:
    with pytest.raises(RequestRejected):
        await client.next_page(link.format(origin=graph.url), Page[Item])
    assert graph.asked == []
    assert tokens.users == []


async def test_a_request_turned_to_another_host_raises_before_anything_is_sent(
    client: GraphClient, graph: ScriptedGraph, tokens: Tokens
) -> None:
    other = ScriptedGraph()
    async with serving(other) as url:
        info = client.request(client.me.messages)
        info.url = f"{url}/v1.0/me/messages"
        with pytest.raises(RequestRejected):
            await client.answer_to(info, Page[Item])
    assert other.asked == graph.asked == []
    assert tokens.users == []


@pytest.mark.parametrize("address", ["http://graph.example/v1.0", "ftp://x/v1.0", "", "https://u:p@graph.example/v1.0"])
def test_an_address_without_tls_is_refused_unless_it_is_this_machine(address: str) -> None:
    with pytest.raises(ConfigurationError):
        GraphSettings(base_url=address)


async def test_a_redirect_is_not_followed(client: GraphClient, graph: ScriptedGraph) -> None:
    graph.answers = [Response(status_code=302, headers={"location": f"{graph.url}/v1.0/elsewhere"})]
    with pytest.raises(AnswerUnreadable):
        await messages(client)
    assert len(graph.asked) == 1


async def test_a_compressed_answer_is_read(client: GraphClient, graph: ScriptedGraph) -> None:
    body = gzip.compress(json.dumps({"value": [{"id": "zipped"}]}).encode())
    graph.answers = [Response(body, headers={"content-encoding": "gzip"}, media_type="application/json")]
    assert (await messages(client)).value[0].id == "zipped"


async def test_a_compressed_bomb_ends_at_the_limit(graph: ScriptedGraph, tokens: Tokens) -> None:
    body = gzip.compress(b" " * 20_000_000)
    graph.answers = [Response(body, headers={"content-encoding": "gzip"}, media_type="application/json")]
    async with factory_for(graph, tokens, max_body_bytes=1_000_000) as factory:
        with pytest.raises(AnswerUnreadable, match="larger"):
            await messages(factory.for_user(ALICE, None, MAIL))


async def test_bytes_come_as_they_are_up_to_their_own_limit(client: GraphClient, graph: ScriptedGraph) -> None:
    graph.answers = [Response(b"\x00\xff" * 500), endless("application/octet-stream")]
    value = client.value_request(client.me.messages.by_message_id("m").attachments.by_attachment_id("a"))
    assert await client.bytes_of(value, limit=1000) == b"\x00\xff" * 500
    assert graph.asked[0].path == "/v1.0/me/messages/m/attachments/a/$value"
    with pytest.raises(AnswerUnreadable, match="larger"):
        await client.bytes_of(value, limit=1000)


async def test_no_more_than_four_requests_of_one_mailbox_run_at_once(
    graph: ScriptedGraph, factory: EmailClientFactory
) -> None:
    running: dict[str, int] = {}
    most: dict[str, int] = {}

    class Counting(JSONResponse):
        def __init__(self, who: str) -> None:
            super().__init__({"value": []})
            self._who = who

        async def __call__(self, *wire: object) -> None:
            running[self._who] = running.get(self._who, 0) + 1
            most[self._who] = max(most.get(self._who, 0), running[self._who])
            for _ in range(20):
                await asyncio.sleep(0)
            running[self._who] -= 1
            await super().__call__(*wire)  # type: ignore[arg-type]

    graph.otherwise = lambda request: Counting(request.headers["authorization"])
    callers = [factory.for_user(ALICE, None, MAIL) for _ in range(20)] + [
        factory.for_user(BOB, None, MAIL) for _ in range(20)
    ]
    await asyncio.gather(*(messages(client) for client in callers))
    assert sorted(most.values()) == [4, 4]


def test_importing_the_mailbox_loads_neither_the_sdk_nor_an_http_library() -> None:
    code = (
        "import sys, outlook_mcp.graph.client_factory, outlook_mcp.workspace.workspace;"
        "print({'msgraph', 'kiota_abstractions', 'kiota_http', 'httpx', 'aiohttp'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
