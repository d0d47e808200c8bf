"""The keys of the audit log's personal fields: one look into the store serves many records, and erasing ends them."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from outlook_mcp.audit.chain import Link
from outlook_mcp.errors import GenerationConflict, RecordBroken, StoreUnavailable
from outlook_mcp.vault.key_ring import KeyRing
from outlook_mcp.vault.personal_fields import PersonalFieldKeys, PersonalFieldSettings
from outlook_mcp.vault.records import RecordKey, StoredRecord
from outlook_mcp.vault.sqlite_store import SqliteStore
from outlook_mcp.vault.user_keys import UserKeys
from outlook_mcp.vault.vault import CredentialVault
from tests.vault.contract import ALICE, BOB, TOKEN

AFTER = Link(7, "ab" * 32)


@dataclass
class WatchedStore:
    """The rows of another store, counted, and away when told."""

    rows: SqliteStore
    is_away: bool = False
    reads: list[RecordKey] = field(default_factory=list)

    async def get_record(self, key: RecordKey) -> StoredRecord | None:
        self.reads.append(key)
        if self.is_away:
            raise StoreUnavailable("The store is away.")
        return await self.rows.get_record(key)

    async def put_record(self, key: RecordKey, record: StoredRecord, *, expected_generation: int | None) -> None:
        await self.rows.put_record(key, record, expected_generation=expected_generation)


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def watched(store: SqliteStore) -> WatchedStore:
    return WatchedStore(store)


@pytest.fixture
async def keys(vault: CredentialVault, watched: WatchedStore, key_ring: KeyRing, clock: Clock) -> PersonalFieldKeys:
    settings = PersonalFieldSettings(lifetime_s=60, erased_s=300, retry_after_s=5, users=2)
    return PersonalFieldKeys(UserKeys(watched, key_ring), vault.open_or_create, settings, clock=clock)  # type: ignore[arg-type]


async def test_one_look_into_the_store_serves_every_record_of_a_minute(
    keys: PersonalFieldKeys, vault: CredentialVault, watched: WatchedStore, clock: Clock
) -> None:
    await vault.replace_record(TOKEN, b"token")
    for _ in range(1000):
        (await keys.sealing_key(ALICE)).seal_fields(AFTER, b"fields")
    assert len(watched.reads) == 1
    clock.now = 60
    await keys.sealing_key(ALICE)
    assert len(watched.reads) == 2


async def test_the_records_of_a_minute_are_sealed_by_one_key_object(keys: PersonalFieldKeys) -> None:
    """It keeps what it derives, so a record costs no key derivation."""
    assert (await keys.sealing_key(ALICE)).key is (await keys.sealing_key(ALICE)).key


async def test_the_key_is_of_the_user_and_opens_in_its_place_alone(keys: PersonalFieldKeys) -> None:
    sealed = (await keys.sealing_key(ALICE)).seal_fields(AFTER, b"fields")
    await keys.sealing_key(BOB)
    assert await keys.open_fields(ALICE, AFTER, sealed) == b"fields"
    assert await keys.open_fields(BOB, AFTER, sealed) is None
    for elsewhere in (Link(8, AFTER.mac), Link(7, "cd" * 32)):
        with pytest.raises(RecordBroken):
            await keys.open_fields(ALICE, elsewhere, sealed)


async def test_a_user_without_a_data_key_gets_one_that_the_vault_uses_too(
    keys: PersonalFieldKeys, vault: CredentialVault
) -> None:
    sealed = (await keys.sealing_key(ALICE)).seal_fields(AFTER, b"fields")
    await vault.replace_record(TOKEN, b"token")
    assert await vault.personal_fields.open_fields(ALICE, AFTER, sealed) == b"fields"


async def test_what_is_kept_in_memory_is_not_the_data_key(keys: PersonalFieldKeys, watched: WatchedStore) -> None:
    key = await keys.sealing_key(ALICE)
    data_keys = await keys._user_keys.keys_of(ALICE)
    assert data_keys is not None
    assert key.key not in data_keys.keys


async def test_a_worn_data_key_still_opens_what_it_sealed(
    keys: PersonalFieldKeys, vault: CredentialVault, clock: Clock
) -> None:
    sealed = (await keys.sealing_key(ALICE)).seal_fields(AFTER, b"fields")
    user_keys = keys._user_keys
    row = await user_keys._store.get_record(RecordKey(ALICE, "data_keys", "all"))
    assert row is not None
    worn = (await user_keys._open_row(ALICE, row)).granted(2**20, 2**20)
    await user_keys._write_row(ALICE, worn, row)
    clock.now = 60
    newer = (await keys.sealing_key(ALICE)).seal_fields(AFTER, b"newer")
    assert sealed[5:13] != newer[5:13]
    assert await keys.open_fields(ALICE, AFTER, sealed) == b"fields"
    assert await keys.open_fields(ALICE, AFTER, newer) == b"newer"


class TestErasing:
    async def test_a_call_under_way_makes_no_new_key(
        self, keys: PersonalFieldKeys, vault: CredentialVault, clock: Clock
    ) -> None:
        await keys.sealing_key(ALICE)
        await vault.erase_user(ALICE)
        clock.now = 60
        for clock.now in (60, 359):
            with pytest.raises(GenerationConflict, match="erased a short while ago"):
                await keys.sealing_key(ALICE)
        assert ALICE not in await vault.users()

    async def test_whoever_comes_back_later_gets_a_new_key(
        self, keys: PersonalFieldKeys, vault: CredentialVault, clock: Clock
    ) -> None:
        sealed = (await keys.sealing_key(ALICE)).seal_fields(AFTER, b"fields")
        await vault.erase_user(ALICE)
        clock.now = 60
        with pytest.raises(GenerationConflict):
            await keys.sealing_key(ALICE)
        clock.now = 360
        await keys.sealing_key(ALICE)
        assert await keys.open_fields(ALICE, AFTER, sealed) is None

    async def test_the_process_that_erases_forgets_the_key_at_once(self, vault: CredentialVault) -> None:
        sealed = (await vault.personal_fields.sealing_key(ALICE)).seal_fields(AFTER, b"fields")
        await vault.erase_user(ALICE)
        assert await vault.personal_fields.open_fields(ALICE, AFTER, sealed) is None
        with pytest.raises(GenerationConflict):
            await vault.personal_fields.sealing_key(ALICE)


class TestWhileTheStoreIsAway:
    async def test_a_known_user_keeps_the_key(
        self, keys: PersonalFieldKeys, watched: WatchedStore, clock: Clock
    ) -> None:
        key = await keys.sealing_key(ALICE)
        watched.is_away = True
        for clock.now in range(60, 600, 7):
            assert await keys.sealing_key(ALICE) == key

    async def test_an_unknown_user_has_none_and_the_store_is_asked_once_in_five_seconds(
        self, keys: PersonalFieldKeys, watched: WatchedStore, clock: Clock
    ) -> None:
        watched.is_away = True
        for user in (ALICE, BOB, ALICE):
            with pytest.raises(StoreUnavailable):
                await keys.sealing_key(user)
        assert len(watched.reads) == 1
        watched.is_away = False
        clock.now = 5
        await keys.sealing_key(ALICE)

    async def test_nothing_opens(self, keys: PersonalFieldKeys, watched: WatchedStore, clock: Clock) -> None:
        sealed = (await keys.sealing_key(ALICE)).seal_fields(AFTER, b"fields")
        clock.now = 60
        watched.is_away = True
        with pytest.raises(StoreUnavailable):
            await keys.open_fields(ALICE, AFTER, sealed)


async def test_keys_of_a_bounded_number_of_users_are_kept(
    keys: PersonalFieldKeys, vault: CredentialVault, watched: WatchedStore
) -> None:
    for oid in ("1", "2", "3"):
        await keys.sealing_key(type(ALICE)("contoso", oid))
    assert len(keys._known) == 2
