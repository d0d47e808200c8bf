"""What changed in a folder since a position, for delta queries."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from outlook_mcp.sandbox.store.core import ids
from outlook_mcp.sandbox.store.core.accounts import Account
from outlook_mcp.sandbox.store.core.counters import Counters
from outlook_mcp.sandbox.store.core.database import Database
from outlook_mcp.sandbox.store.mail.folders import Folder
from outlook_mcp.sandbox.store.mail.messages import Messages
from outlook_mcp.sandbox.store.mail.rows import StoredMessage

ChangeKind = Literal["created", "updated", "deleted"]
# The number of the change that brought a message into its folder.
_ADDED = "coalesce((SELECT a.change FROM addition a WHERE a.message = m.id), 0)"
_KINDS = {"created": f"{_ADDED} > ?", "updated": f"{_ADDED} <= ?", "deleted": "? IS NULL"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A message as it is now, or the ids of one that left the folder."""

    position: int
    message: StoredMessage | None
    id: str
    immutable_id: str


class Changes:
    """Positions are numbers of changes, counted for the whole mailbox."""

    def __init__(self, database: Database, account: Account, counters: Counters, messages: Messages) -> None:
        self._database, self._account, self._counters, self._messages = database, account, counters, messages

    def position(self) -> int:
        """The number of the newest change of the mailbox."""
        return self._counters.newest_change()

    def remembers(self, position: int) -> bool:
        """Whether every change after `position` is still known."""
        oldest = self._database.value("SELECT oldest_change FROM mailbox WHERE id = ?", (self._account.key,))
        return bool(oldest <= position <= self.position())

    def additions(self, messages: Sequence[int]) -> dict[int, int]:
        """The number of the change that brought each message (its row) into its folder."""
        marks = ", ".join("?" * len(messages))
        rows = self._database.rows(f"SELECT * FROM addition WHERE message IN ({marks})", messages)  # noqa: S608
        return {row["message"]: row["change"] for row in rows}

    def removals_after(self, position: int, folder: int | None) -> list[sqlite3.Row]:
        """What left the folder (its row), or any folder: `counter`, `entry`, and the `folder_counter`."""
        return self._database.rows(
            "SELECT r.*, f.counter AS folder_counter FROM removal r JOIN folder f ON f.id = r.folder"
            " WHERE f.mailbox = ? AND r.change > ? AND r.folder = coalesce(?, r.folder) ORDER BY r.change",
            (self._account.key, position, folder),
        )

    def forget(self) -> None:
        """Make every delta token issued so far too old."""
        position = self._counters.next_change()
        self._database.execute("UPDATE mailbox SET oldest_change = ? WHERE id = ?", (position, self._account.key))

    def after(
        self,
        folder: Folder,
        position: int,
        *,
        removals_after: int,
        limit: int,
        condition: str = "1",
        parameters: Sequence[Any] = (),
        kind: ChangeKind | None = None,
        since: int = 0,
    ) -> list[Change]:
        """At most `limit` changes, oldest first; `condition` narrows the messages, not the removals.

        `kind` None gives all; a message counts as created when it came into the folder after the change `since`.
        """
        condition = f"{condition} AND {_KINDS.get(kind or '', '? IS NOT NULL')}"
        parameters = (*parameters, since)
        messages = self._messages.select(
            f"m.folder = ? AND m.change > ? AND {condition}",
            (folder.key, position, *parameters),
            "m.change",
            limit,
        )
        changes = [
            Change(position=message.row["change"], message=message, id=message.id, immutable_id=message.immutable_id)
            for message in messages
        ]
        if kind in (None, "deleted"):
            changes += self._removals(folder, max(position, removals_after), limit)
        return sorted(changes, key=lambda change: change.position)[:limit]

    def _removals(self, folder: Folder, position: int, limit: int) -> list[Change]:
        guid = self._account.guid
        folder_counter = ids.parse(folder.id).counter
        rows = self._database.rows(
            "SELECT * FROM removal WHERE folder = ? AND change > ? ORDER BY change LIMIT ?",
            (folder.key, position, limit),
        )
        return [
            Change(
                position=row["change"],
                message=None,
                id=ids.item_id(guid, folder_counter, row["entry"]),
                immutable_id=ids.immutable_id(guid, row["counter"]),
            )
            for row in rows
        ]
