"""Many calls at once reach one mailbox no faster than it takes them."""

from __future__ import annotations

import asyncio

from outlook_mcp.mail.search.mail_query import MailQuery
from outlook_mcp.workspace.workspace import EmailWorkspace
from tests.workspace.conftest import World

# Three times what a mailbox takes.
CALLS = 12


async def test_calls_at_once_are_never_throttled(world: World, alice: EmailWorkspace) -> None:
    world.faults({"route": "/v1.0/me/messages", "delay_s": 0.1})
    await asyncio.gather(*(alice.search.search_messages(MailQuery(folder="all")) for _ in range(CALLS)))
    assert {record.status for record in world.sandbox.log.records} == {200}
