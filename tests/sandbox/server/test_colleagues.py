"""Users who are there to be many."""

from __future__ import annotations

from pathlib import Path

from outlook_mcp.sandbox import SandboxOptions, describe, run_sandbox


async def test_there_are_as_many_more_users_as_asked_for_each_with_two_messages() -> None:
    async with run_sandbox(SandboxOptions(colleagues=30)) as sandbox:
        more = sandbox.users[-30:]
        assert [user.upn for user in more[:2]] == ["user1@contoso.example", "user2@contoso.example"]
        assert len({user.oid for user in sandbox.users}) == len(sandbox.users) == 36
        for user in more:
            assert sandbox.directory.user(user.oid.upper()) == user
            messages = sandbox.store.mailbox(user.oid).messages.select("1 = 1", (), "m.id", 10)
            assert len(messages) == 2
            assert any(user.display_name in message.subject for message in messages)
        assert "and 30 more, user1@contoso.example to user30@contoso.example" in describe(sandbox)


async def test_users_who_join_a_kept_sandbox_get_an_empty_mailbox(tmp_path: Path) -> None:
    async with run_sandbox(SandboxOptions(state=tmp_path / "state.db")) as sandbox:
        kept = len(sandbox.store.mailbox(sandbox.users[0].oid).messages.select("1 = 1", (), "m.id", 1000))
    async with run_sandbox(SandboxOptions(state=tmp_path / "state.db", colleagues=1)) as sandbox:
        first, last = (sandbox.store.mailbox(sandbox.users[place].oid) for place in (0, -1))
        assert len(first.messages.select("1 = 1", (), "m.id", 1000)) == kept
        assert last.messages.select("1 = 1", (), "m.id", 10) == []
