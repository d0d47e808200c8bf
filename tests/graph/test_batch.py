"""Batches: each part has its own visibility."""

from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from outlook_mcp.errors import AccessDenied, AnswerUnreadable, GraphError, GraphUnavailable, NotFound, Remedy, Throttled
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.models import Item, Page
from outlook_mcp.telemetry.events import observed_by
from outlook_mcp.telemetry.prometheus import PrometheusMetrics
from tests.graph.scripted_graph import Asked, CutOff, ScriptedGraph, Tokens, refusal


def parts_of(asked: Asked) -> list[dict[str, Any]]:
    return list(json.loads(asked.body)["requests"])


def answering(*statuses: int, **headers: str) -> Response:
    """Parts 0, 1, ... in reverse order, as Graph may give them."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    responses = [
        {"id": str(number), "status": status, "headers": named, "body": {"id": f"m{number}"}}
        for number, status in enumerate(statuses)
        if status
    ]
    return JSONResponse({"responses": responses[::-1]})


def reads(client: GraphClient, number: int) -> list[Any]:
    return [client.request(client.me.messages.by_message_id(f"m{index}")) for index in range(number)]


def deletions(client: GraphClient, number: int) -> list[Any]:
    return [client.request(client.me.messages.by_message_id(f"m{index}"), "DELETE") for index in range(number)]


async def test_parts_travel_as_relative_addresses_with_their_own_headers_and_no_token(
    client: GraphClient, graph: ScriptedGraph
) -> None:
    graph.answers = [answering(200, 200)]
    builder = client.me.messages.by_message_id("A/B")
    infos = [
        client.request(builder, query={"$select": ("id",)}),
        client.request(builder, "PATCH", json={"isRead": True}, headers={"If-Match": "W/1"}),
    ]
    await client.answers_to(infos)
    (asked,) = graph.asked
    read, write = parts_of(asked)
    assert asked.path == "/v1.0/$batch"
    assert read == {
        "id": "0",
        "method": "GET",
        "url": "/me/messages/A%2FB?%24select=id",
        "headers": {"accept": "application/json", "prefer": 'IdType="ImmutableId"'},
    }
    assert (write["method"], write["body"], write["headers"]["if-match"]) == ("PATCH", {"isRead": True}, "W/1")
    assert "authorization" not in write["headers"]


async def test_answers_come_back_in_the_order_asked_with_typed_errors(
    client: GraphClient, graph: ScriptedGraph
) -> None:
    graph.answers = [answering(200, 404, 0)]
    found, missing, silent = await client.answers_to(reads(client, 3))
    assert found.decode(Item).id == "m0"
    with pytest.raises(NotFound):
        missing.decode(Item)
    assert isinstance(silent.error(), AnswerUnreadable)


@pytest.mark.parametrize(("status", "expected"), [(200, AnswerUnreadable), (403, AccessDenied)])
async def test_a_part_that_cannot_be_decoded_fails_alone(
    client: GraphClient, graph: ScriptedGraph, status: int, expected: type[GraphError]
) -> None:
    body = b'{"responses":[{"id":"0","status":%d,"body":{"id":"\xff","error":{"code":"\xff"}}}]}' % status
    graph.answers = [Response(body, media_type="application/json")]
    (part,) = await client.answers_to([client.request(client.me.messages.by_message_id("m"))])
    with pytest.raises(expected):
        part.decode(Item)


async def test_forty_one_parts_travel_in_three_batches(client: GraphClient, graph: ScriptedGraph) -> None:
    graph.otherwise = lambda request: answering(*([200] * 20))
    assert len(await client.answers_to(reads(client, 41))) == 41
    assert [len(parts_of(asked)) for asked in graph.asked] == [20, 20, 1]


async def test_only_throttled_parts_are_sent_again(client: GraphClient, graph: ScriptedGraph) -> None:
    graph.answers = [answering(200, 429, 200, Retry_After="0"), answering(0, 200)]
    answers = await client.answers_to(reads(client, 3))
    assert [answer.status for answer in answers] == [200, 200, 200]
    assert [part["id"] for part in parts_of(graph.asked[1])] == ["1"]


async def test_throttled_parts_are_measured_as_throttled_though_the_batch_is_answered_200(
    client: GraphClient, graph: ScriptedGraph
) -> None:
    metrics = PrometheusMetrics()
    graph.answers = [
        answering(429, 429, 200, Retry_After="0"),
        refusal(429, "Busy", Retry_After="0"),
        answering(200, 200),
    ]
    with observed_by(metrics):
        await client.answers_to(reads(client, 3))
    assert "outlook_graph_throttled_total 3" in metrics.page().splitlines()


async def test_a_part_that_must_wait_long_is_told_at_once(client: GraphClient, graph: ScriptedGraph) -> None:
    graph.answers = [answering(200, 429, Retry_After="150")]
    _, throttled = await client.answers_to(reads(client, 2))
    error = throttled.error()
    assert isinstance(error, Throttled)
    assert error.retry_after_s == 150


async def test_a_busy_part_is_sent_again_only_when_it_reads(client: GraphClient, graph: ScriptedGraph) -> None:
    graph.answers = [answering(503, 503, Retry_After="0"), answering(200)]
    read = client.request(client.me.messages.by_message_id("a"))
    write = client.request(client.me.messages.by_message_id("b"), "DELETE")
    answers = await client.answers_to([read, write])
    assert [answer.status for answer in answers] == [200, 503]
    assert [part["method"] for part in parts_of(graph.asked[1])] == ["GET"]


async def test_a_change_whose_part_has_no_clear_answer_may_have_been_made(
    client: GraphClient, graph: ScriptedGraph
) -> None:
    graph.answers = [answering(503, 0, 200)]
    changes = [client.request(client.me.messages.by_message_id(name).copy, "POST", json={}) for name in "abc"]
    busy, silent, odd = await client.answers_to(changes)
    for error in (busy.error(), silent.error()):
        assert error.remedy is Remedy.LOOK_FIRST
    with pytest.raises(AnswerUnreadable, match="may or may not have been made"):
        odd.decode(Page[Item])
    graph.answers = [Response("<html>", media_type="text/html")]
    for part in await client.answers_to(changes):
        assert "may or may not have been made" in part.error().message


async def test_refused_parts_are_replayed_once_with_a_new_token(
    client: GraphClient, graph: ScriptedGraph, tokens: Tokens
) -> None:
    graph.answers = [answering(200, 401), answering(0, 200)]
    assert [answer.status for answer in await client.answers_to(reads(client, 2))] == [200, 200]
    assert tokens.rejected == ["token-of-alice-own-0"]
    assert graph.asked[1].headers["authorization"].endswith("-1")
    assert [part["id"] for part in parts_of(graph.asked[1])] == ["1"]


async def test_parts_refused_for_good_end_after_one_renewal(client: GraphClient, graph: ScriptedGraph) -> None:
    def refuse(request: Request) -> Response:
        return answering(401)

    graph.otherwise = refuse
    (answer,) = await client.answers_to(reads(client, 1))
    assert answer.status == 401
    assert len(graph.asked) == 2


async def test_a_batch_of_reads_that_fails_whole_raises(client: GraphClient, graph: ScriptedGraph) -> None:
    graph.answers = [Response('{"responses": [{"id": "0", "sta', media_type="application/json")]
    with pytest.raises(AnswerUnreadable):
        await client.answers_to(reads(client, 2))
    assert len(graph.asked) == 1


async def test_a_batch_of_reads_is_repeated_after_503_as_a_single_read_is(
    client: GraphClient, graph: ScriptedGraph
) -> None:
    graph.answers = [refusal(503, "ServiceUnavailable", Retry_After="0"), answering(200, 200)]
    assert [answer.status for answer in await client.answers_to(reads(client, 2))] == [200, 200]
    assert len(graph.asked) == 2


async def test_a_batch_with_a_change_is_not_repeated_after_503(client: GraphClient, graph: ScriptedGraph) -> None:
    graph.answers = [refusal(503, "ServiceUnavailable", Retry_After="0"), answering(200, 200)]
    answers = await client.answers_to([*reads(client, 1), *deletions(client, 1)])
    assert all("may or may not" in answer.error().message for answer in answers)
    assert len(graph.asked) == 1


async def test_what_an_earlier_batch_did_is_told_when_a_later_one_fails(
    client: GraphClient, graph: ScriptedGraph
) -> None:
    graph.answers = [answering(*[204] * 20), refusal(503, "ServiceUnavailable")]
    answers = await client.answers_to(deletions(client, 45))
    assert [answer.is_success for answer in answers] == [True] * 20 + [False] * 25
    lost, not_sent = answers[20].error(), answers[40].error()
    assert isinstance(lost, GraphUnavailable)
    assert isinstance(not_sent, GraphUnavailable)
    assert (lost.outcome_is_known, not_sent.outcome_is_known) == (False, True)
    assert "Not tried" in not_sent.message
    assert len(graph.asked) == 2


async def test_what_the_first_round_did_is_told_when_the_second_fails(
    client: GraphClient, graph: ScriptedGraph
) -> None:
    graph.answers = [answering(204, 429, Retry_After="0"), CutOff()]
    done, lost = await client.answers_to(deletions(client, 2))
    assert done.is_success
    assert "may or may not" in lost.error().message


async def test_reads_are_asked_for_again_once_when_the_connection_breaks(
    client: GraphClient, graph: ScriptedGraph
) -> None:
    graph.answers = [CutOff(), answering(200)]
    (part,) = await client.answers_to(reads(client, 1))
    assert part.is_success
    graph.answers = [CutOff(), CutOff(), answering(200)]
    with pytest.raises(GraphUnavailable):
        await client.answers_to(reads(client, 1))
    assert len(graph.asked) == 4


async def test_changes_are_not_asked_for_again_when_the_connection_breaks(
    client: GraphClient, graph: ScriptedGraph
) -> None:
    graph.answers = [CutOff(), answering(200)]
    (part,) = await client.answers_to([client.request(client.me.messages.by_message_id("m"), "PATCH", json={})])
    assert isinstance(part.error(), GraphUnavailable)
    assert len(graph.asked) == 1
