# Tests look at files and start processes where a server must not.
# ruff: noqa: ASYNC220, ASYNC240

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import pytest

from outlook_mcp.errors import GenerationConflict, KeyMismatch, RecordBroken, Remedy, VaultError
from outlook_mcp.vault import user_keys
from outlook_mcp.vault.key_ring import KeyRing
from outlook_mcp.vault.key_sources import FileKeySource
from outlook_mcp.vault.records import RecordKey
from outlook_mcp.vault.sqlite_store import SqliteStore
from outlook_mcp.vault.vault import CredentialVault
from tests.killed_writer import rest_of_lines
from tests.vault.contract import ALICE, BOB, BOBS_TOKEN, TOKEN
from tests.vault.disk import disk

ROOT = Path(__file__).parents[2]


class TestKeeping:
    async def test_a_value_comes_back_and_is_nowhere_on_disk(self, vault: CredentialVault, vault_file: Path) -> None:
        generation = await vault.put_record(TOKEN, b"a very secret value", expected_generation=None)
        record = await vault.get_record(TOKEN)
        assert record is not None
        assert (record.value, record.generation) == (b"a very secret value", generation)
        for file in vault_file.parent.iterdir():
            assert b"a very secret value" not in file.read_bytes()

    async def test_a_value_never_shows_in_a_repr(self, vault: CredentialVault, store: SqliteStore) -> None:
        await vault.put_record(TOKEN, b"a very secret value", expected_generation=None)
        assert "secret" not in repr(await vault.get_record(TOKEN))
        assert "blob" not in repr(await store.get_record(TOKEN))

    async def test_a_write_needs_the_generation_last_read(self, vault: CredentialVault) -> None:
        first = await vault.put_record(TOKEN, b"one", expected_generation=None)
        second = await vault.put_record(TOKEN, b"two", expected_generation=first)
        assert second == first + 1
        for stale in (None, first):
            with pytest.raises(GenerationConflict):
                await vault.put_record(TOKEN, b"late", expected_generation=stale)

    async def test_replace_writes_over_whatever_is_there(self, vault: CredentialVault) -> None:
        for value in (b"one", b"two"):
            await vault.replace_record(TOKEN, value)
            record = await vault.get_record(TOKEN)
            assert record is not None
            assert record.value == value

    async def test_an_expired_value_is_gone(self, vault: CredentialVault) -> None:
        await vault.put_record(TOKEN, b"one", expected_generation=None, expires_at=time.time() - 1)
        assert await vault.get_record(TOKEN) is None

    async def test_ids_are_listed_per_user_and_kind(self, vault: CredentialVault) -> None:
        await vault.replace_record(TOKEN, b"one")
        await vault.replace_record(RecordKey(ALICE, "token", "home"), b"two")
        await vault.replace_record(RecordKey(ALICE, "state", "x"), b"three")
        await vault.replace_record(BOBS_TOKEN, b"four")
        assert await vault.record_ids_of(ALICE, "token") == ("home", "work")
        assert await vault.users() == (ALICE, BOB)
        assert await vault.delete_record(TOKEN) is True
        assert await vault.delete_record(TOKEN) is False
        assert await vault.record_ids_of(ALICE, "token") == ("home",)

    async def test_the_vaults_own_records_cannot_be_asked_for(self, vault: CredentialVault) -> None:
        with pytest.raises(ValueError, match="the vault's own"):
            await vault.get_record(RecordKey(ALICE, user_keys.KIND, "all"))

    async def test_many_writers_at_once_all_end_well(self, vault: CredentialVault) -> None:
        keys = [RecordKey(user, "token", str(number)) for user in (ALICE, BOB) for number in range(20)]
        await asyncio.gather(*(vault.put_record(key, repr(key).encode(), expected_generation=None) for key in keys))
        for key in keys:
            record = await vault.get_record(key)
            assert record is not None
            assert record.value == repr(key).encode()


class TestTampering:
    """Whoever can write the file may break a record; nobody can make another one pass."""

    @pytest.mark.parametrize(
        "attack",
        [
            "UPDATE record SET blob = (SELECT blob FROM record WHERE oid = 'bob' AND kind = 'token') WHERE {alice}",
            "UPDATE record SET blob = (SELECT blob FROM record WHERE id = 'home') WHERE {alice}",
            "UPDATE record SET blob = (SELECT blob FROM record WHERE kind = 'state') WHERE {alice}",
            "UPDATE record SET generation = generation + 1 WHERE {alice}",
            "UPDATE record SET generation = generation - 1 WHERE {alice}",
            "UPDATE record SET generation = 'one' WHERE {alice}",
            'UPDATE record SET blob = CAST(\'{{"refresh_token": "planted"}}\' AS BLOB) WHERE {alice}',
            "UPDATE record SET blob = x'' WHERE {alice}",
            "UPDATE record SET blob = blob || x'00' WHERE {alice}",
            "UPDATE record SET blob = substr(blob, 1, length(blob) - 1) WHERE {alice}",
            "DELETE FROM record WHERE oid = 'alice' AND kind = 'data_keys'",
            "UPDATE record SET blob = (SELECT blob FROM record WHERE oid = 'bob' AND kind = 'data_keys'),"
            " generation = (SELECT generation FROM record WHERE oid = 'bob' AND kind = 'data_keys')"
            " WHERE oid = 'alice' AND kind = 'data_keys'",
            "UPDATE record SET generation = generation + 1 WHERE oid = 'alice' AND kind = 'data_keys'",
            "UPDATE record SET blob = zeroblob(100) WHERE oid = 'alice' AND kind = 'data_keys'",
        ],
    )
    async def test_an_altered_row_is_refused(self, vault: CredentialVault, vault_file: Path, attack: str) -> None:
        for key in (TOKEN, RecordKey(ALICE, "token", "home"), RecordKey(ALICE, "state", "work"), BOBS_TOKEN):
            await vault.put_record(key, b"value", expected_generation=None)
        with disk(vault_file) as connection:
            where = "oid = 'alice' AND kind = 'token' AND id = 'work'"
            assert connection.execute(attack.format(alice=where)).rowcount == 1
        with pytest.raises(RecordBroken):
            await vault.get_record(TOKEN)
        record = await vault.get_record(BOBS_TOKEN)
        assert record is not None
        assert record.value == b"value"

    async def test_an_older_value_is_refused_at_the_present_generation(
        self, vault: CredentialVault, vault_file: Path
    ) -> None:
        await vault.replace_record(TOKEN, b"old")
        with disk(vault_file) as connection:
            old = connection.execute("SELECT blob FROM record WHERE kind = 'token'").fetchone()
            await vault.replace_record(TOKEN, b"new")
            connection.execute("UPDATE record SET blob = ? WHERE kind = 'token'", old)
        with pytest.raises(RecordBroken):
            await vault.get_record(TOKEN)

    async def test_a_value_from_before_a_deletion_never_fits_again(
        self, vault: CredentialVault, vault_file: Path
    ) -> None:
        await vault.replace_record(TOKEN, b"old")
        with disk(vault_file) as connection:
            old = connection.execute("SELECT blob FROM record WHERE kind = 'token'").fetchone()
            await vault.delete_record(TOKEN)
            await vault.replace_record(TOKEN, b"new")
            connection.execute("UPDATE record SET blob = ? WHERE kind = 'token'", old)
        with pytest.raises(RecordBroken):
            await vault.get_record(TOKEN)

    async def test_a_whole_old_row_that_was_put_back_opens(self, vault: CredentialVault, vault_file: Path) -> None:
        """As SECURITY.md says: a store can take back a change, as a restored backup does."""
        await vault.replace_record(TOKEN, b"old")
        with disk(vault_file) as connection:
            old = connection.execute("SELECT blob, generation FROM record WHERE kind = 'token'").fetchone()
            await vault.replace_record(TOKEN, b"new")
            connection.execute("UPDATE record SET blob = ?, generation = ? WHERE kind = 'token'", old)
        record = await vault.get_record(TOKEN)
        assert record is not None
        assert record.value == b"old"

    @pytest.mark.parametrize("kind", ["token", "data_keys"])
    async def test_a_new_sign_in_replaces_what_is_broken(
        self, vault: CredentialVault, vault_file: Path, kind: str
    ) -> None:
        await vault.replace_record(TOKEN, b"old")
        with disk(vault_file) as connection:
            connection.execute("UPDATE record SET blob = x'00' WHERE kind = ?", [kind])
        with pytest.raises(RecordBroken):
            await vault.get_record(TOKEN)
        await vault.replace_record(TOKEN, b"new")
        record = await vault.get_record(TOKEN)
        assert record is not None
        assert record.value == b"new"


class TestOpening:
    async def test_the_first_opening_makes_the_vault_and_later_ones_find_it(
        self, vault: CredentialVault, vault_file: Path, key_file: Path
    ) -> None:
        assert await vault.open_or_create() is True
        assert await vault.open_or_create() is False
        store = SqliteStore(vault_file)
        assert await CredentialVault(store, KeyRing(FileKeySource(key_file))).open_or_create() is False
        await store.close()

    async def test_two_first_openings_at_once_agree(self, vault_file: Path, key_file: Path) -> None:
        stores = [SqliteStore(vault_file) for _ in range(4)]
        vaults = [CredentialVault(store, KeyRing(FileKeySource(key_file))) for store in stores]
        assert sum(await asyncio.gather(*(vault.open_or_create() for vault in vaults))) == 1
        assert len({(await vault.derive_key("audit")).get_secret_value() for vault in vaults}) == 1
        for store in stores:
            await store.close()

    async def test_a_wrong_key_is_named_and_touches_no_row(
        self, vault: CredentialVault, vault_file: Path, tmp_path: Path
    ) -> None:
        await vault.replace_record(TOKEN, b"value")
        await vault.close()
        before = vault_file.read_bytes()
        wrong = FileKeySource(tmp_path / "wrong.key")
        await KeyRing(wrong).sealing_key_or_new()
        store = SqliteStore(vault_file)
        with pytest.raises(KeyMismatch, match=r"key file .*wrong\.key"):
            await CredentialVault(store, KeyRing(wrong)).get_record(TOKEN)
        await store.close()
        assert vault_file.read_bytes() == before

    async def test_a_lost_key_file_is_not_quietly_made_anew(
        self, vault: CredentialVault, vault_file: Path, key_file: Path
    ) -> None:
        await vault.replace_record(TOKEN, b"value")
        key_file.unlink()
        store = SqliteStore(vault_file)
        with pytest.raises(KeyMismatch, match=r"vault\.key"):
            await CredentialVault(store, KeyRing(FileKeySource(key_file))).open_or_create()
        await store.close()
        assert not key_file.exists()

    async def test_records_without_a_key_check_are_refused(
        self, vault: CredentialVault, vault_file: Path, key_ring: KeyRing
    ) -> None:
        await vault.replace_record(TOKEN, b"value")
        with disk(vault_file) as connection:
            connection.execute("DELETE FROM meta")
        store = SqliteStore(vault_file)
        with pytest.raises(RecordBroken, match="its root row was removed"):
            await CredentialVault(store, key_ring).open_or_create()
        await store.close()

    async def test_a_store_emptied_under_us_asks_for_a_new_sign_in_and_opens_again(
        self, vault: CredentialVault, vault_file: Path, key_ring: KeyRing
    ) -> None:
        await vault.replace_record(TOKEN, b"value")
        with disk(vault_file) as connection:
            connection.execute("DELETE FROM meta")
            connection.execute("DELETE FROM record")
        assert await vault.get_record(TOKEN) is None
        await vault.replace_record(TOKEN, b"signed in again")
        store = SqliteStore(vault_file)
        record = await CredentialVault(store, key_ring).get_record(TOKEN)
        await store.close()
        assert record is not None
        assert record.value == b"signed in again"


class TestCounting:
    async def test_a_count_is_shared_by_every_server_and_its_name_is_nowhere_on_disk(
        self, vault: CredentialVault, vault_file: Path, key_ring: KeyRing
    ) -> None:
        store = SqliteStore(vault_file)
        other = CredentialVault(store, key_ring)
        name = "registrations from 192.0.2.77"
        counts = [await (vault, other)[turn % 2].increment_counter(name, window_s=60) for turn in range(4)]
        assert counts == [1, 2, 3, 4]
        assert await vault.increment_counter("registrations from 192.0.2.78", window_s=60) == 1
        await store.close()
        for file in vault_file.parent.iterdir():
            assert b"192.0.2.7" not in file.read_bytes()


WRITER = """
import asyncio, sys
from pathlib import Path
from outlook_mcp.vault.key_ring import KeyRing
from outlook_mcp.vault.key_sources import FileKeySource
from outlook_mcp.vault.sqlite_store import SqliteStore
from outlook_mcp.vault.vault import CredentialVault
from tests.vault.contract import TOKEN

async def main() -> None:
    vault = CredentialVault(SqliteStore(Path(sys.argv[1])), KeyRing(FileKeySource(Path(sys.argv[2]))))
    number = 0
    while True:
        number += 1
        await vault.replace_record(TOKEN, str(number).encode() * 2000)
        print(number, flush=True)

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("lines_before_death", [0, 1, 2, 7])
async def test_a_vault_killed_while_it_writes_opens_and_has_the_old_or_the_new_value(
    vault: CredentialVault, vault_file: Path, key_file: Path, lines_before_death: int
) -> None:
    await vault.replace_record(TOKEN, b"0" * 2000)
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(vault_file), str(key_file)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert writer.stdout is not None
    told = [0, *(int(writer.stdout.readline()) for _ in range(lines_before_death))]
    writer.kill()
    told += [int(line) for line in rest_of_lines(writer)]
    record = await vault.get_record(TOKEN)
    assert record is not None
    assert record.value in {str(number).encode() * 2000 for number in (told[-1], told[-1] + 1)}


async def test_every_refusal_is_an_error_of_the_vault_with_a_remedy() -> None:
    for error in (RecordBroken, KeyMismatch, GenerationConflict):
        assert issubclass(error, VaultError)
        assert error("x").remedy is not Remedy.NONE
