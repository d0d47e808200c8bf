# Tests look at files and start processes where a server must not.
# ruff: noqa: ASYNC240

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from outlook_mcp.errors import StoreUnavailable
from outlook_mcp.vault.records import StoredRecord
from outlook_mcp.vault.sqlite_store import SqliteStore
from tests.killed_writer import rest_of_lines
from tests.vault.contract import ALICE, BLOB, TOKEN, StoreContract

ROOT = Path(__file__).parents[2]


class TestSqliteStore(StoreContract):
    async def test_no_file_is_made_before_the_first_operation(self, store: SqliteStore, vault_file: Path) -> None:
        assert not vault_file.exists()
        await store.users()
        assert vault_file.exists()

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
    async def test_the_files_can_be_read_by_their_owner_only(self, store: SqliteStore, vault_file: Path) -> None:
        await store.put_record(TOKEN, StoredRecord(BLOB, 1), expected_generation=None)
        for file in vault_file.parent.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name

    async def test_a_record_survives_reopening(self, store: SqliteStore, vault_file: Path) -> None:
        await store.put_record(TOKEN, StoredRecord(BLOB, 1), expected_generation=None)
        await store.close()
        again = SqliteStore(vault_file)
        assert await again.get_record(TOKEN) == StoredRecord(BLOB, 1)
        await again.close()

    async def test_two_open_stores_see_each_other(self, store: SqliteStore, vault_file: Path) -> None:
        other = SqliteStore(vault_file)
        await store.put_record(TOKEN, StoredRecord(b"one", 1), expected_generation=None)
        await other.put_record(TOKEN, StoredRecord(b"two", 2), expected_generation=1)
        assert await store.get_record(TOKEN) == StoredRecord(b"two", 2)
        await other.close()

    async def test_deleted_bytes_are_overwritten_in_the_files(self, store: SqliteStore, vault_file: Path) -> None:
        canary = b"canary-of-alice-" * 400
        await store.put_record(TOKEN, StoredRecord(canary, 1), expected_generation=None)
        await store.delete_user(ALICE)
        left = b"".join(file.read_bytes() for file in vault_file.parent.iterdir())
        assert b"canary-of-alice-" not in left


class TestAFileInTrouble:
    async def test_locked_writes_are_refused_and_reads_go_on(self, store: SqliteStore, vault_file: Path) -> None:
        await store.put_record(TOKEN, StoredRecord(b"one", 1), expected_generation=None)
        other = sqlite3.connect(vault_file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match=r"vault\.db is locked"):
            await store.put_record(TOKEN, StoredRecord(b"two", 2), expected_generation=1)
        assert await store.get_record(TOKEN) == StoredRecord(b"one", 1)
        other.execute("ROLLBACK")
        other.close()
        await store.put_record(TOKEN, StoredRecord(b"two", 2), expected_generation=1)

    async def test_a_full_disk_is_told_and_loses_nothing(self, store: SqliteStore) -> None:
        await store.put_record(TOKEN, StoredRecord(b"one", 1), expected_generation=None)
        assert store._connection is not None
        pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
        store._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreUnavailable, match=r"disk of the vault .*vault\.db is full"):
            await store.put_record(TOKEN, StoredRecord(bytes(100_000), 2), expected_generation=1)
        assert await store.get_record(TOKEN) == StoredRecord(b"one", 1)

    async def test_a_file_that_is_no_vault_is_named_and_left_alone(self, store: SqliteStore, vault_file: Path) -> None:
        vault_file.parent.mkdir()
        vault_file.write_bytes(b"no database at all " * 1000)
        before = vault_file.read_bytes()
        with pytest.raises(StoreUnavailable, match=r"vault\.db is corrupt"):
            await store.get_record(TOKEN)
        assert vault_file.read_bytes() == before
        assert [file.name for file in vault_file.parent.iterdir()] == ["vault.db"]

    async def test_a_damaged_page_is_found_before_anything_is_written(
        self, store: SqliteStore, vault_file: Path
    ) -> None:
        for number in range(20):
            await store.put_meta(f"row {number}", bytes(3000), expected=None)
        await store.close()
        content = bytearray(vault_file.read_bytes())
        # The last pages hold meta rows, which this read does not even need.
        content[-8192:] = os.urandom(8192)
        vault_file.write_bytes(content)
        with pytest.raises(StoreUnavailable, match=r"vault\.db is corrupt"):
            await store.get_record(TOKEN)
        assert vault_file.read_bytes() == content

    async def test_a_damaged_name_of_a_table_that_is_no_text_any_more_is_told(
        self, store: SqliteStore, vault_file: Path
    ) -> None:
        await store.users()
        await store.close()
        # SQLite repeats the name in its own message.
        vault_file.write_bytes(vault_file.read_bytes().replace(b"table" + b"record" * 2, b"table" + b"rec\xd7rd" * 2))
        with pytest.raises(StoreUnavailable, match=r"vault\.db is corrupt"):
            await store.get_record(TOKEN)

    async def test_a_newer_format_is_refused(self, store: SqliteStore, vault_file: Path) -> None:
        await store.users()
        await store.close()
        with sqlite3.connect(vault_file) as newer:
            newer.execute("PRAGMA user_version = 99")
        newer.close()
        with pytest.raises(StoreUnavailable, match="newer outlook-mcp"):
            await store.users()

    async def test_an_older_format_is_brought_up_to_date(self, store: SqliteStore, vault_file: Path) -> None:
        await store.put_record(TOKEN, StoredRecord(BLOB, 1), expected_generation=None)
        await store.close()
        with sqlite3.connect(vault_file) as older:
            older.executescript("DROP TABLE counter; PRAGMA user_version = 1")
        older.close()
        assert await store.increment_counter("address", window_s=60) == 1
        assert await store.get_record(TOKEN) == StoredRecord(BLOB, 1)

    async def test_a_flood_of_counts_from_ever_new_networks_makes_no_other_count_slower(
        self, store: SqliteStore, vault_file: Path
    ) -> None:
        """They stay for an hour, and each count looked at all of them, on the only thread of the store."""
        steps = 0

        def step() -> int:
            nonlocal steps
            steps += 1
            return 0

        await store.increment_counter("one", window_s=3600)
        await store.close()
        with sqlite3.connect(vault_file) as older:
            older.execute("DROP INDEX IF EXISTS counter_expiry")
            flood = ((f"register from {number}", 1, time.time() + 3600) for number in range(5000))
            older.executemany("INSERT INTO counter VALUES (?, ?, ?)", flood)
        older.close()
        await store.increment_counter("one", window_s=3600)
        await store._run(lambda connection: connection.set_progress_handler(step, 1))
        assert await store.increment_counter("one", window_s=3600) == 3
        assert 0 < steps < 500

    async def test_a_folder_that_cannot_be_made_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(StoreUnavailable, match="file/vault"):
            await SqliteStore(tmp_path / "file" / "vault.db").users()

    async def test_a_link_to_another_database_is_not_followed(self, tmp_path: Path) -> None:
        other = tmp_path / "of-another-program.db"
        with sqlite3.connect(other) as connection:
            connection.execute("CREATE TABLE theirs (name TEXT)")
        connection.close()
        other.chmod(0o644)
        before = other.read_bytes()
        (tmp_path / "vault.db").symlink_to(other)
        with pytest.raises(StoreUnavailable, match="it is a symbolic link"):
            await SqliteStore(tmp_path / "vault.db").users()
        assert other.read_bytes() == before
        assert stat.S_IMODE(other.stat().st_mode) == 0o644


WRITER = """
import asyncio, sys
from pathlib import Path
from outlook_mcp.errors import GenerationConflict
from outlook_mcp.vault.records import StoredRecord
from outlook_mcp.vault.sqlite_store import SqliteStore
from tests.vault.contract import TOKEN

async def main() -> None:
    store = SqliteStore(Path(sys.argv[1]))
    writes = int(sys.argv[2])
    while writes:
        present = await store.get_record(TOKEN)
        generation = present.generation if present else 0
        text = str(generation + 1).encode() * 3000
        try:
            await store.put_record(TOKEN, StoredRecord(text, generation + 1), expected_generation=generation or None)
        except GenerationConflict:
            continue
        print(generation + 1, flush=True)
        writes -= 1
    await store.close()

asyncio.run(main())
"""


def start_writer(vault_file: Path, writes: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(vault_file), str(writes)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


class TestSeveralProcesses:
    async def test_a_writer_killed_at_any_moment_leaves_the_old_or_the_new_record(
        self, store: SqliteStore, vault_file: Path
    ) -> None:
        for lines_before_death in (1, 2, 5, 9):
            writer = start_writer(vault_file, -1)
            assert writer.stdout is not None
            reported = [int(writer.stdout.readline()) for _ in range(lines_before_death)]
            os.kill(writer.pid, signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
            told = [*reported, *(int(line) for line in rest_of_lines(writer))]
            record = await store.get_record(TOKEN)
            assert record is not None
            assert record.generation in (told[-1], told[-1] + 1)
            assert record.blob == str(record.generation).encode() * 3000

    async def test_writers_starting_at_once_lose_no_write(self, store: SqliteStore, vault_file: Path) -> None:
        writers = [start_writer(vault_file, 15) for _ in range(3)]
        told = [int(line) for writer in writers for line in writer.communicate(timeout=30)[0].split()]
        assert [writer.returncode for writer in writers] == [0, 0, 0]
        assert sorted(told) == list(range(1, 46))
        record = await store.get_record(TOKEN)
        assert record is not None
        assert record.generation == 45
