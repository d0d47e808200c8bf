"""A server process ends when its client goes while it listens."""

from __future__ import annotations

import json
import os
from typing import Any

import anyio
import pytest
from anyio.abc import Process
from anyio.streams.text import TextReceiveStream

from outlook_mcp.server.subscription_bus import INBOX
from tests.e2e.office import Office
from tests.e2e.test_sending import served_as_a_process

PATIENCE_S = 20.0
CLIENT = {"name": "test", "version": "1"}
PREFIX = "io.modelcontextprotocol/"
ENVELOPE = {
    f"{PREFIX}protocolVersion": "2026-07-28",
    f"{PREFIX}clientCapabilities": {},
    f"{PREFIX}clientInfo": CLIENT,
}
MODERN = [("subscriptions/listen", {"_meta": ENVELOPE, "notifications": {"resourceSubscriptions": [INBOX]}})]
LEGACY = [
    ("initialize", {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": CLIENT}),
    ("resources/subscribe", {"uri": INBOX}),
]


async def say(process: Process, number: int, method: str, params: dict[str, Any]) -> None:
    message = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
    assert process.stdin is not None
    await process.stdin.send(json.dumps(message).encode() + b"\n")


@pytest.mark.parametrize("requests", [MODERN, LEGACY], ids=["modern", "legacy"])
async def test_a_process_ends_with_its_client_while_that_listens(
    office: Office, requests: list[tuple[str, dict[str, Any]]]
) -> None:
    await office.sign_in(office.alice)
    server = served_as_a_process(office)
    command, variables = [server.command, *server.args], {**os.environ, **(server.env or {})}
    with anyio.fail_after(PATIENCE_S):
        async with await anyio.open_process(command, env=variables, stderr=None) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            answers = TextReceiveStream(process.stdout)
            for number, (method, params) in enumerate(requests):
                await say(process, number, method, params)
                assert '"error"' not in await answers.receive()
            await process.stdin.aclose()
            assert await process.wait() == 0
