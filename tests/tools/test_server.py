"""Every call is on record, and a log that cannot be written stops changes but hides nothing that was done."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import pytest
from mcp import Client
from mcp.server.mcpserver import MCPServer
from mcp.types import TextContent
from pydantic import SecretBytes

from outlook_mcp.audit.log import AuditLog
from outlook_mcp.audit.verify import tail
from outlook_mcp.errors import NotFound
from outlook_mcp.identity.user import UserKey
from outlook_mcp.mail.workspace import EmailWorkspaceManager
from outlook_mcp.tools.declare import email_tool
from outlook_mcp.tools.server import EmailToolServer
from outlook_mcp.tools.services import Mailboxes, Services
from outlook_mcp.tools.sign_in import SignIns
from tests.callers import FixedCaller

USER = UserKey("tenant", "somebody")


class Deeds:
    """Two tools that leave a trace when they ran; the second takes the log away while it runs."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.done: list[str] = []

    def server(self) -> EmailToolServer:
        @email_tool(toolset="mail-write")
        async def change(ids: list[str]) -> str:
            """Changes something."""
            self.done.append("change")
            return "changed"

        @email_tool(toolset="mail-write")
        async def change_and_lose_the_log() -> str:
            """Changes something while the log goes away."""
            self.done.append("change")
            self.log.unlink()
            self.log.mkdir()
            return "changed"

        @email_tool(toolset="mail-read", reads_only=True)
        async def look() -> str:
            """Looks for something that is not there."""
            raise NotFound("There is no such message.")

        @asynccontextmanager
        async def lifespan(_: MCPServer[Services]) -> AsyncIterator[Services]:
            nobody = cast(Mailboxes, None), cast(EmailWorkspaceManager, None), cast(SignIns, None)
            yield Services(FixedCaller(USER), *nobody, AuditLog(self.log, SecretBytes(b"k" * 32)))

        return EmailToolServer([change, change_and_lose_the_log, look], lifespan, name="outlook")


@pytest.fixture
def deeds(tmp_path: Path) -> Deeds:
    return Deeds(tmp_path / "audit.log")


async def answer(deeds: Deeds, tool: str, **arguments: object) -> tuple[bool, str]:
    async with Client(deeds.server()) as client:
        result = await client.call_tool(tool, arguments)
        texts = [block.text for block in result.content if isinstance(block, TextContent)]
        return bool(result.is_error), " ".join(texts)


async def test_a_change_is_on_record_before_and_after_with_counts_only(deeds: Deeds) -> None:
    assert await answer(deeds, "change", ids=["secret-1", "secret-2"]) == (False, "changed")
    started, finished = tail(deeds.log, 10)
    assert (started["tag"], started["user"]) == ("tool:call:started", str(USER))
    assert finished["details"] == {"tool": "change", "outcome": "ok", "ids": 2}
    assert "secret" not in deeds.log.read_text()


async def test_a_failed_call_is_on_record_with_its_code(deeds: Deeds) -> None:
    is_error, text = await answer(deeds, "look")
    assert is_error
    assert text == "There is no such message. It may have been moved or deleted; search again."
    assert [record["details"] for record in tail(deeds.log, 10)] == [{"tool": "look", "outcome": "not_found"}]


async def test_a_change_that_cannot_be_put_on_record_is_not_made(deeds: Deeds) -> None:
    deeds.log.mkdir()
    is_error, text = await answer(deeds, "change", ids=["1"])
    assert is_error
    assert "cannot be written" in text
    assert deeds.done == []


async def test_a_change_that_was_made_is_told_even_when_the_log_is_lost_meanwhile(deeds: Deeds) -> None:
    is_error, text = await answer(deeds, "change_and_lose_the_log")
    assert not is_error
    assert text.startswith("changed Not on record: ")


async def test_an_unknown_tool_is_answered_with_those_there_are(deeds: Deeds) -> None:
    is_error, text = await answer(deeds, "delete_everything")
    assert is_error
    assert "There are: change, change_and_lose_the_log, look." in text
