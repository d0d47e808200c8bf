"""A snapshot answers what the server would answer, and nothing else."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
from mcp.shared.message import SessionMessage
from mcp.types import jsonrpc_message_adapter
from mcp.types.version import HANDSHAKE_PROTOCOL_VERSIONS, MODERN_PROTOCOL_VERSIONS

from outlook_mcp.cli.start.snapshot import MODERN, Answers, Snapshot
from outlook_mcp.server.email_server import EmailServer
from tests.cli.start.requests import CLIENT, ENVELOPE, PREFIX, asked_in, hello, line


def able(capabilities: object) -> bytes:
    asked = {"protocolVersion": "2025-11-25", "capabilities": capabilities, "clientInfo": CLIENT}
    return line(1, "initialize", asked)


@asynccontextmanager
async def live(server: EmailServer) -> AsyncIterator[Any]:
    send, received = anyio.create_memory_object_stream[SessionMessage | Exception](9)
    sent, answered = anyio.create_memory_object_stream[SessionMessage](9)

    async def answer_to(asked: bytes) -> bytes:
        await send.send(SessionMessage(jsonrpc_message_adapter.validate_json(asked, by_name=False)))
        message = (await answered.receive()).message
        return message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n"

    async with send, answered, anyio.create_task_group() as tasks:
        lowlevel = server._lowlevel_server
        tasks.start_soon(lowlevel.run, received, sent, lowlevel.create_initialization_options())
        yield answer_to
        tasks.cancel_scope.cancel()


@pytest.mark.parametrize("version", [*HANDSHAKE_PROTOCOL_VERSIONS, *MODERN_PROTOCOL_VERSIONS])
async def test_every_answer_of_a_snapshot_is_the_one_of_the_server(
    server: EmailServer, answers: Answers, version: str
) -> None:
    snapshot = Snapshot(answers)
    async with live(server) as answer_to:
        for asked in asked_in(version):
            expected = await answer_to(asked)
            found = snapshot.answer_to(asked)
            if b'"result":' in expected:
                assert found == (json.loads(asked)["id"], expected), asked
            else:
                assert found is None, asked


@pytest.mark.parametrize(
    "said",
    [
        b"garbage",
        b"\xff\xfe",
        b"[]",
        b'"tools/list"',
        b"[" * 100_000,
        b'[{"jsonrpc":"2.0","id":1,"method":"tools/list"}]',
        b'{"jsonrpc":"2.0","method":"notifications/initialized"}',
        b'{"jsonrpc":"2.0","id":1,"result":{}}',
        b'\xef\xbb\xbf{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
    ],
)
async def test_what_is_no_request_goes_to_the_server_and_changes_no_answer(answers: Answers, said: bytes) -> None:
    snapshot = Snapshot(answers)
    assert snapshot.answer_to(said) is None
    assert snapshot.answer_to(hello("2025-06-18"))
    assert snapshot.answer_to(said) is None
    assert snapshot.answer_to(line(2, "tools/list"))


@pytest.mark.parametrize(
    "asked",
    [
        b'{"jsonrpc":"2.0","id":1.5,"method":"tools/list"}',
        b'{"jsonrpc":"2.0","id":true,"method":"tools/list"}',
        b'{"jsonrpc":"2.0","id":null,"method":"tools/list"}',
        b'{"jsonrpc":"1.0","id":1,"method":"tools/list"}',
        b'{"jsonrpc":"2.0","id":1,"method":["tools/list"]}',
        b'{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"half":"\\ud800"}}}',
        b'{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"deep":%s%s}}}' % (b"[" * 900, b"]" * 900),
        line(1, "tools/list", {"cursor": "2"}),
        line(1, "tools/list", {"_meta": 1}),
        line(1, "tools/call", {"name": "mail_folders", "arguments": {}}),
        line(1, "tools/list", {"_meta": ENVELOPE}),
        hello("2025-11-25"),
    ],
)
async def test_a_request_that_is_no_plain_list_of_the_connections_era_goes_to_the_server_with_all_after_it(
    answers: Answers, asked: bytes
) -> None:
    snapshot = Snapshot(answers)
    assert snapshot.answer_to(hello("2025-06-18"))
    assert snapshot.answer_to(asked) is None
    assert snapshot.answer_to(line(2, "tools/list")) is None


async def test_a_client_that_reads_no_answer_gets_no_more_of_them_than_a_pipe_holds(answers: Answers) -> None:
    snapshot = Snapshot(answers)
    answered = [snapshot.answer_to(hello("2025-06-18"))]
    while answered[-1]:
        answered.append(snapshot.answer_to(line(len(answered), "tools/list")))
    assert 20_000 < sum(len(answer) for found in answered if found for answer in found[1:]) <= 2**16
    assert snapshot.answer_to(line(0, "ping")) is None


@pytest.mark.parametrize(
    "asked",
    [
        line(1, "tools/list"),
        hello("1999-01-01"),
        hello(MODERN),
        able({"roots": 1}),
        able({"roots": {"listChanged": "yes"}}),
        able({"sampling": {"tools": True}}),
        able({"tasks": {"requests": {"sampling": 3}}}),
        able({"experimental": {"a": 1}}),
        line(1, "initialize", {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": 1}}),
        line(1, "tools/list", {"_meta": {**ENVELOPE, f"{PREFIX}protocolVersion": "2030-01-01"}}),
        line(1, "tools/list", {"_meta": {**ENVELOPE, f"{PREFIX}clientCapabilities": None}}),
        line(1, "tools/list", {"_meta": {**ENVELOPE, f"{PREFIX}logLevel": "debug"}}),
    ],
)
async def test_a_connection_that_begins_in_no_known_way_begins_with_the_server(answers: Answers, asked: bytes) -> None:
    assert Snapshot(answers).answer_to(asked) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"icons": {}},
        {"icons": [{"sizes": ["any"]}]},
        {"icons": [{"src": "https://claude.example/icon.svg", "sizes": "any"}]},
        {"icons": [{"src": "https://claude.example/icon.svg", "theme": "purple"}]},
        {"websiteUrl": None},
        {"unheard-of": "x"},
    ],
)
async def test_a_client_that_describes_itself_in_another_form_is_answered_by_the_server(
    answers: Answers, wrong: dict[str, object]
) -> None:
    asked = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": CLIENT}
    assert Snapshot(answers).answer_to(line(1, "initialize", asked))
    assert Snapshot(answers).answer_to(line(1, "initialize", {**asked, "clientInfo": {**CLIENT, **wrong}})) is None
