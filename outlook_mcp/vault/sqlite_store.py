"""The embedded store: one SQLite file that several processes share."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import anyio
import anyio.to_thread

from outlook_mcp.errors import GenerationConflict
from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.clock import UnixClock, unix_time
from outlook_mcp.vault.records import RecordKey, StoredRecord
from outlook_mcp.vault.sqlite_file import errors_as_unavailable, open_file, transaction
from outlook_mcp.vault.sqlite_logs import SqliteLogs

BUSY_TIMEOUT_S = 5.0
_Answer = TypeVar("_Answer")

_GET = """
SELECT CAST(blob AS BLOB), CAST(generation AS INTEGER), expires_at FROM record
WHERE tid = :tid AND oid = :oid AND kind = :kind AND id = :id AND (expires_at IS NULL OR expires_at > :now)
"""
_INSERT = """
INSERT OR IGNORE INTO record (tid, oid, kind, id, generation, expires_at, blob)
VALUES (:tid, :oid, :kind, :id, :generation, :expires_at, :blob)
"""
_SWAP = """
UPDATE record SET generation = :generation, expires_at = :expires_at, blob = :blob
WHERE tid = :tid AND oid = :oid AND kind = :kind AND id = :id AND generation = :expected
"""
_DELETE = "DELETE FROM record WHERE tid = :tid AND oid = :oid AND kind = :kind AND id = :id"
_DELETE_EXPIRED = "DELETE FROM record WHERE expires_at <= :now"
_DELETE_USER = "DELETE FROM record WHERE tid = :tid AND oid = :oid"
_LIST = """
SELECT kind, id FROM record
WHERE tid = :tid AND oid = :oid AND (:kind IS NULL OR kind = :kind) AND (expires_at IS NULL OR expires_at > :now)
ORDER BY kind, id
"""
_USERS = "SELECT DISTINCT tid, oid FROM record WHERE expires_at IS NULL OR expires_at > :now ORDER BY tid, oid"
_DELETE_ENDED = "DELETE FROM counter WHERE ends_at <= :now"
# One that stands at 0 was only read: its window begins with what is counted.
_COUNT = """
INSERT INTO counter VALUES (:name, :by, :ends_at) ON CONFLICT (name) DO UPDATE
SET value = value + :by, ends_at = CASE value WHEN 0 THEN :ends_at ELSE ends_at END RETURNING value
"""


class SqliteStore:
    """Opens the file at the first operation, and waits up to `busy_timeout_s` for one that is locked."""

    def __init__(self, path: Path, *, busy_timeout_s: float = BUSY_TIMEOUT_S, clock: UnixClock = unix_time) -> None:
        self._path = path
        self._clock = clock
        self._busy_timeout_s = busy_timeout_s
        self._connection: sqlite3.Connection | None = None
        # One thread at a time, as a connection requires. Tasks that wait for this limiter occupy no worker thread.
        self._turn = anyio.CapacityLimiter(1)
        self.logs = SqliteLogs(self._run)

    async def get_record(self, key: RecordKey) -> StoredRecord | None:
        def read(connection: sqlite3.Connection) -> StoredRecord | None:
            row = connection.execute(_GET, self._bound(key)).fetchone()
            return None if row is None else StoredRecord(*row)

        return await self._run(read)

    async def put_record(self, key: RecordKey, record: StoredRecord, *, expected_generation: int | None) -> None:
        def write(connection: sqlite3.Connection) -> None:
            values = self._bound(key) | {
                "generation": record.generation,
                "expires_at": record.expires_at,
                "blob": record.blob,
                "expected": expected_generation,
            }
            with transaction(connection):
                connection.execute(_DELETE_EXPIRED, values)
                if connection.execute(_INSERT if expected_generation is None else _SWAP, values).rowcount != 1:
                    raise GenerationConflict(f"The {key.kind} record was written by somebody else meanwhile.")

        await self._run(write)

    async def delete_record(self, key: RecordKey) -> bool:
        def write(connection: sqlite3.Connection) -> bool:
            with transaction(connection):
                connection.execute(_DELETE_EXPIRED, self._bound(key))
                return connection.execute(_DELETE, self._bound(key)).rowcount == 1

        return await self._run(write)

    async def delete_user(self, user: UserKey) -> int:
        def write(connection: sqlite3.Connection) -> int:
            with transaction(connection):
                connection.execute(_DELETE_EXPIRED, {"now": self._clock()})
                gone = connection.execute(_DELETE_USER, {"tid": user.tid, "oid": user.oid})
            # The write-ahead log still holds old pages; it is truncated as far as readers allow.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return gone.rowcount

        return await self._run(write)

    async def record_keys_of(self, user: UserKey, kind: str | None = None) -> tuple[RecordKey, ...]:
        def read(connection: sqlite3.Connection) -> tuple[RecordKey, ...]:
            values = {"tid": user.tid, "oid": user.oid, "kind": kind, "now": self._clock()}
            rows = connection.execute(_LIST, values)
            return tuple(RecordKey(user, row[0], row[1]) for row in rows)

        return await self._run(read)

    async def users(self) -> tuple[UserKey, ...]:
        def read(connection: sqlite3.Connection) -> tuple[UserKey, ...]:
            rows = connection.execute(_USERS, {"now": self._clock()})
            return tuple(UserKey(*row) for row in rows)

        return await self._run(read)

    async def get_meta(self, name: str) -> bytes | None:
        def read(connection: sqlite3.Connection) -> bytes | None:
            row = connection.execute("SELECT CAST(value AS BLOB) FROM meta WHERE name = ?", (name,)).fetchone()
            return None if row is None else bytes(row[0])

        return await self._run(read)

    async def put_meta(self, name: str, value: bytes, *, expected: bytes | None) -> None:
        def write(connection: sqlite3.Connection) -> None:
            with transaction(connection):
                if expected is None:
                    done = connection.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", (name, value))
                else:
                    done = connection.execute(
                        "UPDATE meta SET value = ? WHERE name = ? AND value = ?", (value, name, expected)
                    )
                if done.rowcount != 1:
                    raise GenerationConflict(f"The vault's {name} row was written by somebody else meanwhile.")

        await self._run(write)

    async def meta_names(self) -> tuple[str, ...]:
        def read(connection: sqlite3.Connection) -> tuple[str, ...]:
            return tuple(row[0] for row in connection.execute("SELECT name FROM meta ORDER BY name"))

        return await self._run(read)

    async def increment_counter(self, name: str, *, window_s: float, by: int = 1) -> int:
        def write(connection: sqlite3.Connection) -> int:
            now = self._clock()
            with transaction(connection):
                connection.execute(_DELETE_ENDED, {"now": now})
                row = {"name": name, "by": by, "ends_at": now + window_s}
                (value,) = connection.execute(_COUNT, row).fetchone()
            return int(value)

        return await self._run(write)

    async def check_usable(self) -> None:
        await self._run(lambda connection: connection.execute("SELECT 1 FROM meta").fetchone())

    async def close(self) -> None:
        def close() -> None:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()

        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(close, limiter=self._turn)

    async def _run(self, work: Callable[[sqlite3.Connection], _Answer]) -> _Answer:
        def in_thread() -> _Answer:
            with errors_as_unavailable(self._path):
                if self._connection is None:
                    self._connection = open_file(self._path, busy_timeout_s=self._busy_timeout_s)
                return work(self._connection)

        return await anyio.to_thread.run_sync(in_thread, limiter=self._turn)

    def _bound(self, key: RecordKey) -> dict[str, object]:
        """The parameters of a statement about this row."""
        user = key.user
        return {"tid": user.tid, "oid": user.oid, "kind": key.kind, "id": key.id, "now": self._clock()}
