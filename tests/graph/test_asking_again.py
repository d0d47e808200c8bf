"""What Graph is asked a second time: what it put off, and what it refused the token of."""

from __future__ import annotations

import pytest
from starlette.responses import Response

from outlook_mcp.errors import AccessTokenRejected, GraphUnavailable, NotFound, Remedy, Throttled
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.errors import retry_after
from outlook_mcp.graph.models import Item
from tests.graph.calls import read, send, write
from tests.graph.scripted_graph import ScriptedGraph, Tokens, page, refusal
from tests.waiting import patience

CLAIMS = "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7InZhbHVlIjoiMSJ9fX0"


async def test_a_short_throttling_is_waited_out_for_reads_and_writes(client: GraphClient, graph: ScriptedGraph) -> None:
    graph.answers = [refusal(429, "ApplicationThrottled", Retry_After="0"), page("m1")]
    await read(client)
    graph.answers = [refusal(429, "ApplicationThrottled", Retry_After="0"), Response('{"id":"n"}')]
    await write(client)
    assert [asked.method for asked in graph.asked] == ["GET", "GET", "POST", "POST"]


async def test_a_long_throttling_is_told_at_once(client: GraphClient, graph: ScriptedGraph) -> None:
    graph.otherwise = refusal(429, "ApplicationThrottled", Retry_After="150")
    async with patience():
        with pytest.raises(Throttled) as caught:
            await read(client)
    assert caught.value.retry_after_s == 150
    assert len(graph.asked) == 1


async def test_lasting_throttling_ends_after_three_tries(client: GraphClient, graph: ScriptedGraph) -> None:
    graph.otherwise = refusal(429, "ApplicationThrottled", Retry_After="0")
    with pytest.raises(Throttled):
        await read(client)
    assert len(graph.asked) == 3


@pytest.mark.parametrize("status", [503, 504])
async def test_a_busy_service_is_asked_again_only_for_reads(
    client: GraphClient, graph: ScriptedGraph, status: int
) -> None:
    graph.answers = [refusal(status, "ServiceUnavailable", Retry_After="0")]
    await read(client)
    graph.answers = [refusal(status, "ServiceUnavailable", Retry_After="0")]
    with pytest.raises(GraphUnavailable):
        await write(client)
    patch = client.request(client.me.messages.by_message_id("m"), "PATCH", json={"isRead": True})
    graph.answers = [refusal(status, "ServiceUnavailable", Retry_After="0")]
    with pytest.raises(GraphUnavailable):
        await client.answer_to(patch, Item)
    assert [asked.method for asked in graph.asked] == ["GET", "GET", "POST", "PATCH"]


async def test_a_throttled_send_is_not_repeated(client: GraphClient, graph: ScriptedGraph) -> None:
    graph.answers = [refusal(429, "ApplicationThrottled", Retry_After="0")]
    with pytest.raises(Throttled):
        await send(client)
    assert len(graph.asked) == 1


def challenge(scheme: str, claims: str) -> Response:
    header = f'{scheme} realm="", error="insufficient_claims", claims="{claims}"'
    return refusal(401, "InvalidAuthenticationToken", WWW_Authenticate=header)


@pytest.mark.parametrize("scheme", ["Bearer", 'PoP error="x", Bearer'])
@pytest.mark.parametrize("call", [read, send])
async def test_a_claims_challenge_gets_a_new_token_once(
    client: GraphClient, graph: ScriptedGraph, tokens: Tokens, scheme: str, call: object
) -> None:
    graph.answers = [challenge(scheme, CLAIMS), page("m1") if call is read else Response(status_code=202)]
    await call(client)  # type: ignore[operator]
    assert tokens.claims == [CLAIMS]
    assert [asked.headers["authorization"][-1] for asked in graph.asked] == ["0", "1"]


async def test_a_token_refused_without_a_challenge_is_renewed_once(
    client: GraphClient, graph: ScriptedGraph, tokens: Tokens
) -> None:
    graph.otherwise = refusal(401, "InvalidAuthenticationToken", "Lifetime validation failed.")
    with pytest.raises(AccessTokenRejected) as caught:
        await read(client)
    assert tokens.rejected == ["token-of-alice-own-0"]
    assert tokens.claims == []
    assert caught.value.claims == ""
    assert len(graph.asked) == 2
    assert caught.value.remedy is Remedy.SIGN_IN


async def test_a_challenge_that_comes_back_is_not_answered_for_ever(client: GraphClient, graph: ScriptedGraph) -> None:
    graph.otherwise = challenge("Bearer", CLAIMS)
    with pytest.raises(AccessTokenRejected) as caught:
        await read(client)
    assert caught.value.claims == CLAIMS
    assert len(graph.asked) == 2


async def test_bytes_are_asked_for_again_with_a_new_token(client: GraphClient, graph: ScriptedGraph) -> None:
    graph.answers = [challenge("Bearer", CLAIMS), Response(b"data")]
    value = client.value_request(client.me.messages.by_message_id("m").attachments.by_attachment_id("a"))
    assert await client.bytes_of(value) == b"data"
    graph.answers = [refusal(404, "ErrorItemNotFound")]
    with pytest.raises(NotFound):
        await client.bytes_of(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("10", 10),
        ("0.5", 0.5),
        ("-3", 0),
        ("Mon, 02 Nov 2020 09:00:00 GMT", 0),
        ("soon", None),
        ("1e999", None),
        ("nan", None),
        ("Mon, 02 Nov 99999999999 09:00:00 GMT", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_a_number_or_a_date(value: str | None, expected: float | None) -> None:
    assert retry_after(value) == expected
