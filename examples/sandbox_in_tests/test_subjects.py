"""Tests of a program that uses Microsoft Graph, without Microsoft. Run them with pytest in this folder."""

from email.message import EmailMessage

import httpx
import pytest
from subjects import unread_subjects

from outlook_mcp.sandbox.pytest_plugin import GraphSandbox


def letter(subject: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["Subject"] = "Dora Ek <dora@example.org>", subject
    message.set_content("See you there.")
    return message


def test_unread_subjects_are_those_of_the_user(graph_sandbox: GraphSandbox) -> None:
    alice, bob = graph_sandbox.users[:2]
    graph_sandbox.deliver(alice, letter("Harvest"))
    graph_sandbox.deliver(bob, letter("Somebody else's"))
    token = graph_sandbox.token(alice, "Mail.Read")
    assert unread_subjects(token, graph_sandbox.graph_url) == ["Harvest"]


def test_a_missing_permission_is_an_error(graph_sandbox: GraphSandbox) -> None:
    token = graph_sandbox.token(graph_sandbox.users[0], "User.Read")
    with pytest.raises(httpx.HTTPStatusError, match="403"):
        unread_subjects(token, graph_sandbox.graph_url)


def test_a_busy_mailbox_is_an_error(graph_sandbox: GraphSandbox) -> None:
    graph_sandbox.inject_faults({"route": "*/messages", "status": 503})
    token = graph_sandbox.token(graph_sandbox.users[0], "Mail.Read")
    with pytest.raises(httpx.HTTPStatusError, match="503"):
        unread_subjects(token, graph_sandbox.graph_url)
