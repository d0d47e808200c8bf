"""Every way Graph fails becomes one typed error, and nothing is done twice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio
import pytest
from starlette.responses import HTMLResponse, JSONResponse, Response

from outlook_mcp.errors import (
    AccessDenied,
    AnswerUnreadable,
    Conflict,
    GraphError,
    GraphUnavailable,
    MailboxUnavailable,
    NotFound,
    OutcomeUnknown,
    Remedy,
    RequestRejected,
    SignInRequired,
)
from outlook_mcp.graph.batch import BatchAnswer
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.models import Item
from outlook_mcp.identity.user import UserKey
from outlook_mcp.mail.area import MAIL
from tests.graph.calls import read, send, write
from tests.graph.scripted_graph import (
    ALICE,
    CutOff,
    ScriptedGraph,
    Silence,
    Tokens,
    endless,
    factory_for,
    refusal,
)
from tests.waiting import patience, until

HTML = HTMLResponse("<html><h1>502 Bad Gateway</h1></html>", 502)


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, "ErrorInvalidIdMalformed", NotFound),
        (400, "InefficientFilter", RequestRejected),
        (403, "ErrorAccessDenied", AccessDenied),
        (403, "ErrorSendAsDenied", AccessDenied),
        (404, "ErrorItemNotFound", NotFound),
        (404, "MailboxNotEnabledForRESTAPI", MailboxUnavailable),
        (404, "ErrorInvalidUser", MailboxUnavailable),
        (409, "ErrorFolderExists", Conflict),
        (410, "SyncStateNotFound", NotFound),
        (412, "ErrorIrresolvableConflict", Conflict),
        (413, "ErrorMessageSizeExceeded", RequestRejected),
        (423, "Locked", Conflict),
        (500, "ErrorInternalServerError", GraphUnavailable),
        (502, "BadGateway", GraphUnavailable),
    ],
)
async def test_a_refusal_is_typed_and_keeps_status_code_and_request_id(
    client: GraphClient, graph: ScriptedGraph, status: int, code: str, expected: type[GraphError]
) -> None:
    graph.answers = [refusal(status, code, "Graph says\nno.")]
    with pytest.raises(expected) as caught:
        await write(client)
    error = caught.value
    assert (type(error), error.status, error.graph_code, error.request_id) == (expected, status, code, "r-1")
    assert "Graph says no." in error.message
    assert error.remedy is not Remedy.NONE
    assert (error.remedy is Remedy.LOOK_FIRST) is (status >= 500)
    assert len(graph.asked) == 1


@pytest.mark.parametrize("answer", [HTML, Response(status_code=502), Response("{", 503, media_type="application/json")])
async def test_a_gateway_page_or_an_empty_failure_is_unavailable(
    client: GraphClient, graph: ScriptedGraph, answer: Response
) -> None:
    graph.answers = [answer]
    with pytest.raises(GraphUnavailable):
        await write(client)


@pytest.mark.parametrize(
    "answer",
    [
        Response(status_code=200),
        Response('{"@odata.context":"...","value":[{"error":{"code":"x"}}', media_type="application/json"),
        Response('{"value": 7}', media_type="application/json"),
        Response(b"\xff\xfe{", media_type="application/json"),
        Response(b"[" * 100_000, media_type="application/json"),
        HTMLResponse("<html>sign in to the hotel network</html>"),
    ],
)
async def test_an_answer_that_is_no_answer_is_unreadable(
    client: GraphClient, graph: ScriptedGraph, answer: Response
) -> None:
    graph.answers = [answer]
    with pytest.raises(AnswerUnreadable):
        await read(client)


@pytest.mark.parametrize("body", ["", '{"id": "m', "<html>sign in to the hotel network</html>"])
async def test_a_change_whose_answer_says_nothing_is_not_to_be_repeated_blindly(
    client: GraphClient, graph: ScriptedGraph, body: str
) -> None:
    graph.answers = [Response(body)]
    with pytest.raises(AnswerUnreadable, match="may or may not have been made") as caught:
        await write(client)
    assert caught.value.remedy is Remedy.LOOK_FIRST


async def test_a_change_answered_200_without_a_body_may_not_have_been_made(
    client: GraphClient, graph: ScriptedGraph
) -> None:
    """Graph answers a send 202 and a deletion 204: something else has answered."""
    graph.otherwise = Response(status_code=200)
    with pytest.raises(OutcomeUnknown):
        await send(client)
    with pytest.raises(AnswerUnreadable, match="may or may not have been made"):
        await client.perform(client.request(client.me.messages.by_message_id("m"), "DELETE"))
    assert await client.bytes_of(client.value_request(client.me.messages.by_message_id("m"))) == b""


async def test_a_body_cut_off_by_the_connection_is_unavailable(client: GraphClient, graph: ScriptedGraph) -> None:
    graph.answers = [CutOff()]
    with pytest.raises(GraphUnavailable):
        await read(client)


async def test_a_refused_batch_of_reads_does_not_ask_for_the_permission_to_write(
    client: GraphClient, graph: ScriptedGraph
) -> None:
    graph.otherwise = refusal(403, "ErrorAccessDenied")
    with pytest.raises(AccessDenied) as caught:
        await client.answers_to([client.request(client.me.messages)])
    assert "permission Mail.Read was not granted" in caught.value.next_step


@pytest.mark.parametrize("answer", [CutOff(), Silence()])
async def test_a_change_whose_answer_is_lost_is_not_said_to_have_failed(
    graph: ScriptedGraph, tokens: Tokens, answer: Response
) -> None:
    graph.otherwise = answer
    async with factory_for(graph, tokens, deadline_s=0.3) as factory:
        client = factory.for_user(ALICE, None, MAIL)
        patches = [client.request(client.me.messages.by_message_id(name), "PATCH", json={}) for name in ("m", "n")]
        with pytest.raises(GraphUnavailable, match="may or may not have been made") as caught:
            await write(client)
        assert caught.value.remedy is Remedy.LOOK_FIRST
        for part in await client.answers_to(patches):
            assert isinstance(part.failure, GraphUnavailable)
            assert not part.failure.outcome_is_known
        for reading in (read(client), client.answers_to([client.request(client.me)])):
            with pytest.raises(GraphUnavailable) as caught:
                await reading
            assert "may or may not" not in caught.value.message


async def _reading(client: GraphClient, graph: ScriptedGraph) -> list[Awaitable[object]]:
    """Every way of the client to read."""
    message = client.me.messages.by_message_id("m")
    return [
        client.answer_to(client.request(message), Item),
        client.next_page(f"{graph.url}/v1.0/me/messages?$skip=1", Item),
        client.bytes_of(client.value_request(message)),
        client.answers_to([client.request(message), client.request(message)]),
    ]


async def _changing(client: GraphClient, graph: ScriptedGraph) -> list[Awaitable[object]]:
    """Every way of the client to change something."""
    message = client.me.messages.by_message_id("m")
    return [
        client.answer_to(client.request(message, "PATCH", json={}), Item),
        client.answer_to(client.request(message.copy, "POST", json={}), Item),
        client.perform(client.request(message, "DELETE")),
        _first_failure(client.answers_to([client.request(message), client.request(message, "DELETE")])),
    ]


async def _first_failure(asked: Awaitable[list[BatchAnswer]]) -> None:
    raise (await asked)[0].error()


@pytest.mark.parametrize("answer", [CutOff(), HTML, Silence()])
@pytest.mark.parametrize("calls", [_reading, _changing])
async def test_whether_a_change_may_have_been_made_depends_on_the_method_of_the_request(
    graph: ScriptedGraph, tokens: Tokens, answer: Response, calls: Callable[..., Awaitable[list[Awaitable[object]]]]
) -> None:
    graph.otherwise = answer
    async with factory_for(graph, tokens, deadline_s=0.3, transfer_deadline_s=0.3) as factory:
        for call in await calls(factory.for_user(ALICE, None, MAIL), graph):
            with pytest.raises(GraphUnavailable) as caught:
                await call
            assert (caught.value.remedy is Remedy.LOOK_FIRST) is (calls is _changing)


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
async def test_a_part_of_a_batch_is_a_change_or_not_by_its_own_method(
    client: GraphClient, graph: ScriptedGraph, method: str
) -> None:
    graph.otherwise = JSONResponse({"responses": []})
    copy = client.request(client.me.messages.by_message_id("m").copy, "POST", json={})
    own = client.request(client.me.messages.by_message_id("n"), method)
    _, part = await client.answers_to([copy, own])
    assert ("may or may not have been made" in part.error().message) is (method != "GET")


async def test_an_endless_body_ends_at_the_limit(graph: ScriptedGraph, tokens: Tokens) -> None:
    graph.answers = [endless()]
    async with factory_for(graph, tokens, max_body_bytes=2**20) as factory:
        with pytest.raises(AnswerUnreadable, match="larger"):
            await read(factory.for_user(ALICE, None, MAIL))


async def test_an_answer_that_never_comes_ends_at_the_deadline(graph: ScriptedGraph, tokens: Tokens) -> None:
    graph.answers = [Silence(), Silence()]
    async with factory_for(graph, tokens, deadline_s=0.3) as factory, patience():
        with pytest.raises(GraphUnavailable, match="in time"):
            await read(factory.for_user(ALICE, None, MAIL))
        with pytest.raises(OutcomeUnknown):
            await send(factory.for_user(ALICE, None, MAIL))


@pytest.mark.parametrize("body", [b'{"error":{"message":"\xff"}}', b'{"error":{"code":"a","x":' + b"[" * 100_000])
async def test_a_failure_that_cannot_be_decoded_keeps_its_status(
    client: GraphClient, graph: ScriptedGraph, body: bytes
) -> None:
    value = client.value_request(client.me.messages.by_message_id("m"))
    graph.otherwise = Response(body, 403, media_type="application/json")
    for call in (client.bytes_of(value), read(client), send(client)):
        with pytest.raises(AccessDenied):
            await call


async def test_a_sign_in_error_of_the_token_source_passes_unchanged(graph: ScriptedGraph) -> None:
    class SignedOut(Tokens):
        async def access_token(self, user: UserKey, *_: object, **__: object) -> None:  # type: ignore[override]
            raise SignInRequired("Nobody is signed in.")

    async with factory_for(graph, SignedOut()) as factory:
        with pytest.raises(SignInRequired):
            await read(factory.for_user(ALICE, None, MAIL))
    assert graph.asked == []


async def test_no_error_shows_a_token(graph: ScriptedGraph, client: GraphClient) -> None:
    seen: list[BaseException] = []
    for answer in (HTML, CutOff(), refusal(403, "ErrorAccessDenied"), refusal(500, "x")):
        graph.answers = [answer, answer, answer]
        try:
            await send(client)
        except GraphError as error:
            seen.append(error)
    assert len(seen) == 4
    assert all("token-of" not in f"{error!r} {error} {error.__dict__}" for error in seen)


async def test_a_cancelled_call_gives_its_place_back(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.answers = [Silence() for _ in range(8)]
    async with anyio.create_task_group() as group:
        for _ in range(8):
            group.start_soon(read, client)
        await until(lambda: len(graph.asked) == client.settings.concurrent_per_mailbox)
        group.cancel_scope.cancel()
    graph.answers = []
    assert (await read(client)).value
