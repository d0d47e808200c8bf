"""One SQLite connection, safe to call from any thread."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Parameters = Sequence[Any] | dict[str, Any]
# A file that SQLite makes when its cache is full and that has no name, so the memory it takes has a limit.
TEMPORARY = ""
_CACHE_KIB = 32 * 1024


class Database:
    """`path` is a file, or TEMPORARY for a database that is lost when it is closed.

    `tables` are CREATE statements; `renamed` maps the names that tables had in older files to those of today.
    """

    def __init__(self, path: str, tables: Iterable[str], renamed: Mapping[str, str] | None = None) -> None:
        self._lock = threading.RLock()
        if path != TEMPORARY:
            # It holds the app's secret. What SQLite puts beside it gets the same permissions.
            try:
                os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
                Path(path).chmod(0o600)
            except OSError as error:
                raise sqlite3.OperationalError(error.strerror or str(error)) from None
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        for old, new in (renamed or {}).items():
            if self.row("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (old,)):
                self._connection.execute(f"ALTER TABLE {old} RENAME TO {new}")
        journal = "MEMORY" if path == TEMPORARY else "WAL"
        self._connection.executescript(
            f"PRAGMA cache_size = -{_CACHE_KIB}; PRAGMA foreign_keys = ON; PRAGMA journal_mode = {journal};"
            "PRAGMA synchronous = NORMAL;" + "".join(tables)
        )

    def rows(self, sql: str, parameters: Parameters = ()) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Parameters = ()) -> sqlite3.Row | None:
        rows = self.rows(sql, parameters)
        return rows[0] if rows else None

    def value(self, sql: str, parameters: Parameters = ()) -> Any:
        """The first column of the first row, None when there is no row."""
        row = self.row(sql, parameters)
        return None if row is None else row[0]

    def execute(self, sql: str, parameters: Parameters = ()) -> int:
        """Run a change and return the row id of its insert."""
        with self._lock:
            return self._connection.execute(sql, parameters).lastrowid or 0

    def execute_many(self, sql: str, rows: Iterable[Parameters]) -> None:
        with self._lock:
            self._connection.executemany(sql, rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; a transaction inside another is part of it."""
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def close(self) -> None:
        with self._lock:
            self._connection.close()
