"""What one user can take from the others where the server keeps protocol sessions."""

from __future__ import annotations

from pathlib import Path

import pytest

from outlook_mcp.sandbox import Sandbox
from outlook_mcp.web import session_quota
from tests.web.site.conversation import Conversation
from tests.web.site.served import ALICE, BOB, LEGACY, MODERN, served


async def test_one_user_cannot_open_the_sessions_of_all(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_quota, "MOST_OF_A_USER", 3)
    async with served(sandbox, tmp_path, stateless=False) as site:
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
