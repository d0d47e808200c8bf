"""A server whose tools leave a trace when they ran, end well or badly, or never."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import anyio
import anyio.lowlevel
from mcp.server.mcpserver import MCPServer

from outlook_mcp.audit.tail import last_records
from outlook_mcp.errors import AccessTokenRejected, NotFound, OutcomeUnknown, SignInRequired
from outlook_mcp.identity.context import UserContext
from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.connections.mailbox_choice import Mailboxes
from outlook_mcp.server.declare import EmailTool, email_tool
from outlook_mcp.server.email_server import EmailServer
from outlook_mcp.server.services import Call, Caller, Services, record_of
from outlook_mcp.server.settings import CallSettings
from outlook_mcp.workspace.manager import EmailWorkspaceManager
from tests.audit_logs import audit_log
from tests.callers import FixedCaller
from tests.sign_ins import OneSignIn

USER = UserKey("tenant", "somebody")


class LookedUpCaller(FixedCaller):
    """Who is calling takes a turn of the event loop to find out, as in a vault."""

    async def context(self) -> UserContext:
        await anyio.lowlevel.checkpoint()
        return await super().context()


class CallerWhoMayOnlyRead(LookedUpCaller):
    async def allows(self, scope: str) -> bool:
        return scope == "mail.read"


class Nobody:
    """Nobody is signed in."""

    async def context(self) -> UserContext:
        raise SignInRequired("Nobody is signed in.")

    async def allows(self, scope: str) -> bool:
        return True


class Deeds:
    """Tools that leave a trace when they ran, end well or badly, or never."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.done: list[str] = []
        self.begun = anyio.Event()
        self.sign_ins = OneSignIn()
        self.audit = audit_log(log)
        self.caller: Caller = LookedUpCaller(USER)

    async def personal(self) -> list[dict[str, object]]:
        """What only the key of its user opens, of each record."""
        return [await self.audit.open_personal(record) or {} for record in last_records(self.log, 10)]

    def server(self, settings: CallSettings | None = None, own: Sequence[EmailTool] = ()) -> EmailServer:
        @asynccontextmanager
        async def lifespan(_: MCPServer[Services]) -> AsyncIterator[Services]:
            nobody = cast(Mailboxes, None), cast(EmailWorkspaceManager, None)
            yield Services(self.caller, *nobody, self.sign_ins, self.audit)

        tools = [*_changing(self), *_reading(self), *_sending(), *own]
        return EmailServer(lifespan, tools=tools, settings=settings, name="outlook")


def _changing(deeds: Deeds) -> list[EmailTool]:
    @email_tool(toolset="mail-write")
    async def change(ids: list[str]) -> str:
        """Changes something."""
        deeds.done.append("change")
        return "changed"

    @email_tool(toolset="mail-write")
    async def change_and_lose_the_log() -> str:
        """Changes something while the log goes away."""
        deeds.done.append("change")
        deeds.log.unlink()
        deeds.log.mkdir()
        return "changed"

    @email_tool(toolset="mail-write", after_deadline="Look at it with who_is_calling.")
    async def change_and_wait() -> str:
        """Begins a change and never ends it."""
        deeds.done.append("change")
        deeds.begun.set()
        await anyio.sleep_forever()
        return "never"

    @email_tool(toolset="mail-write")
    async def stumble() -> str:
        """Meets a fault of ours."""
        raise LookupError

    return [change, change_and_lose_the_log, change_and_wait, stumble]


def _reading(deeds: Deeds) -> list[EmailTool]:
    @email_tool(toolset="mail-read", reads_only=True)
    async def look() -> str:
        """Looks for something that is not there."""
        raise NotFound("There is no such message.")

    @email_tool(toolset="mail-read", reads_only=True)
    async def look_with_a_refused_token() -> str:
        """Is refused until somebody signed in again."""
        if deeds.sign_ins.begun:
            return "seen"
        raise AccessTokenRejected("Microsoft Graph refused (401 InvalidAuthenticationToken).", status=401)

    @email_tool(toolset="mail-read", reads_only=True)
    async def look_and_wait() -> str:
        """Looks for ever."""
        await anyio.sleep_forever()
        return "never"

    @email_tool(toolset="mail-read", reads_only=True)
    async def who_is_calling(call: Call, account: str | None = None) -> str:
        """Asks who is calling."""
        return str((await call.request_context.lifespan_context.services.caller.context()).user)

    @email_tool(toolset="mail-read", reads_only=True)
    async def look_elsewhere(call: Call, fails: bool = False) -> str:
        """Looks into the mailbox of somebody else."""
        record_of(call).heading = "Mailbox of Bob."
        if fails:
            raise NotFound("There is no such message.")
        return "seen"

    return [look, look_with_a_refused_token, look_and_wait, who_is_calling, look_elsewhere]


def _sending() -> list[EmailTool]:
    @email_tool(toolset="mail-send", open_world=True)
    async def send(call: Call) -> str:
        """Sends something."""
        record_of(call).sent(["erin@fabrikam.example", "frank@FABRIKAM.example"])
        return "sent"

    @email_tool(toolset="mail-send", open_world=True)
    async def send_and_wait() -> str:
        """Begins to send and never ends it."""
        await anyio.sleep_forever()
        return "never"

    @email_tool(toolset="mail-send", open_world=True)
    async def send_and_lose_the_answer() -> str:
        """Sends something and does not hear of it."""
        lost = OutcomeUnknown("The answer was lost.")
        lost.recipients = ("bob@contoso.example",)
        raise lost

    return [send, send_and_wait, send_and_lose_the_answer]
