"""What a caller over HTTP may do: what was granted, and what this server offers now."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from outlook_mcp.identity.session import SessionService
from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault.sessions import VaultSessions
from outlook_mcp.web.caller import HttpCaller
from tests.server.test_listening import calls_of, session_of
from tests.vaults import vault_in

ALICE = UserKey("tid", "alice")


async def test_a_scope_that_is_offered_no_more_is_not_used_though_it_was_granted(tmp_path: Path) -> None:
    vault = vault_in(tmp_path)
    sessions = SessionService(VaultSessions(vault))
    session = await session_of(sessions, ALICE, "mail.read", "calendar.read")
    with calls_of(session):
        everything = HttpCaller(sessions, ("mail.read", "mail.send", "calendar.read"))
        mail_alone = HttpCaller(sessions, ("mail.read", "mail.send"))
        asked = ("mail.read", "mail.send", "calendar.read")
        assert [await everything.allows(scope) for scope in asked] == [True, False, True]
        assert [await mail_alone.allows(scope) for scope in asked] == [True, False, False]
    with calls_of(replace(session, scopes=("mail.read",))):
        # A token that is older than the widened grant.
        assert await everything.allows("calendar.read")
        assert not await mail_alone.allows("calendar.read")
    await vault.close()
