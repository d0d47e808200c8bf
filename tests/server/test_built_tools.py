"""What the SDK needs of a tool, a resource or a prompt is made when it is used first."""

from __future__ import annotations

from typing import Any

import pytest

from outlook_mcp.prompts import CATALOGUE as PROMPTS
from outlook_mcp.resources import CATALOGUE as RESOURCES
from outlook_mcp.server.declare import EmailTool, email_tool
from outlook_mcp.server.email_server import EmailServer

# Never started, so its services are never opened.
NEVER: Any = None


def _tools() -> tuple[EmailTool, EmailTool]:
    async def say(text: str) -> str:
        """Says it."""
        return text

    async def repeat(text: str) -> str:
        """Says it again."""
        return text

    declare = email_tool(toolset="mail-read", reads_only=True)
    return declare(say), declare(repeat)


async def test_a_call_builds_the_tool_that_it_calls_and_a_list_builds_all() -> None:
    called, other = _tools()
    server = EmailServer(NEVER, tools=[called, other], name="outlook")
    assert server._tool_manager.get_tool("say") is called.built
    assert server._tool_manager.get_tool("nothing") is None
    assert "built" not in vars(other)
    assert [tool.name for tool in await server.list_tools()] == ["say", "repeat"]
    assert "built" in vars(other)


@pytest.mark.parametrize("asked_first", ["list_prompts", "list_resource_templates"])
async def test_resources_and_prompts_are_listed_whole_whatever_is_asked_first(asked_first: str) -> None:
    server = EmailServer(NEVER, resources=RESOURCES, prompts=PROMPTS, name="outlook")
    await getattr(server, asked_first)()
    assert [prompt.name for prompt in await server.list_prompts()] == [prompt.name for prompt in PROMPTS]
    templates = await server.list_resource_templates()
    assert [template.uri_template for template in templates] == [resource.uri for resource in RESOURCES]
