"""What callers of delta queries were told, kept under the tokens of the links that they got."""

from __future__ import annotations

import json
import secrets
from typing import Any

from outlook_mcp.sandbox.store.core.accounts import Account
from outlook_mcp.sandbox.store.core.database import Database

TABLES = """
CREATE TABLE IF NOT EXISTS delta_round (
    id INTEGER PRIMARY KEY,
    mailbox INTEGER NOT NULL REFERENCES mailbox ON DELETE CASCADE,
    token TEXT NOT NULL,
    state TEXT NOT NULL,
    UNIQUE (mailbox, token)
);
"""
# Of one mailbox; Graph forgets them after days.
_MOST_ROUNDS = 200


class Rounds:
    """The rounds of one account."""

    def __init__(self, database: Database, account: Account) -> None:
        self._database = database
        self._mailbox = account.key

    def state(self, token: str) -> Any:
        """What was kept under the token, as often as it is asked for; None when nothing is."""
        row = self._database.row(
            "SELECT state FROM delta_round WHERE mailbox = ? AND token = ?", (self._mailbox, token)
        )
        return None if row is None else json.loads(row["state"])

    def keep(self, state: Any) -> str:
        """The token under which a value of JSON is found again, until many others were kept."""
        token = secrets.token_urlsafe(16)
        with self._database.transaction():
            self._database.execute(
                "INSERT INTO delta_round (mailbox, token, state) VALUES (?, ?, ?)",
                (self._mailbox, token, json.dumps(state)),
            )
            self._database.execute(
                "DELETE FROM delta_round WHERE mailbox = ? AND id NOT IN"
                " (SELECT id FROM delta_round WHERE mailbox = ? ORDER BY id DESC LIMIT ?)",
                (self._mailbox, self._mailbox, _MOST_ROUNDS),
            )
        return token
