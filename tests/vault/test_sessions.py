"""Sessions as sealed records."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from outlook_mcp.identity.session import IDLE, Session, SessionService
from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault.sessions import VaultSessions
from outlook_mcp.vault.vault import CredentialVault

ALICE = UserKey("contoso", "alice")


async def started(vault: CredentialVault, now: datetime | None = None) -> tuple[SessionService, Session]:
    service = SessionService(VaultSessions(vault), lambda: now or datetime.now(UTC))
    return service, await service.start_session(ALICE, client_id="id", client_name="Client", scopes=("mail.read",))


async def test_a_session_comes_back_as_it_was_kept(vault: CredentialVault) -> None:
    service, session = await started(vault)
    assert await service.find_session(ALICE, session.id) == session
    assert await service.sessions_of(ALICE) == (session,)


async def test_changes_at_the_same_time_all_count(vault: CredentialVault) -> None:
    service, session = await started(vault)
    await asyncio.gather(*(service.widen_session(ALICE, session.id, (scope,)) for scope in ("mail.write", "mail.send")))
    changed = await service.find_session(ALICE, session.id)
    assert changed is not None
    assert set(changed.scopes or ()) == {"mail.read", "mail.write", "mail.send"}


async def test_an_ended_session_stays_ended(vault: CredentialVault) -> None:
    service, session = await started(vault)
    assert await service.end_session(ALICE, session.id)
    assert await service.widen_session(ALICE, session.id, ("mail.send",)) is None
    assert await service.sessions_of(ALICE) == ()


async def test_a_session_left_unused_for_too_long_has_ended(vault: CredentialVault) -> None:
    service, session = await started(vault, datetime.now(UTC) - IDLE)
    assert await service.find_session(ALICE, session.id) is None


async def test_a_session_that_is_used_every_day_ends_after_the_longest_time(vault: CredentialVault) -> None:
    now = datetime.now(UTC)
    service = SessionService(VaultSessions(vault), lambda: now, longest=timedelta(days=30))
    session = await service.start_session(ALICE, client_id="id", client_name="Client", scopes=("mail.read",))
    for _ in range(29):
        now += timedelta(days=1)
        await service.note_use(session, address="192.0.2.7", era="")
    assert await service.find_session(ALICE, session.id) is not None
    assert service.seconds_left(session) == 86_400
    now += timedelta(days=1)
    assert await service.find_session(ALICE, session.id) is None
    assert await service.sessions_of(ALICE) == ()


async def test_a_session_of_nobody_is_not_kept(vault: CredentialVault) -> None:
    now = datetime.now(UTC)
    with pytest.raises(ValueError, match="nobody"):
        await VaultSessions(vault).create_session(Session(user=None, transport="stdio", created=now, last_seen=now))
