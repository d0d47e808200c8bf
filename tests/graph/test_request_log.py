"""At level debug every request to Graph is one line, which holds nothing of anybody's."""

from __future__ import annotations

import logging
import re

import pytest
from starlette.responses import Response

from outlook_mcp.errors import GraphUnavailable
from outlook_mcp.graph.area import path_words
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.models import Item, Page
from outlook_mcp.graph.request_log import route_of
from outlook_mcp.mail.area import MAIL
from outlook_mcp.net.request_id import request_id_scope
from tests.graph.scripted_graph import ALICE, ScriptedGraph, Silence, Tokens, factory_for, page, refusal


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


async def test_a_request_is_told_with_its_route_status_time_and_request_id(
    client: GraphClient, graph: ScriptedGraph, lines: pytest.LogCaptureFixture
) -> None:
    graph.answers = [page("m1", headers={"request-id": "0a1b-2c3d"})]
    await client.answer_to(client.request(client.me.messages, query={"$top": 5}), Page[Item])
    (line,) = ours(lines)
    assert re.fullmatch(r"GET /v1\.0/me/messages: 200 in \d+ ms, request id 0a1b-2c3d", line)


async def test_a_line_holds_no_token_no_query_no_id_no_body_and_no_header(
    client: GraphClient, graph: ScriptedGraph, lines: pytest.LogCaptureFixture
) -> None:
    graph.answers = [page(headers={"request-id": "hunter2 hunter2"}), Response(status_code=204)]
    find = {"$search": '"hunter2"'}
    folder = client.me.mail_folders.by_mail_folder_id("hunter2")
    await client.answer_to(client.request(folder.messages, query=find), Page[Item])
    await client.perform(
        client.request(client.me.messages.by_message_id("hunter2").move, "POST", json={"a": "hunter2"})
    )
    assert [line.partition(" in ")[0] for line in ours(lines)] == [
        "GET /v1.0/me/mailFolders/{id}/messages: 200",
        "POST /v1.0/me/messages/{id}/move: 204",
    ]
    assert not re.search("hunter2|token-of-", " ".join(ours(lines)))


async def test_every_attempt_is_told_and_so_is_one_without_an_answer(
    graph: ScriptedGraph, lines: pytest.LogCaptureFixture
) -> None:
    graph.answers = [refusal(429, "TooMany", retry_after="0"), page()]
    async with factory_for(graph, Tokens(), deadline_s=1.0) as factory:
        client = factory.for_user(ALICE, None, MAIL)
        await client.answer_to(client.request(client.me.messages), Page[Item])
        graph.answers = [Silence()]
        with pytest.raises(GraphUnavailable):
            await client.answer_to(client.request(client.me.messages), Page[Item])
    outcomes = [line.partition(": ")[2].partition(" in ")[0] for line in ours(lines)]
    assert outcomes[:2] == ["429", "200"]
    assert outcomes[2] in ("CancelledError", "ReadTimeout")


async def test_nothing_is_told_at_level_info(client: GraphClient, lines: pytest.LogCaptureFixture) -> None:
    lines.set_level(logging.INFO)
    await client.answer_to(client.request(client.me.messages), Page[Item])
    assert ours(lines) == []


@pytest.mark.parametrize(
    ("url", "route"),
    [
        ("https://graph.example/v1.0/$batch", "/v1.0/$batch"),
        (
            "https://graph.example/v1.0/me/messages/AAMk=/attachments/x/$value",
            "/v1.0/me/messages/{id}/attachments/{id}/$value",
        ),
        ("https://outlook.example/upload/a@b/secret?token=x", "/{id}/{id}/{id}"),
    ],
)
def test_only_words_of_graph_stand_in_a_route(url: str, route: str) -> None:
    assert route_of(url, path_words(MAIL.builders)) == route


def ours(lines: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in lines.records if record.name == "outlook_mcp.graph.request_log"]


async def test_graph_is_sent_the_id_of_our_request(client: GraphClient, graph: ScriptedGraph) -> None:
    with request_id_scope("0d3a6f5e-1111-4222-8333-444455556666"):
        await client.answer_to(client.request(client.me.messages), Page[Item])
    await client.answer_to(client.request(client.me.messages), Page[Item])
    first, second = [asked.headers["client-request-id"] for asked in graph.asked]
    assert first == "0d3a6f5e-1111-4222-8333-444455556666"
    assert len(second) == 36
