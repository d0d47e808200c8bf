"""Whatever a tool of another package does, its own call alone is told of it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from mcp import Client
from mcp.types import ContentBlock, TextContent

from outlook_mcp.audit.tail import last_records
from outlook_mcp.errors import NotFound
from outlook_mcp.server.declare import EmailTool, email_tool
from outlook_mcp.server.own_tools import GROUP, own_tools
from outlook_mcp.server.services import Call
from outlook_mcp.server.settings import CallSettings
from tests.server.deeds import Deeds

SECRET = "eyJhbGciOiJIUzI1NiJ9"


def cancel() -> str:
    raise asyncio.CancelledError


def end_the_process() -> str:
    sys.exit(3)


def fail() -> str:
    raise ValueError(SECRET)


DONE: dict[str, Callable[[], Any]] = {
    "cancel": cancel,
    "exit": end_the_process,
    "fail": fail,
    "nothing": lambda: None,
    "number": lambda: 5,
    "object": object,
    "bytes": lambda: b"\xff",
    "half_a_character": lambda: "\ud800",
    "no_content": lambda: [{"type": "text", "text": "x"}],
}


@email_tool(toolset="mail-write")
async def misbehave(call: Call, how: str) -> str:
    """Do what no tool should."""
    answer: str = DONE[how]()
    return answer


@email_tool(toolset="mail-read", reads_only=True)
async def behave(call: Call) -> list[ContentBlock]:
    """Show content."""
    return [TextContent(type="text", text="well")]


@email_tool(toolset="mail-read", reads_only=True)
async def find_nothing(call: Call) -> str:
    """Tell that there is nothing."""
    raise NotFound("There is no such parcel.", next_step="Ask for its number.")


@email_tool(toolset="mail-write")
async def wait_for_ever(call: Call) -> str:
    """Wait."""
    await anyio.sleep_forever()
    return ""


def loaded(*names: str) -> list[EmailTool]:
    return own_tools(names, lambda: [EntryPoint(name, f"{__name__}:{name}", GROUP) for name in names])


@pytest.fixture
def deeds(tmp_path: Path) -> Deeds:
    return Deeds(tmp_path / "audit.log")


@pytest.mark.parametrize("how", DONE)
async def test_what_goes_wrong_in_a_tool_of_another_package_is_told_and_ends_nothing_else(
    deeds: Deeds, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with Client(deeds.server(own=loaded("misbehave", "behave"))) as client:
        with anyio.fail_after(20):
            failed = await client.call_tool("misbehave", {"how": how})
            after = await client.call_tool("behave", {})
    assert failed.is_error
    (told,) = failed.content
    assert isinstance(told, TextContent)
    assert "The tool misbehave, which is of another package, failed: " in told.text
    assert "do without the tool until" in told.text
    assert SECRET not in told.text
    assert "Traceback" in caplog.text
    assert after.content == [TextContent(type="text", text="well")]
    assert [record["tag"] for record in last_records(deeds.log, 10)][:2] == ["tool:call:started", "tool:call:failed"]


async def test_an_error_that_it_raises_on_purpose_is_told_in_its_words(deeds: Deeds) -> None:
    async with Client(deeds.server(own=loaded("find_nothing"))) as client:
        answer = await client.call_tool("find_nothing", {})
    assert answer.content == [TextContent(type="text", text="There is no such parcel. Ask for its number.")]


async def test_one_that_waits_for_ever_is_stopped_at_the_deadline(deeds: Deeds) -> None:
    server = deeds.server(CallSettings(deadline_s=0.01), own=loaded("wait_for_ever"))
    async with Client(server) as client:
        answer = await client.call_tool("wait_for_ever", {})
    assert answer.is_error
    assert "of another package, failed" not in str(answer.content)
