"""What waits for somebody to come back: sealed, single use, in time only."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr

from outlook_mcp.identity.user import SERVER
from outlook_mcp.net.clock import unix_time
from outlook_mcp.vault.digests import Digests
from outlook_mcp.vault.tickets import Tickets
from outlook_mcp.vault.vault import CredentialVault
from tests.vault.disk import disk


@pytest.fixture
async def tickets(vault: CredentialVault) -> Tickets:
    return Tickets(vault, Digests(await vault.derive_key("digests")))


async def test_a_ticket_is_taken_once_however_many_come_at_the_same_time(tickets: Tickets) -> None:
    handle = await tickets.issue_ticket("sign_in", b"value", lifetime_s=60)
    assert await tickets.read_ticket("sign_in", handle) == b"value"
    taken = await asyncio.gather(*(tickets.take_ticket("sign_in", handle) for _ in range(10)))
    assert sorted(taken, key=bool) == [None] * 9 + [b"value"]


async def test_a_handle_of_one_purpose_opens_nothing_of_another(tickets: Tickets) -> None:
    handle = await tickets.issue_ticket("sign_in", b"value", lifetime_s=60)
    assert await tickets.take_ticket("consent", handle) is None
    assert await tickets.take_ticket("sign_in", SecretStr("guess")) is None
    assert await tickets.take_ticket("sign_in", handle) == b"value"


async def test_a_late_ticket_is_worth_nothing(tickets: Tickets) -> None:
    handle = await tickets.issue_ticket("sign_in", b"value", lifetime_s=-1)
    assert await tickets.read_ticket("sign_in", handle) is None
    assert await tickets.take_ticket("sign_in", handle) is None


async def test_a_ticket_whose_end_was_moved_in_the_store_is_worth_nothing(
    tickets: Tickets, vault: CredentialVault, vault_file: Path
) -> None:
    handle = await tickets.issue_ticket("sign_in", b"value", lifetime_s=60)
    with disk(vault_file) as connection:
        assert connection.execute("UPDATE record SET expires_at = 9e9 WHERE kind = 'sign_in'").rowcount == 1
    later = Tickets(vault, Digests(await vault.derive_key("digests")), clock=lambda: unix_time() + 61)
    assert await later.read_ticket("sign_in", handle) is None
    assert await later.take_ticket("sign_in", handle) is None


async def test_a_mark_is_set_once(tickets: Tickets) -> None:
    handle = SecretStr("state")
    marks = await asyncio.gather(*(tickets.mark_handle("used", handle, lifetime_s=60) for _ in range(10)))
    assert marks.count(True) == 1
    assert await tickets.mark_handle("used", SecretStr("other"), lifetime_s=60)


async def test_a_ticket_can_be_given_back(tickets: Tickets) -> None:
    handle = await tickets.issue_ticket("sign_in", b"value", lifetime_s=60)
    await tickets.discard_ticket("sign_in", handle)
    await tickets.discard_ticket("sign_in", handle)
    assert await tickets.read_ticket("sign_in", handle) is None


async def test_the_vault_never_sees_the_handle(tickets: Tickets, vault: CredentialVault) -> None:
    handle = await tickets.issue_ticket("sign_in", b"value", lifetime_s=60)
    ids = await vault.record_ids_of(SERVER, "sign_in")
    assert len(ids) == 1
    assert handle.get_secret_value() not in ids[0]
