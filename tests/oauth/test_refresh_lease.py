"""Who holds the lease of a connection: one process at a time, and never one that has lost it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.tokens.refresh_lease import KIND, LeaseTime, refresh_lease
from outlook_mcp.vault.key_ring import KeyRing
from outlook_mcp.vault.key_sources import FileKeySource
from outlook_mcp.vault.records import OpenRecord, RecordKey
from outlook_mcp.vault.store_address import open_store
from outlook_mcp.vault.vault import CredentialVault
from tests.valkey import Valkey
from tests.virtual_time import VirtualTime
from tests.waiting import patience

DEADLINE_S = 10.0
OWNER = UserKey("tenant", "alice")
CONNECTION = ConnectionId("work")
RECORD = RecordKey(OWNER, KIND, CONNECTION)


async def test_a_lease_is_there_while_it_is_held_and_gone_afterwards(vault: CredentialVault) -> None:
    async with refresh_lease(vault, OWNER, CONNECTION, lease_s=60):
        assert await vault.get_record(RECORD) is not None
    assert await vault.get_record(RECORD) is None


async def test_a_lease_that_another_process_has_acquired_is_left_to_it(vault: CredentialVault) -> None:
    async with refresh_lease(vault, OWNER, CONNECTION, lease_s=60):
        await vault.replace_record(RECORD, b"another process")
    record = await vault.get_record(RECORD)
    assert record is not None
    assert record.value == b"another process"


@dataclass
class VaultThatLosesACancellation:
    """Its second update, which extends the lease, lasts until it is cancelled, and then goes on."""

    vault: CredentialVault
    updates: int = 0
    is_extending: asyncio.Event = field(default_factory=asyncio.Event)

    async def update_record(self, *given: Any) -> OpenRecord | None:
        self.updates += 1
        if self.updates == 2:
            self.is_extending.set()
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
        return await self.vault.update_record(*given)


async def test_a_lease_ends_with_its_body_though_the_cancellation_of_its_extension_is_lost(
    vault: CredentialVault,
) -> None:
    losing = VaultThatLosesACancellation(vault)
    async with asyncio.timeout(DEADLINE_S):
        async with refresh_lease(cast(CredentialVault, losing), OWNER, CONNECTION, lease_s=0.03):
            await losing.is_extending.wait()
    assert await vault.get_record(RECORD) is None


async def test_a_lease_that_nobody_extends_is_not_waited_for_for_ever(vault: CredentialVault) -> None:
    await vault.replace_record(RECORD, b"a process whose clock is wrong")
    async with refresh_lease(vault, OWNER, CONNECTION, lease_s=0.01):
        record = await vault.get_record(RECORD)
        assert record is not None
        assert record.value == b"a process whose clock is wrong"


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


async def test_a_holder_that_extends_its_lease_is_waited_for_longer_than_a_lease_lasts(
    a_valkey: Valkey, tmp_path: Path, stack: AsyncExitStack
) -> None:
    """The time is virtual, so that a busy machine cannot make the holder late."""
    time, lease_s = VirtualTime(), 20.0
    lease_time = LeaseTime(monotonic=time.monotonic, unix=time.unix, sleep=time.sleep)
    store, other_store = (open_store(a_valkey.url, tmp_path) for _ in range(2))
    stack.push_async_callback(store.close)
    stack.push_async_callback(other_store.close)
    one, two = (
        refresh_lease(CredentialVault(opened, _key_ring(tmp_path)), OWNER, CONNECTION, lease_s=lease_s, time=lease_time)
        for opened in (store, other_store)
    )
    happened = []

    async def follow() -> None:
        async with two:
            happened.append("the follower holds it")

    async with patience():
        async with one:
            following = asyncio.create_task(follow())
            await time.pass_by(3 * lease_s, sleepers=2, unless=following)
            held = await store.get_record(RECORD)
            assert held is not None
            assert held.expires_at is not None
            assert held.expires_at > time.unix()
            happened.append("the first lets go")
        while not following.done():
            await time.pass_by(1.0, sleepers=1, unless=following)
        await following
    assert happened == ["the first lets go", "the follower holds it"]


def _key_ring(folder: Path) -> KeyRing:
    return KeyRing(FileKeySource(folder / "vault.key"))
