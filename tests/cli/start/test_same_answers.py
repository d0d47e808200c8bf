"""Whatever a client sends, it gets the same answers in the same order with a snapshot as without one."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator, Sequence
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from mcp.server.stdio import stdio_server

from outlook_mcp.cli.start.snapshot import Answers, Snapshot
from outlook_mcp.server.email_server import EmailServer
from outlook_mcp.server.request_queue import queued_requests
from tests.cli.start.requests import CAPABILITIES, CLIENT, LISTS, PREFIX
from tests.effort import usually

VERSIONS = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28", "2030-01-01", "", 5, None)
METHODS = (
    *LISTS,
    *LISTS,
    "ping",
    "ping",
    "server/discover",
    "skills/list",
    "logging/setLevel",
    "nothing",
    "initialize",
)
IDS = (0, 1, -1, "1", "", 2**70, "\U0001f600", "x" * 300)
ODD_IDS = (1.0, 1.5, None, True, [1])
CAPABLE: tuple[Any, ...] = (
    {},
    {"roots": {"listChanged": "banana"}},
    {"roots": {"listChanged": 1}},
    {"roots": None},
    {"experimental": {"a": {"b": [1.5, None]}}},
    {"experimental": {"a": 1}},
    {"sampling": {"tools": {}}},
    {"sampling": {"tools": 1}},
    {"elicitation": {"form": {"applyDefaults": True}}},
    {"elicitation": {"form": 1}},
    {"tasks": {"list": {}, "requests": {"sampling": {"createMessage": {}}}}},
    {"tasks": {"requests": {"sampling": 3}}},
    {"extensions": {"a": {}}},
    {"extensions": {"a": 1}},
    {"unheard-of": {}},
    None,
    [],
)
CLIENTS = (
    {"name": "x", "version": "1"},
    {"name": "x"},
    {"name": "x", "version": 1},
    {"name": "x", "version": "1", "title": None},
    {"name": "x", "version": "1", "icons": [{"src": "no address", "sizes": ["any"]}]},
    {"name": "x", "version": "1", "websiteUrl": "no address"},
    None,
)
SAID = (
    b"garbage",
    b"\xff\xfe\x00",
    b"[]",
    b"{}",
    b'{"jsonrpc":"2.0","id":9,"result":{}}',
    b'{"jsonrpc":"2.0","id":9,"error":{"code":1,"message":"x"}}',
    b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":11}}',
    b'{"jsonrpc":"2.0","method":"notifications/initialized"}',
    b'{"jsonrpc":"2.0","method":"notifications/nothing"}',
    b'{"jsonrpc":"2.0","method":"tools/list"}',
)
# What stands around a line.
AROUND = ((b"\xef\xbb\xbf", b""), (b"", b"\r"), (b" \t", b" "), (b"\x0b", b""), (b"[", b"]"))
# How a line is spoiled: what is replaced and by what.
SPOILED = (
    (b'"method"', b'"method":"ping","method"'),
    (b'"id"', b'"id":"twice","id"'),
    (b'"id"', b'"result":{},"id"'),
    (b'"method"', b'"\\u006dethod"'),
    (b'"2.0"', b'"1.0"'),
    (b'"2.0"', b'"2.0","x":"\xff"'),
    (b'"2.0"', b'"2.0","x":NaN'),
    (b"claude", b"cla\\ud800ude"),
    (b"claude", b"cla\xc3ude"),
    (b"tools/", b"to\xffols/"),
    (b'"_meta": {', b'"_meta": {"deep":' + b"[" * 250 + b"]" * 250 + b","),
    (b"}}", b"}"),
)


class Client:
    """Writes what a client, or something like one, sends first."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def lines(self) -> list[bytes]:
        era = self._one_of(["handshake", "envelope", "either", "envelope", "handshake"])
        lines = [self._one_of(SAID) for _ in range(self._random.randrange(3))]
        for number in range(self._random.randint(1, 9)):
            opens = era != "envelope" and number == 0
            method = "initialize" if opens else self._one_of(METHODS)
            is_modern = era == "envelope" or (era == "either" and self._one_of([True, False]))
            request_id = self._mostly(number + 10, [*IDS, *ODD_IDS])
            request = {"jsonrpc": "2.0", "id": request_id, "method": method, "params": self._params(method, is_modern)}
            lines.append(self._written(request))
            if self._random.random() < 0.2:
                lines.append(self._one_of(SAID))
        return lines

    def _one_of(self, values: Sequence[Any]) -> Any:
        return self._random.choice(values)

    def _mostly(self, usual: Any, others: Sequence[Any], share: float = 0.8) -> Any:
        return usual if self._random.random() < share else self._one_of(others)

    def _params(self, method: str, is_modern: bool) -> Any:
        if method == "initialize":
            return {
                "protocolVersion": self._mostly("2025-11-25", VERSIONS, 0.6),
                "capabilities": self._mostly(CAPABILITIES, CAPABLE, 0.6),
                "clientInfo": self._mostly(CLIENT, CLIENTS, 0.7),
            }
        meta = self._mostly({}, [{"progressToken": 7}, {"progressToken": 1.5}, {"com.example/x": None}])
        if is_modern:
            meta = {
                f"{PREFIX}protocolVersion": self._mostly("2026-07-28", VERSIONS),
                f"{PREFIX}clientCapabilities": self._mostly(CAPABILITIES, CAPABLE, 0.7),
                f"{PREFIX}clientInfo": self._mostly(CLIENT, CLIENTS),
                **meta,
            }
        listed = self._mostly({}, [{"cursor": "2"}, {"cursor": None}, {"more": 1}], 0.9)
        params = {**listed, "_meta": self._mostly(meta, [None, [], 1], 0.95)} if meta else listed
        return self._mostly(params, [None, [], "x"], 0.95)

    def _written(self, request: object) -> bytes:
        written = json.dumps(request).encode()
        changed = self._random.random()
        if changed < 0.15:
            return written.replace(*self._one_of(SPOILED))
        if changed < 0.25:
            start, end = self._one_of(AROUND)
            return bytes(start + written + end)
        return written


class Output:
    def __init__(self) -> None:
        self.text = ""

    async def write(self, text: str) -> None:
        self.text += text

    async def flush(self) -> None:
        pass


async def answered(server: EmailServer, lines: Sequence[bytes], snapshot: Snapshot | None) -> list[Any]:
    """What a client gets for these lines, as `Opening` and the server answer them."""
    early = b""
    waiting: list[bytes] = []
    ids: list[str | int] = []
    for line in lines:
        if not (found := snapshot and snapshot.answer_to(line)):
            waiting.append(line)
            continue
        early += found[1]
        if not ids:
            ids.append(found[0])
            waiting.append(line)
    is_over = anyio.Event()

    async def read_lines() -> AsyncIterator[str]:
        for line in waiting:
            yield line.decode("utf-8", "replace")
        await is_over.wait()

    output = Output()
    lines_in: Any = read_lines()
    lines_out: Any = output
    async with (
        stdio_server(lines_in, lines_out) as streams,
        queued_requests(*streams, running=server.running, answered=ids) as (received, sent),
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(server.answer_lists, received, sent)
        for _ in range(2):
            await anyio.lowlevel.checkpoint()
            await anyio.wait_all_tasks_blocked()
        is_over.set()
    return [json.loads(told) for told in (early.decode() + output.text).splitlines()]


@pytest.mark.parametrize("seed", range(usually(60, thoroughly=2000)))
async def test_a_client_gets_the_same_answers_in_the_same_order_with_a_snapshot_and_without(
    server: EmailServer, answers: Answers, seed: int
) -> None:
    lines = Client(seed).lines()
    # Compared here, since the lists are so long that to show where they differ takes minutes.
    is_same = await answered(server, lines, Snapshot(answers)) == await answered(server, lines, None)
    assert is_same, lines
