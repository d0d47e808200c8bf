"""The digest names what is new, and is left as a draft."""

from __future__ import annotations

import pytest
from mcp import Client

from outlook_mcp.app.stdio import build_server
from outlook_mcp.config import Configuration
from outlook_mcp.sandbox.pytest_plugin import GraphSandbox
from tests.examples.loading import load

example = load("nightly_digest.py")


def note(subject: str) -> bytes:
    return f"From: dora@example.org\r\nSubject: {subject}\r\n\r\nRipe.\r\n".encode()


async def test_the_digest_names_unread_mail_and_is_saved_and_not_sent(
    configuration: Configuration, graph_sandbox: GraphSandbox
) -> None:
    graph_sandbox.deliver(graph_sandbox.users[0], note("Harvest"))
    async with Client(build_server(configuration)) as client:
        digest = await example.write_digest(client)
        saved = await example.save_digest(client, digest)
    first, _, rest = digest.partition("## Flagged")
    assert "Harvest" in first
    assert "Harvest" not in rest
    assert "Digest of " in saved
    assert not [request for request in graph_sandbox.requests() if request["path"].lower().endswith("send")]


async def test_an_error_of_a_tool_ends_the_digest_with_its_text(configuration: Configuration) -> None:
    async with Client(build_server(configuration)) as client:
        with pytest.raises(RuntimeError, match="folder"):
            await example.answer_of(client, "mail_search", {"folder": "no such folder"})
