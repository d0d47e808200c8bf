"""What changed in a folder since a position, for delta queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from outlook_mcp.sandbox.store.core import ids
from outlook_mcp.sandbox.store.core.counters import Counters
from outlook_mcp.sandbox.store.mail.folders import Folder
from outlook_mcp.sandbox.store.mail.rows import StoredMessage

if TYPE_CHECKING:
    from outlook_mcp.sandbox.store.mail.mailbox import Mailbox


@dataclass(frozen=True, slots=True)
class Change:
    """A message as it is now, or the ids of one that left the folder."""

    position: int
    message: StoredMessage | None
    id: str
    immutable_id: str


class Changes:
    def __init__(self, mailbox: Mailbox, counters: Counters) -> None:
        self._mailbox, self._database, self._counters = mailbox, mailbox.database, counters

    def position(self) -> int:
        """The number of the newest change of the mailbox."""
        return self._counters.change()

    def remembers(self, position: int) -> bool:
        """Whether a round from `position` would miss nothing."""
        oldest = self._database.value("SELECT oldest_change FROM mailbox WHERE id = ?", (self._mailbox.key,))
        return bool(oldest <= position <= self.position())

    def forget(self) -> None:
        """Make every delta token given so far too old."""
        position = self._counters.next_change()
        self._database.execute("UPDATE mailbox SET oldest_change = ? WHERE id = ?", (position, self._mailbox.key))

    def after(
        self,
        folder: Folder,
        position: int,
        *,
        removals_after: int,
        limit: int,
        condition: str = "1",
        parameters: Sequence[Any] = (),
    ) -> list[Change]:
        """At most `limit` changes, oldest first; `condition` narrows the messages, not the removals."""
        messages = self._mailbox.messages.select(
            f"m.folder = ? AND m.change > ? AND {condition}",
            (folder.key, position, *parameters),
            "m.change",
            limit,
        )
        changes = [Change(one.row["change"], one, one.id, one.immutable_id) for one in messages]
        changes += self._removals(folder, max(position, removals_after), limit)
        return sorted(changes, key=lambda change: change.position)[:limit]

    def _removals(self, folder: Folder, position: int, limit: int) -> list[Change]:
        guid = self._mailbox.guid
        folder_counter = ids.parse(folder.id).counter
        rows = self._database.rows(
            "SELECT * FROM removal WHERE folder = ? AND change > ? ORDER BY change LIMIT ?",
            (folder.key, position, limit),
        )
        return [
            Change(
                row["change"],
                None,
                ids.message_id(guid, folder_counter, row["entry"]),
                ids.immutable_id(guid, row["counter"]),
            )
            for row in rows
        ]
