"""What is kept for one user for a limited time: under their own key, and found by nobody else."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault.user_tickets import UserTickets
from outlook_mcp.vault.vault import CredentialVault

ALICE, BOB = UserKey("tenant", "alice"), UserKey("tenant", "bob")


@dataclass
class Time:
    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def tickets(vault: CredentialVault, time: Time) -> UserTickets:
    tickets = UserTickets(vault, time)
    await tickets.put_ticket(ALICE, "list", "code", b"value", lifetime_s=600)
    return tickets


async def test_a_ticket_is_found_by_its_user_and_purpose_only_on_any_server_until_its_time_is_over(
    vault: CredentialVault, tickets: UserTickets, time: Time
) -> None:
    assert await UserTickets(vault, time).read_ticket(ALICE, "list", "code") == b"value"
    assert await tickets.read_ticket(BOB, "list", "code") is None
    assert await tickets.read_ticket(ALICE, "other", "code") is None
    time.now += 599
    assert await tickets.read_ticket(ALICE, "list", "code") == b"value"
    time.now += 2
    assert await tickets.read_ticket(ALICE, "list", "code") is None


async def test_a_ticket_is_discarded_once_however_many_come_at_the_same_time(tickets: UserTickets) -> None:
    assert not await tickets.discard_ticket(BOB, "list", "code")
    discarded = await asyncio.gather(*(tickets.discard_ticket(ALICE, "list", "code") for _ in range(10)))
    assert sorted(discarded) == [False] * 9 + [True]


async def test_tickets_go_with_their_user(vault: CredentialVault, tickets: UserTickets) -> None:
    await vault.erase_user(ALICE)
    assert await tickets.read_ticket(ALICE, "list", "code") is None
