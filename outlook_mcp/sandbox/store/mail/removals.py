"""What left the folders of a mailbox, kept for delta queries."""

from __future__ import annotations

from outlook_mcp.sandbox.store.core.accounts import Account
from outlook_mcp.sandbox.store.core.counters import Counters
from outlook_mcp.sandbox.store.core.database import Database
from outlook_mcp.sandbox.store.mail.rows import StoredMessage

_CHANGES_KEPT = 100_000


class Removals:
    """Each is known for at least `changes_kept` changes of the mailbox; a delta token that needs more is too old."""

    def __init__(
        self, database: Database, account: Account, counters: Counters, changes_kept: int = _CHANGES_KEPT
    ) -> None:
        self._database, self._mailbox, self._counters = database, account.key, counters
        self._changes_kept = changes_kept

    def add_removal(self, stored: StoredMessage) -> None:
        """Call it before the message is moved or erased."""
        row, change = stored.row, self._counters.next_change()
        self._database.execute(
            "INSERT INTO removal (folder, change, counter, entry) VALUES (?, ?, ?, ?)",
            (row["folder"], change, row["counter"], row["entry"]),
        )
        oldest = self._database.value("SELECT oldest_change FROM mailbox WHERE id = ?", (self._mailbox,))
        if change - oldest > self._changes_kept * 1.1:
            self._forget_until(change - self._changes_kept)

    def _forget_until(self, change: int) -> None:
        self._database.execute(
            "DELETE FROM removal WHERE change <= ? AND folder IN (SELECT id FROM folder WHERE mailbox = ?)",
            (change, self._mailbox),
        )
        self._database.execute("UPDATE mailbox SET oldest_change = ? WHERE id = ?", (change, self._mailbox))
