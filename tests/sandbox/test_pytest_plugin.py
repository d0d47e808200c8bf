"""The fixture that other projects' tests use."""

from __future__ import annotations

import httpx
import pytest

from outlook_mcp.sandbox.pytest_plugin import (
    GraphSandbox,
    graph_sandbox,
    graph_sandbox_options,
    running_graph_sandbox,
)

__all__ = ["graph_sandbox", "graph_sandbox_options", "running_graph_sandbox"]

NOTE = b"From: dora@example.org\r\nSubject: Harvest\r\n\r\nRipe.\r\n"


def test_a_delivered_message_is_in_the_inbox_of_its_user_alone(graph_sandbox: GraphSandbox) -> None:
    alice, bob = graph_sandbox.users[:2]
    identifier = graph_sandbox.deliver(alice, NOTE)
    assert [message["id"] for message in inbox(graph_sandbox, alice.address)] == [identifier]
    assert inbox(graph_sandbox, bob.address) == []


def test_each_test_begins_with_empty_mailboxes_and_no_requests(graph_sandbox: GraphSandbox) -> None:
    assert inbox(graph_sandbox, graph_sandbox.users[0].address) == []
    assert [(request["path"], request["status"]) for request in graph_sandbox.requests()] == [
        ("/v1.0/me/mailFolders/inbox/messages", 200)
    ]


def test_what_the_control_api_refuses_is_an_error_with_its_reason(graph_sandbox: GraphSandbox) -> None:
    with pytest.raises(ValueError, match="no such user; there are alice@contoso.example"):
        graph_sandbox.token("nobody@example.org", "Mail.Read")


def inbox(sandbox: GraphSandbox, address: str) -> list[dict[str, object]]:
    headers = {"Authorization": f"Bearer {sandbox.token(address, 'Mail.Read')}"}
    answer = httpx.get(f"{sandbox.graph_url}/me/mailFolders/inbox/messages", headers=headers)
    return list(answer.json()["value"])
