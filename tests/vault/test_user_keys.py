"""The data keys of the users: shredded with their user, worn, and wrapped anew when the master key rotates."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from outlook_mcp.errors import GenerationConflict, KeyMismatch, RecordBroken
from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault.key_ring import KeyRing
from outlook_mcp.vault.key_sources import FileKeySource
from outlook_mcp.vault.records import RecordKey, StoredRecord
from outlook_mcp.vault.sqlite_store import SqliteStore
from outlook_mcp.vault.user_keys import DataKeySettings
from outlook_mcp.vault.vault import CredentialVault
from tests.vault.contract import ALICE, BOB, BOBS_TOKEN, TOKEN
from tests.vault.disk import disk


class TestErasing:
    async def test_an_erased_user_is_gone_and_others_stay(self, vault: CredentialVault) -> None:
        await vault.replace_record(TOKEN, b"alice")
        await vault.replace_record(BOBS_TOKEN, b"bob")
        assert await vault.erase_user(ALICE) == 1
        assert await vault.erase_user(ALICE) == 0
        assert await vault.get_record(TOKEN) is None
        assert await vault.get_record(BOBS_TOKEN) is not None
        assert await vault.users() == (BOB,)

    async def test_what_was_under_way_leaves_nothing_of_an_erased_user(self, vault: CredentialVault) -> None:
        generation = await vault.replace_record(TOKEN, b"value")
        await vault.erase_user(ALICE)
        with pytest.raises(GenerationConflict):
            await vault.put_record(TOKEN, b"refreshed", expected_generation=generation)
        assert ALICE not in await vault.users()

    async def test_rows_kept_from_before_the_shredding_never_open_again(
        self, vault: CredentialVault, vault_file: Path
    ) -> None:
        await vault.replace_record(TOKEN, b"alice")
        with disk(vault_file) as connection:
            kept = connection.execute("SELECT * FROM record WHERE kind = 'token'").fetchone()
            await vault.erase_user(ALICE)
            connection.execute("INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?)", kept)
            with pytest.raises(RecordBroken):
                await vault.get_record(TOKEN)
            await vault.replace_record(RecordKey(ALICE, "token", "other"), b"a new life with new keys")
            with pytest.raises(RecordBroken):
                await vault.get_record(TOKEN)

    async def test_a_worn_data_key_is_followed_by_a_new_one(self, store: SqliteStore, key_ring: KeyRing) -> None:
        vault = CredentialVault(store, key_ring, DataKeySettings(max_uses=20, uses_block=4))
        used = set()
        for number in range(50):
            await vault.put_record(RecordKey(ALICE, "token", str(number)), b"value", expected_generation=None)
            row = await store.get_record(RecordKey(ALICE, "token", str(number)))
            assert row is not None
            used.add(row.blob[5:13])
        assert len(used) == 3
        for number in range(50):
            assert await vault.get_record(RecordKey(ALICE, "token", str(number))) is not None


class TestRotation:
    async def test_after_a_rotation_everything_opens_and_the_old_key_can_go(
        self, vault: CredentialVault, key_ring: KeyRing
    ) -> None:
        await vault.replace_record(TOKEN, b"alice")
        await vault.replace_record(BOBS_TOKEN, b"bob")
        pepper = await vault.derive_key("digests")
        (old,) = await key_ring.key_ids()
        rotation = await vault.rotation.rotate_master_key()
        assert rotation.rewrapped == 3
        assert rotation.still_open == (old,)
        assert [(key.seals, key.wraps, key.checks) for key in await vault.rotation.master_keys()] == [
            (True, 2, True),
            (False, 0, False),
        ]
        assert await vault.rotation.drop_old_keys() == (old,)
        assert await key_ring.key_ids() == (rotation.sealing,)
        assert await vault.get_record(TOKEN) is not None
        assert await vault.derive_key("digests") == pepper

    async def test_another_server_goes_on_through_a_rotation(
        self, vault: CredentialVault, vault_file: Path, key_file: Path
    ) -> None:
        await vault.replace_record(TOKEN, b"alice")
        store = SqliteStore(vault_file)
        other = CredentialVault(store, KeyRing(FileKeySource(key_file)))
        assert await other.get_record(TOKEN) is not None
        await vault.rotation.rotate_master_key()
        await vault.rotation.drop_old_keys()
        assert await other.get_record(TOKEN) is not None
        await other.replace_record(BOBS_TOKEN, b"bob")
        assert await vault.get_record(BOBS_TOKEN) is not None
        await store.close()

    async def test_calls_during_rotations_all_succeed(self, vault: CredentialVault) -> None:
        await vault.replace_record(TOKEN, b"0")

        async def work(user: UserKey) -> None:
            for number in range(40):
                key = RecordKey(user, "token", str(number))
                await vault.put_record(key, b"value", expected_generation=None)
                assert await vault.get_record(key) is not None

        users = [UserKey("contoso", str(number)) for number in range(4)]
        running = asyncio.gather(*(work(user) for user in users))
        for _ in range(4):
            await vault.rotation.rotate_master_key()
        await running
        await vault.rotation.drop_old_keys()
        for user in users:
            assert len(await vault.record_ids_of(user, "token")) == 40
            assert await vault.get_record(RecordKey(user, "token", "39")) is not None

    async def test_data_keys_wrapped_while_the_key_rotates_end_up_under_the_new_one(
        self, vault: CredentialVault, store: SqliteStore, key_ring: KeyRing, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await vault.open_or_create()
        put = store.put_record
        dropped: list[str] = []

        async def put_late(key: RecordKey, record: StoredRecord, *, expected_generation: int | None) -> None:
            monkeypatch.undo()
            await vault.rotation.rotate_master_key()
            dropped.extend(await vault.rotation.drop_old_keys())
            await put(key, record, expected_generation=expected_generation)

        monkeypatch.setattr(store, "put_record", put_late)
        await vault.put_record(TOKEN, b"alice", expected_generation=None)
        assert len(dropped) == 1
        assert len(await key_ring.key_ids()) == 1
        record = await vault.get_record(TOKEN)
        assert record is not None
        assert record.value == b"alice"

    @pytest.mark.parametrize(("damage", "keys_kept"), [("blob || x'00'", 2), ("zeroblob(200)", 1)])
    async def test_damaged_data_keys_of_one_user_hold_up_nobody_else(
        self, vault: CredentialVault, vault_file: Path, key_ring: KeyRing, damage: str, keys_kept: int
    ) -> None:
        await vault.replace_record(TOKEN, b"alice")
        await vault.replace_record(BOBS_TOKEN, b"bob")
        with disk(vault_file) as connection:
            connection.execute(f"UPDATE record SET blob = {damage} WHERE oid = 'alice' AND kind = 'data_keys'")
        rotation = await vault.rotation.rotate_master_key()
        assert (rotation.rewrapped, rotation.unreadable) == (2, (ALICE,))
        await vault.rotation.drop_old_keys()
        assert len(await key_ring.key_ids()) == keys_kept
        assert await vault.get_record(BOBS_TOKEN) is not None
        await vault.replace_record(TOKEN, b"alice signed in again")
        await vault.rotation.drop_old_keys()
        assert len(await key_ring.key_ids()) == 1

    async def test_a_rotation_that_was_cut_off_is_finished_first(
        self, vault: CredentialVault, key_ring: KeyRing
    ) -> None:
        await vault.replace_record(TOKEN, b"alice")
        new = await key_ring.add_key()
        await key_ring.promote_key(new.id)
        rotation = await vault.rotation.rotate_master_key()
        assert rotation.sealing == new.id
        assert rotation.rewrapped == 2
        assert len(await key_ring.key_ids()) == 2

    async def test_a_key_dropped_too_early_is_named_at_start(
        self, vault: CredentialVault, vault_file: Path, key_ring: KeyRing
    ) -> None:
        await vault.replace_record(TOKEN, b"alice")
        await key_ring.add_key()
        await key_ring.drop_keys((await key_ring.key_ids())[:1])
        store = SqliteStore(vault_file)
        with pytest.raises(KeyMismatch, match="does not hold key"):
            await CredentialVault(store, key_ring).open_or_create()
        await store.close()
