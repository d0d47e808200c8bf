"""One user cannot use up or disturb the protocol sessions of others."""

from __future__ import annotations

import asyncio
from pathlib import Path

from outlook_mcp.sandbox import Sandbox
from outlook_mcp.sandbox.faults import Fault
from outlook_mcp.web.settings import WebLimits
from tests.web.site.conversation import Conversation, result_of, text_of
from tests.web.site.served import ALICE, BOB, LEGACY, MODERN, served


async def test_one_user_cannot_use_up_the_protocol_sessions_of_all(sandbox: Sandbox, tmp_path: Path) -> None:
    async with served(sandbox, tmp_path, limits=WebLimits(sessions_per_user=3), stateless=False) as site:
        alices, bobs = (await site.grant(ALICE)).access_token, (await site.grant(BOB)).access_token
        mine = [Conversation(site.http, alices, LEGACY) for _ in range(3)]
        for conversation in mine:
            await conversation.begin()
        hello = {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
        refused = await Conversation(site.http, alices, LEGACY).send("initialize", hello)
        assert refused.status_code == 429
        assert refused.headers["retry-after"] == "1800"
        assert "messages" in await mine[0].text("mail_search")
        for version, token in ((LEGACY, bobs), (MODERN, alices)):
            other = Conversation(site.http, token, version)
            await other.begin()
            assert "messages" in await other.text("mail_search")


async def test_of_two_requests_with_one_id_the_second_is_refused_and_the_first_answered(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    async with served(sandbox, tmp_path, stateless=False) as site:
        client = Conversation(site.http, (await site.grant(ALICE)).access_token, LEGACY)
        await client.begin()
        await client.text("mail_folders")
        sandbox.faults.replace_rules([Fault(route="/v1.0/me/messages*", delay_s=0.5, times=1)])
        search = {"name": "mail_search", "arguments": {"folder": "all"}}
        first = asyncio.create_task(client.send("tools/call", search, request_id=7))
        while sandbox.faults.waiting == 0:  # noqa: ASYNC110
            await asyncio.sleep(0)
        for same in (7, "7"):
            second = await client.send("tools/list", request_id=same)
            assert (second.status_code, second.json()["id"]) == (400, same)
            assert second.json()["error"] == {"code": -32600, "message": "Another request with this id is in progress."}
        assert "messages" in text_of(result_of(await first))
        assert (await client.send("tools/list", request_id=7)).status_code == 200
