"""Opens the vault's SQLite file, and turns its errors into StoreUnavailable."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from outlook_mcp.audit.private_files import open_private
from outlook_mcp.errors import Remedy, StoreUnavailable
from outlook_mcp.net.clock import seconds_since_boot

SCHEMA_VERSION = 2
_RETRY_PAUSE_S = 0.02
_SCHEMA = """
CREATE TABLE IF NOT EXISTS record (
    tid TEXT NOT NULL,
    oid TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    generation INTEGER NOT NULL,
    expires_at REAL,
    blob BLOB NOT NULL,
    PRIMARY KEY (tid, oid, kind, id)
);
CREATE INDEX IF NOT EXISTS record_expiry ON record (expires_at) WHERE expires_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL, ends_at REAL NOT NULL);
"""
# Added later, and no other format: older servers use such a file, too.
_COUNTER_EXPIRY = "CREATE INDEX IF NOT EXISTS counter_expiry ON counter (ends_at)"
_RESTORE = "Put back a good copy of the file, or move it and audit.log away and sign in again; nothing was changed."


def open_file(path: Path, *, busy_timeout_s: float) -> sqlite3.Connection:
    """A connection in autocommit mode, usable from any thread by one thread at a time."""
    with errors_as_unavailable(path):
        _create_private(path)
        connection = sqlite3.connect(
            path, timeout=busy_timeout_s, isolation_level=None, check_same_thread=False, cached_statements=32
        )
        try:
            _prepare(connection, path, seconds_since_boot() + busy_timeout_s)
        except BaseException:
            connection.close()
            raise
        return connection


def _create_private(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # A link could name another database of this user, which would get our tables. The mode is set by us.
    os.close(open_private(path, os.O_RDWR | os.O_CREAT, forbidden=0))


def _prepare(connection: sqlite3.Connection, path: Path, give_up: float) -> None:
    """Checks the file before anything is written, then sets journal mode and schema."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise StoreUnavailable(
            f"The vault {path} was made by a newer outlook-mcp (format {version}).", remedy=Remedy.UPDATE_SERVER
        )
    if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise StoreUnavailable(f"The vault {path} is corrupt.", next_step=_RESTORE)
    path.chmod(0o600)
    _use_wal(connection, give_up)
    connection.execute("PRAGMA secure_delete = ON")
    # A power failure must not lose a refreshed token: it may be the only one that Entra still accepts.
    connection.execute("PRAGMA synchronous = FULL")
    if version < SCHEMA_VERSION:
        with transaction(connection):
            for statement in filter(str.strip, _SCHEMA.split(";")):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute(_COUNTER_EXPIRY)


def _use_wal(connection: sqlite3.Connection, give_up: float) -> None:
    """Sets the journal mode, which ignores the busy timeout: two processes that start at once wait here."""
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or seconds_since_boot() >= give_up:
                raise
            time.sleep(_RETRY_PAUSE_S)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """A transaction: other processes see all of its writes or none."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # SQLite has already rolled back by itself when the disk is full or fails.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def errors_as_unavailable(path: Path) -> Iterator[None]:
    """Turns every error of the file into StoreUnavailable, which names the file."""
    try:
        yield
    except sqlite3.Error as error:
        # The low byte is the primary code: https://sqlite.org/rescode.html
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        raise _unavailable(path, code, getattr(error, "sqlite_errorname", type(error).__name__)) from error
    except UnicodeDecodeError as error:
        # SQLite repeats names of the damaged file in its own message.
        raise _unavailable(path, sqlite3.SQLITE_CORRUPT, "SQLITE_CORRUPT") from error
    except OSError as error:
        raise StoreUnavailable(f"The vault {path} cannot be opened: {error.strerror}.") from error


def _unavailable(path: Path, code: int, detail: str) -> StoreUnavailable:
    match code:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StoreUnavailable(f"The vault {path} is locked by another process.")
        case sqlite3.SQLITE_FULL:
            return StoreUnavailable(f"The disk of the vault {path} is full.", next_step="Make room, then try again.")
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return StoreUnavailable(f"The vault {path} is corrupt ({detail}).", next_step=_RESTORE)
        case _:
            return StoreUnavailable(f"The vault {path} cannot be used ({detail}).")
