"""The numbered lines of logs in the SQLite file of the vault."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

from outlook_mcp.vault.records import LogLine
from outlook_mcp.vault.sqlite_file import transaction

# Made when the first line comes, so that the file of a vault without logs stays as earlier versions made it.
_TABLE = """
CREATE TABLE IF NOT EXISTS log_line (
    log TEXT NOT NULL, number INTEGER NOT NULL, blob BLOB NOT NULL, PRIMARY KEY (log, number)
) WITHOUT ROWID
"""
_ADD = """
INSERT INTO log_line SELECT :log, :number, :blob
WHERE :number > (SELECT COALESCE(MAX(number), 0) FROM log_line WHERE log = :log)
"""
_READ = "SELECT number, CAST(blob AS BLOB) FROM log_line WHERE log = ? AND number > ? ORDER BY number LIMIT ?"
_LAST = "SELECT COALESCE(MAX(number), 0) FROM log_line WHERE log = ?"
_Answer = TypeVar("_Answer")


class RunWithConnection(Protocol):
    """`SqliteStore._run`."""

    def __call__(self, work: Callable[[sqlite3.Connection], _Answer]) -> Awaitable[_Answer]: ...


class SqliteLogs:
    """A `StoredLogs`."""

    def __init__(self, run: RunWithConnection) -> None:
        self._run = run

    async def append_lines(self, log: str, lines: Sequence[LogLine]) -> None:
        def write(connection: sqlite3.Connection) -> None:
            connection.execute(_TABLE)
            rows = [{"log": log, "number": line.number, "blob": line.blob} for line in lines]
            with transaction(connection):
                connection.executemany(_ADD, rows)

        await self._run(write)

    async def read_lines(self, log: str, *, after: int, most: int) -> tuple[LogLine, ...]:
        def read(connection: sqlite3.Connection) -> tuple[LogLine, ...]:
            connection.execute(_TABLE)
            return tuple(LogLine(*row) for row in connection.execute(_READ, (log, after, most)))

        return await self._run(read)

    async def last_number(self, log: str) -> int:
        def read(connection: sqlite3.Connection) -> int:
            connection.execute(_TABLE)
            return int(connection.execute(_LAST, (log,)).fetchone()[0])

        return await self._run(read)

    async def remove_lines(self, log: str, *, through: int) -> None:
        def write(connection: sqlite3.Connection) -> None:
            connection.execute(_TABLE)
            with transaction(connection):
                connection.execute("DELETE FROM log_line WHERE log = ? AND number <= ?", (log, through))

        await self._run(write)

    async def log_names(self) -> tuple[str, ...]:
        def read(connection: sqlite3.Connection) -> tuple[str, ...]:
            connection.execute(_TABLE)
            return tuple(row[0] for row in connection.execute("SELECT DISTINCT log FROM log_line ORDER BY log"))

        return await self._run(read)
