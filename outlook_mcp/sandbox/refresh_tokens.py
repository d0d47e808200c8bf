"""Refresh tokens: every use gives a new one; whether the old one stays valid depends on the mode."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import uuid
from dataclasses import dataclass

from outlook_mcp.sandbox.clock import Clock

LIFETIME_S = 90 * 24 * 3600
SPA_LIFETIME_S = 24 * 3600
_LIMIT = 100_000


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """Times are seconds since 1970: `issued` of this token, `started` of the sign-in that its family goes back to."""

    family: str
    client_id: str
    oid: str
    scope: str
    issued: float
    started: float
    used: bool


class RefreshTokens:
    """The newest `limit` tokens, by digest; the value itself is only in the answer to the client."""

    def __init__(self, database: sqlite3.Connection, clock: Clock, limit: int = _LIMIT) -> None:
        self._database = database
        self._clock, self._limit = clock, limit
        database.execute(
            "CREATE TABLE IF NOT EXISTS directory_refresh_token (digest TEXT PRIMARY KEY, family TEXT,"
            " client_id TEXT, oid TEXT, scope TEXT, issued REAL, started REAL, used INTEGER DEFAULT 0)"
        )
        database.execute("CREATE TABLE IF NOT EXISTS directory_revocation (oid TEXT PRIMARY KEY, at REAL)")
        database.execute("CREATE TABLE IF NOT EXISTS directory_dead_family (family TEXT PRIMARY KEY)")

    def issue_token(self, client_id: str, oid: str, scope: str, *, after: RefreshToken | None = None) -> str:
        value = f"1.{secrets.token_urlsafe(384)}"
        now = self._clock.now()
        family, started = (str(uuid.uuid4()), now) if after is None else (after.family, after.started)
        self._database.execute(
            "INSERT INTO directory_refresh_token VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
            (_digest(value), family, client_id, oid, scope, now, started),
        )
        self._database.execute(
            "DELETE FROM directory_refresh_token WHERE rowid <= (SELECT max(rowid) FROM directory_refresh_token) - ?",
            (self._limit,),
        )
        return value

    def find_token(self, value: str) -> RefreshToken | None:
        row = self._database.execute(
            "SELECT family, client_id, oid, scope, issued, started, used FROM directory_refresh_token WHERE digest = ?",
            (_digest(value),),
        ).fetchone()
        if row is None:
            return None
        family, client_id, oid, scope, issued, started, used = row
        return RefreshToken(family, client_id, oid, scope, issued, started, bool(used))

    def mark_used(self, value: str) -> None:
        self._database.execute("UPDATE directory_refresh_token SET used = 1 WHERE digest = ?", (_digest(value),))

    def revoke_family(self, family: str) -> None:
        self._database.execute("INSERT OR IGNORE INTO directory_dead_family VALUES (?)", (family,))

    def family_is_revoked(self, family: str) -> bool:
        query = "SELECT 1 FROM directory_dead_family WHERE family = ?"
        return self._database.execute(query, (family,)).fetchone() is not None

    def revoke_user(self, oid: str) -> None:
        """Revoke everything issued to the user until now, as a password change does."""
        self._database.execute("INSERT OR REPLACE INTO directory_revocation VALUES (?, ?)", (oid, self._clock.now()))

    def revoked_at(self, oid: str) -> float | None:
        row = self._database.execute("SELECT at FROM directory_revocation WHERE oid = ?", (oid,)).fetchone()
        return None if row is None else float(row[0])

    def clear(self) -> None:
        for table in ("refresh_token", "revocation", "dead_family"):
            self._database.execute(f"DELETE FROM directory_{table}")  # noqa: S608 - a fixed list of names


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
