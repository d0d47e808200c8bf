"""Which scope a call needs, from its MCP method and the name or address of what it calls."""

from __future__ import annotations

from typing import Any

import pytest

from outlook_mcp.resources import CATALOGUE as RESOURCES
from outlook_mcp.server.declare import email_prompt
from outlook_mcp.server.email_server import EmailServer
from outlook_mcp.tools import EmailTools


@email_prompt(toolset="mail-read")
def folders_prompt() -> str:
    """A prompt that reads a mailbox."""
    return ""


@email_prompt()
def fixed_prompt() -> str:
    """A prompt that reads nothing."""
    return ""


@pytest.fixture(scope="module")
def server() -> EmailServer:
    tools = EmailTools(("mail-read", "mail-send"), read_only=False).offered
    # Never started, so its services are never opened.
    never: Any = None
    return EmailServer(never, tools=tools, resources=RESOURCES, prompts=[folders_prompt, fixed_prompt], name="outlook")


@pytest.mark.parametrize(
    ("method", "name", "scope"),
    [
        ("tools/call", "mail_search", "mail.read"),
        ("tools/call", "mail_send", "mail.send"),
        ("resources/read", "outlook://me/folders?under=inbox", "mail.read"),
        ("resources/read", "outlook://me/messages/4711", "mail.read"),
        ("prompts/get", "folders_prompt", "mail.read"),
    ],
)
def test_tools_resources_and_prompts_that_reach_a_mailbox_need_a_scope(
    server: EmailServer, method: str, name: str, scope: str
) -> None:
    assert server.needed_scope(method, name) == scope


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("prompts/get", "fixed_prompt"),
        ("tools/call", "mail_update"),
        ("tools/call", "outlook://me/folders"),
        ("resources/read", "mail_search"),
        ("resources/read", "outlook://me/else"),
        ("tools/list", ""),
        ("", ""),
    ],
)
def test_what_reaches_no_mailbox_or_is_not_offered_needs_none(server: EmailServer, method: str, name: str) -> None:
    assert server.needed_scope(method, name) is None
