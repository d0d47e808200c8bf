"""A blocked user is kept out on every server of a store within 5 seconds, and also while the store is away."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from outlook_mcp.errors import SignInRefused, StoreUnavailable
from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault.blocked_users import LIFETIME_S, BlockedUser, BlockedUsers
from tests.vaults import vault_in

ALICE, BOB = UserKey("contoso", "alice"), UserKey("contoso", "bob")


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


async def test_a_user_who_is_blocked_on_one_server_is_refused_on_another_within_five_seconds(tmp_path: Path) -> None:
    clock, vault, other_vault = Clock(), vault_in(tmp_path), vault_in(tmp_path)
    administrator, replica = BlockedUsers(vault), BlockedUsers(other_vault, clock=clock)
    await replica.refuse_blocked(ALICE, "")
    await administrator.block_user(ALICE, ["alice@contoso.example"])
    clock.now = LIFETIME_S
    with pytest.raises(SignInRefused, match="is blocked"):
        await replica.refuse_blocked(ALICE, "")
    assert not await replica.is_blocked(BOB)
    assert await replica.blocked_users() == [BlockedUser(ALICE, ("alice@contoso.example",))]
    assert await administrator.unblock_user(ALICE)
    clock.now = 2 * LIFETIME_S
    await replica.refuse_blocked(ALICE, "")
    await vault.close()
    await other_vault.close()


async def test_a_blocked_person_is_told_their_address_and_no_key_of_ours(tmp_path: Path) -> None:
    vault = vault_in(tmp_path)
    blocked = BlockedUsers(vault)
    await blocked.block_user(ALICE)
    for address, told in (("alice@contoso.example", "The account alice@contoso.example"), ("", "Your account")):
        with pytest.raises(SignInRefused) as refused:
            await blocked.refuse_blocked(ALICE, address)
        assert refused.value.message == f"{told} is blocked on this server."
    await vault.close()


async def test_while_the_store_is_away_its_last_answer_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, vault = Clock(), vault_in(tmp_path)
    blocked = BlockedUsers(vault, clock=clock)
    await blocked.block_user(ALICE)
    assert await blocked.is_blocked(ALICE)

    async def away(key: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(vault, "get_record", away)
    clock.now = 3 * LIFETIME_S
    assert await blocked.is_blocked(ALICE)
    with pytest.raises(StoreUnavailable):
        await blocked.is_blocked(BOB)
    await vault.close()
