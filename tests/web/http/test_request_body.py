"""Bodies that nobody reads to the end: the sender gets the answer before the connection is closed."""

from __future__ import annotations

import logging

import anyio
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from outlook_mcp.web.http.parameters import LONGEST_BODY, ParametersRefused, body_of
from outlook_mcp.web.http.site import RequestLimits

CHUNK = b"x" * LONGEST_BODY
CHUNKS = 40


async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:
    try:
        await body_of(Request(scope, receive))
    except ParametersRefused as refused:
        await PlainTextResponse(refused.description, status_code=refused.status)(scope, receive, send)


class Connection:
    """A client that sends `chunks` chunks, and notes what it had sent when the parts of the answer came."""

    def __init__(self, *, chunks: int, is_slow: bool = False) -> None:
        self.left = chunks
        self.is_slow = is_slow
        self.answered: list[tuple[Message, int]] = []

    async def receive(self) -> Message:
        if self.is_slow and self.left == 1:
            await anyio.sleep_forever()
        self.left -= 1
        return {"type": "http.request", "body": CHUNK, "more_body": self.left > 0}

    async def send(self, message: Message) -> None:
        self.answered.append((message, self.left))


async def answered(connection: Connection, *headers: tuple[bytes, bytes], discard_s: float = 10) -> None:
    scope = {"type": "http", "method": "POST", "path": "/token", "headers": headers, "query_string": b""}
    await RequestLimits(endpoint, body_deadline_s=30, discard_s=discard_s)(scope, connection.receive, connection.send)


@pytest.mark.parametrize(
    "header", [(b"content-length", str(CHUNKS * len(CHUNK)).encode()), (b"transfer-encoding", b"chunked")]
)
async def test_the_sender_of_a_body_above_the_limit_gets_its_413_before_the_connection_closes(
    header: tuple[bytes, bytes],
) -> None:
    """The end of an answer closes a connection with `Connection: close`, and unread bytes would reset it."""
    connection = Connection(chunks=CHUNKS)
    await answered(connection, header)
    (start, left_at_start), (text, _), (end, left_at_end) = connection.answered
    assert (start["status"], text["body"], text["more_body"]) == (413, b"The body is too long.", True)
    assert left_at_start == CHUNKS - 2
    assert (end.get("more_body", False), left_at_end) == (False, 0)


async def test_a_body_that_stops_arriving_holds_the_connection_for_a_short_time_only() -> None:
    connection = Connection(chunks=CHUNKS, is_slow=True)
    await answered(connection, (b"transfer-encoding", b"chunked"), discard_s=0.01)
    assert [message["type"] for message, _ in connection.answered][-1] == "http.response.body"


async def test_whoever_leaves_in_the_middle_of_a_body_fills_no_log(caplog: pytest.LogCaptureFixture) -> None:
    async def logs_every_failure(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await Request(scope, receive).body()
        except Exception:
            logging.getLogger("mcp").exception("Error handling POST request")

    parts: list[Message] = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]

    async def receive() -> Message:
        return parts.pop(0)

    async def send(message: Message) -> None:
        return None

    scope = {"type": "http", "method": "POST", "path": "/mcp", "headers": [(b"content-length", b"10")]}
    await RequestLimits(logs_every_failure, body_deadline_s=30, discard_s=10)(scope, receive, send)
    assert (parts, caplog.records) == ([], [])


async def test_a_body_without_end_is_not_read_for_ever() -> None:
    connection = Connection(chunks=10**9)
    await answered(connection, (b"transfer-encoding", b"chunked"))
    assert connection.left > 10**9 - 1100
