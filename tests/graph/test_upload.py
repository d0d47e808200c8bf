"""Upload sessions: ordered ranges, no token, resumed and never reported done before they are."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from outlook_mcp.errors import GraphError, GraphUnavailable, RequestRejected, Throttled
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.settings import GraphSettings
from outlook_mcp.graph.upload import RANGE_BYTES
from tests.graph.scripted_graph import CutOff, ScriptedGraph, refusal

SIZE = 5 * 2**20 + 7


@dataclass
class Session:
    """What an upload session has taken; `spoil` may answer instead."""

    body: bytearray = field(default_factory=bytearray)
    spoil: list[Response | None] = field(default_factory=list)
    take_at_most: int = 10**9

    def __call__(self, request: Request) -> Response:
        if request.method == "GET":
            return JSONResponse({"NextExpectedRanges": [f"{len(self.body)}-"]})
        found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", request.headers["content-range"])
        assert found
        start, end, total = map(int, found.groups())
        if start != len(self.body):
            return refusal(416, "InvalidRange")
        assert end - start + 1 == int(request.headers["content-length"])
        if self.spoil and (spoiled := self.spoil.pop(0)):
            return spoiled
        content: bytes = request._body
        self.body += content[: self.take_at_most]
        if len(self.body) == total:
            return Response(status_code=201, headers={"location": "https://outlook.office.com/Attachments('a')"})
        return JSONResponse({"expirationDateTime": "x", "NextExpectedRanges": [f"{len(self.body)}-"]})


WHOLE = b"".join(bytes([start % 251]) * 65_536 for start in range(SIZE // 65_536 + 1))[:SIZE]


async def content(position: int, length: int) -> bytes:
    return WHOLE[position : position + length]


async def test_five_megabytes_arrive_whole_and_in_order_without_a_token(
    client: GraphClient, graph: ScriptedGraph
) -> None:
    session = Session()
    graph.otherwise = session
    await client.upload(f"{graph.url}/upload?token=abc", content, SIZE)
    assert bytes(session.body) == WHOLE
    assert [int(asked.headers["content-length"]) for asked in graph.asked] == [RANGE_BYTES, SIZE - RANGE_BYTES]
    assert RANGE_BYTES % (320 * 1024) == 0
    assert RANGE_BYTES <= 4_000_000
    assert all("authorization" not in asked.headers for asked in graph.asked)
    assert {asked.query for asked in graph.asked} == {"token=abc"}


async def test_a_range_taken_in_part_is_completed(client: GraphClient, graph: ScriptedGraph) -> None:
    session = Session(take_at_most=2**21)
    graph.otherwise = session
    await client.upload(f"{graph.url}/upload", content, SIZE)
    assert bytes(session.body) == WHOLE


async def test_a_range_that_failed_is_sent_again_from_where_the_session_stands(
    client: GraphClient, graph: ScriptedGraph
) -> None:
    session = Session(spoil=[None, refusal(503, "Busy", Retry_After="0")])
    graph.otherwise = session
    await client.upload(f"{graph.url}/upload", content, SIZE)
    assert bytes(session.body) == WHOLE
    assert [asked.method for asked in graph.asked] == ["PUT", "PUT", "GET", "PUT"]


@pytest.mark.parametrize("first", [CutOff(), refusal(416, "InvalidRange"), refusal(503, "Busy", Retry_After="0")])
async def test_where_a_session_has_taken_a_range_already_it_is_asked_and_goes_on(
    client: GraphClient, graph: ScriptedGraph, first: Response
) -> None:
    """The HTTP library sends a PUT again by itself when its answer is lost; the session then has the range."""
    session = Session()

    def take_and_answer_otherwise(request: Request) -> Response:
        session(request)
        return first

    graph.answers, graph.otherwise = [take_and_answer_otherwise], session
    await client.upload(f"{graph.url}/upload", content, SIZE)
    assert bytes(session.body) == WHOLE
    assert [asked.method for asked in graph.asked] == ["PUT", "GET", "PUT"]


async def test_a_session_that_ends_with_the_last_range_leaves_open_whether_the_file_arrived(
    client: GraphClient, graph: ScriptedGraph
) -> None:
    session = Session()
    gone = refusal(404, "UploadSessionNotFound")
    graph.answers, graph.otherwise = [session], gone
    with pytest.raises(GraphUnavailable, match="may or may not have been made") as caught:
        await client.upload(f"{graph.url}/upload", content, SIZE)
    assert not caught.value.outcome_is_known


async def test_a_session_that_ended_is_an_error(client: GraphClient, graph: ScriptedGraph) -> None:
    graph.otherwise = refusal(404, "UploadSessionNotFound")
    with pytest.raises(GraphError) as caught:
        await client.upload(f"{graph.url}/upload", content, SIZE)
    assert caught.value.status == 404
    assert len(graph.asked) == 1


async def test_a_session_that_takes_nothing_is_an_error_and_not_success(
    client: GraphClient, graph: ScriptedGraph
) -> None:
    graph.otherwise = JSONResponse({"NextExpectedRanges": ["0-"]})
    with pytest.raises(GraphUnavailable):
        await client.upload(f"{graph.url}/upload", content, SIZE)


async def test_a_session_that_asks_to_wait_for_an_hour_is_not_waited_for(
    client: GraphClient, graph: ScriptedGraph
) -> None:
    graph.otherwise = refusal(429, "TooManyRequests", retry_after="3600")
    with pytest.raises(Throttled) as caught:
        await client.upload(f"{graph.url}/upload", content, SIZE)
    assert caught.value.retry_after_s == 3600
    assert len(graph.asked) == 1


async def test_a_file_shorter_than_announced_is_an_error(client: GraphClient, graph: ScriptedGraph) -> None:
    graph.otherwise = Session()
    with pytest.raises(ValueError, match="bytes announced"):
        await client.upload(f"{graph.url}/upload", content, SIZE + 1)


async def test_a_range_that_the_session_lost_is_sent_again(client: GraphClient, graph: ScriptedGraph) -> None:
    session = Session()

    def take_and_lose(request: Request) -> Response:
        session(request)
        del session.body[2**20 :]
        return JSONResponse({"NextExpectedRanges": [f"{2**20}-"]})

    graph.answers, graph.otherwise = [session, take_and_lose], session
    await client.upload(f"{graph.url}/upload", content, SIZE)
    assert bytes(session.body) == WHOLE


async def test_a_session_that_was_begun_goes_on_where_it_stands(client: GraphClient, graph: ScriptedGraph) -> None:
    session = Session(body=bytearray(WHOLE[: 4 * 2**20]))
    arrived: list[int] = []

    async def note(number: int) -> None:
        arrived.append(number)

    graph.otherwise = session
    await client.upload(f"{graph.url}/upload", content, SIZE, is_begun=True, on_progress=note)
    assert bytes(session.body) == WHOLE
    assert [asked.method for asked in graph.asked] == ["GET", "PUT"]
    assert arrived == [SIZE]


@pytest.mark.parametrize(
    ("base_url", "url", "allowed"),
    [
        ("https://graph.microsoft.com/v1.0", "https://outlook.office.com/api/upload?x=1", True),
        ("https://graph.microsoft.com/v1.0", "https://OUTLOOK.office365.com/x", True),
        ("https://graph.microsoft.com/v1.0", "https://outlook.office.com.evil.example/x", False),
        ("https://graph.microsoft.com/v1.0", "http://outlook.office.com/x", False),
        ("https://graph.microsoft.com/v1.0", "http://127.0.0.1:80/x", False),
        ("https://graph.microsoft.com/v1.0", "https://a@outlook.office.com/x", False),
        ("http://127.0.0.1:1/v1.0", "http://127.0.0.1:2/x", True),
    ],
)
def test_upload_addresses_are_those_of_exchange(base_url: str, url: str, allowed: bool) -> None:
    settings = GraphSettings(base_url=base_url)
    if allowed:
        settings.require_upload(url)
    else:
        with pytest.raises(RequestRejected):
            settings.require_upload(url)
