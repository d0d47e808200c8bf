"""Every call is on record, and a log that cannot be written stops changes but hides nothing that was done."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import anyio
import anyio.lowlevel
import pytest
from mcp import Client
from mcp.server.mcpserver import MCPServer
from mcp.types import TextContent

from outlook_mcp.audit.verify import tail
from outlook_mcp.errors import AccessTokenRejected, NotFound, SignInError, SignInRequired
from outlook_mcp.identity.context import UserContext
from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.connections.mailbox_choice import Mailboxes
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.pipeline import EmailToolServer
from outlook_mcp.server.services import Services
from outlook_mcp.workspace.workspace import EmailWorkspaceManager
from tests.audit_logs import audit_log
from tests.callers import FixedCaller

USER = UserKey("tenant", "somebody")


class LookedUpCaller(FixedCaller):
    """Who is calling takes a turn of the event loop to find out, as in a vault."""

    async def context(self) -> UserContext:
        await anyio.lowlevel.checkpoint()
        return await super().context()


@dataclass
class OneSignIn:
    """A sign-in at one address, which has `ended` or waits for ever, and what it was begun for."""

    ended: bool = False
    begun: list[SignInError] = field(default_factory=list)
    id: str = "sign-in"
    url: str = "https://login.example/begin"

    async def begin(self, needed: SignInError, account: str | None) -> OneSignIn:
        self.begun.append(needed)
        return self

    async def find(self, id: str) -> OneSignIn | None:
        return self if id == self.id else None

    async def has_ended(self) -> bool:
        return self.ended

    async def wait(self) -> None:
        if not self.ended:
            await anyio.sleep_forever()


class Deeds:
    """Tools that leave a trace when they ran, end well or badly, or never."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.done: list[str] = []
        self.begun = anyio.Event()
        self.sign_ins = OneSignIn()

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

        @email_tool(toolset="mail-write")
        async def change_and_wait() -> str:
            """Begins a change and never ends it."""
            self.done.append("change")
            self.begun.set()
            await anyio.sleep_forever()
            return "never"

        @email_tool(toolset="mail-write")
        async def stumble() -> str:
            """Meets a fault of ours."""
            raise LookupError

        @email_tool(toolset="mail-read", reads_only=True)
        async def look_with_a_refused_token() -> str:
            """Is refused until somebody signed in again."""
            if self.sign_ins.begun:
                return "seen"
            raise AccessTokenRejected("Microsoft Graph refused (401 InvalidAuthenticationToken).", status=401)

        @asynccontextmanager
        async def lifespan(_: MCPServer[Services]) -> AsyncIterator[Services]:
            nobody = cast(Mailboxes, None), cast(EmailWorkspaceManager, None)
            yield Services(LookedUpCaller(USER), *nobody, self.sign_ins, audit_log(self.log))

        tools = [change, change_and_lose_the_log, look, change_and_wait, stumble, look_with_a_refused_token]
        return EmailToolServer(tools, lifespan, name="outlook")


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
    assert "There are: change, change_and_lose_the_log, look, " in text


async def test_a_change_that_is_cancelled_has_an_ending_on_record(deeds: Deeds) -> None:
    async with Client(deeds.server()) as client, anyio.create_task_group() as calls:
        calls.start_soon(client.call_tool, "change_and_wait", {})
        await deeds.begun.wait()
        calls.cancel_scope.cancel()
    assert deeds.done == ["change"]
    assert ended(deeds) == [
        ("tool:call:started", {"tool": "change_and_wait"}),
        ("tool:call:failed", {"tool": "change_and_wait", "outcome": "cancelled"}),
    ]


async def test_a_change_that_meets_a_fault_of_ours_has_an_ending_on_record(deeds: Deeds) -> None:
    is_error, _ = await answer(deeds, "stumble")
    assert is_error
    assert ended(deeds)[-1] == ("tool:call:failed", {"tool": "stumble", "outcome": "broken"})


async def test_when_graph_refuses_even_a_fresh_token_the_way_to_sign_in_is_offered(deeds: Deeds) -> None:
    is_error, text = await answer(deeds, "look_with_a_refused_token")
    assert is_error
    assert text.startswith("Microsoft Graph refused (401 InvalidAuthenticationToken).")
    assert f"Ask the user to open {deeds.sign_ins.url} and sign in" in text
    assert [type(needed) for needed in deeds.sign_ins.begun] == [SignInRequired]
    assert ended(deeds) == [
        ("tool:call:failed", {"tool": "look_with_a_refused_token", "outcome": "sign_in_required"}),
    ]


async def test_after_the_new_sign_in_the_call_goes_on_to_its_answer(deeds: Deeds) -> None:
    deeds.sign_ins.ended = True
    assert await answer(deeds, "look_with_a_refused_token") == (False, "seen")


def ended(deeds: Deeds) -> list[tuple[object, object]]:
    return [(record["tag"], record["details"]) for record in tail(deeds.log, 10)]
