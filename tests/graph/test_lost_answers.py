"""A change whose answer is lost or comes from somebody else is never taken for done, nor made twice."""

from __future__ import annotations

import pytest
from starlette.responses import HTMLResponse, Response

from outlook_mcp.errors import (
    AnswerUnreadable,
    OutcomeUnknown,
    Remedy,
)
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.mail.area import MAIL
from tests.graph.calls import send
from tests.graph.scripted_graph import (
    ALICE,
    CutOff,
    ScriptedGraph,
    Silence,
    Tokens,
    factory_for,
    refusal,
)

HTML = HTMLResponse("<html><h1>502 Bad Gateway</h1></html>", 502)


@pytest.mark.parametrize(
    "answer", [HTML, CutOff(b"", 10), Silence()] + [refusal(status, "x") for status in (500, 503, 504)]
)
async def test_a_send_whose_outcome_is_open_is_one_post_and_says_so(
    graph: ScriptedGraph, tokens: Tokens, answer: Response
) -> None:
    graph.answers = [answer]
    async with factory_for(graph, tokens, deadline_s=1.0) as factory:
        with pytest.raises(OutcomeUnknown) as caught:
            await send(factory.for_user(ALICE, None, MAIL))
    assert [asked.method for asked in graph.asked] == ["POST"]
    assert caught.value.remedy is Remedy.LOOK_FOR_SENT


PORTAL = HTMLResponse("<html>sign in to the hotel network</html>")
REDIRECT = Response(status_code=302, headers={"location": "http://portal.example/"})


@pytest.mark.parametrize("answer", [PORTAL, REDIRECT, Response(status_code=304), Response("x", 202)])
async def test_a_change_answered_by_something_between_is_never_taken_for_done(
    client: GraphClient, graph: ScriptedGraph, answer: Response
) -> None:
    graph.otherwise = answer
    with pytest.raises(OutcomeUnknown):
        await send(client)
    delete = client.request(client.me.messages.by_message_id("m"), "DELETE")
    with pytest.raises(AnswerUnreadable):
        await client.perform(delete)
    assert [asked.method for asked in graph.asked] == ["POST", "DELETE"]
