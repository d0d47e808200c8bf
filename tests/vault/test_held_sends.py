"""Messages that wait to be sent: each draft once, and forgotten when it was sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault.held_sends import HeldSend, VaultHeldSends
from outlook_mcp.vault.vault import CredentialVault

ALICE, BOB = UserKey("contoso", "alice"), UserKey("contoso", "bob")
HELD = HeldSend(user=ALICE, connection=None, session="session", draft="AAMk1", check="12345678", due=4e9)


@pytest.fixture
def held_sends(vault: CredentialVault) -> VaultHeldSends:
    return VaultHeldSends(vault)


async def test_a_draft_is_held_once_and_again_only_after_it_was_stopped(held_sends: VaultHeldSends) -> None:
    assert await held_sends.add_held(HELD) is True
    assert await held_sends.add_held(replace(HELD, nonce="other")) is False
    assert await held_sends.find_held(ALICE, HELD.id) == HELD
    await held_sends.stop_held(HELD, "the access has ended")
    assert [(held.state, held.reason) for held in await held_sends.of_user(ALICE)] == [
        ("stopped", "the access has ended")
    ]
    assert await held_sends.open_ones() == []
    assert await held_sends.add_held(HELD) is True
    assert await held_sends.open_ones() == [HELD]


async def test_nobody_finds_the_held_message_of_another_user(held_sends: VaultHeldSends) -> None:
    await held_sends.add_held(HELD)
    assert await held_sends.find_held(BOB, HELD.id) is None
    assert await held_sends.of_user(BOB) == []


async def test_a_change_that_is_none_leaves_what_is_kept(held_sends: VaultHeldSends) -> None:
    assert await held_sends.change_held(HELD, lambda held: held) is None
    await held_sends.add_held(HELD)
    assert await held_sends.change_held(HELD, lambda held: None) is None
    changed = replace(HELD, claimed_until=5e9)
    assert await held_sends.change_held(HELD, lambda held: changed) == changed
    assert await held_sends.find_held(ALICE, HELD.id) == changed
