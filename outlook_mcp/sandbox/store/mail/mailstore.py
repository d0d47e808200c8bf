"""All mailboxes of a sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID, uuid5

from outlook_mcp.sandbox.store.core.counters import Counters
from outlook_mcp.sandbox.store.core.database import Database
from outlook_mcp.sandbox.store.core.errors import ItemNotFound, MailboxExists
from outlook_mcp.sandbox.store.mail.folders import Folders
from outlook_mcp.sandbox.store.mail.mailbox import Mailbox
from outlook_mcp.sandbox.store.mail.outbox import Outbox

_NAMESPACE = UUID("6e1c2f3a-1c8b-4d0e-8f57-2a4b6c8d0e1f")


class MailStore:
    """`path` is a file or ":memory:"; `send_delay_s` is how long a sent message stays in the Outbox."""

    def __init__(self, path: str = ":memory:", *, send_delay_s: float = 0.05) -> None:
        self.database = Database(path)
        self.outbox = Outbox(self, send_delay_s)
        self.outbox.deliver_due()

    def add_mailbox(
        self,
        tid: str,
        oid: str,
        upn: str,
        display_name: str,
        *,
        folder_names: Mapping[str, str | None] | None = None,
    ) -> Mailbox:
        """`folder_names` maps well-known names to other display names, or to None for a missing folder."""
        guid = uuid5(_NAMESPACE, f"{tid}:{oid}").bytes
        with self.database.transaction():
            if self.find(oid) or self.mailbox_by_address(upn):
                raise MailboxExists(upn)
            key = self.database.execute(
                "INSERT INTO mailbox (tid, oid, upn, display_name, guid) VALUES (?, ?, ?, ?, ?)",
                (tid, oid, upn, display_name, guid),
            )
            counters = Counters(self.database, key)
            Folders(self.database, key, guid, counters).create_well_known(folder_names or {})
        return self.mailbox(oid)

    def mailbox(self, oid: str) -> Mailbox:
        """Raises ItemNotFound."""
        mailbox = self.find(oid)
        if mailbox is None:
            raise ItemNotFound(oid)
        return mailbox

    def find(self, oid: str) -> Mailbox | None:
        return self._mailbox("oid", oid)

    def mailbox_by_address(self, address: str) -> Mailbox | None:
        return self._mailbox("upn", address)

    def mailboxes(self) -> list[Mailbox]:
        return [Mailbox(self, row) for row in self.database.rows("SELECT * FROM mailbox ORDER BY id")]

    async def settled(self) -> None:
        """Return when everything sent so far has reached Sent Items and the recipients."""
        await self.outbox.settled()

    def clear(self) -> None:
        """Forget every mailbox."""
        with self.database.transaction():
            self.database.execute("DELETE FROM message_text")
            self.database.execute("DELETE FROM mailbox")

    def close(self) -> None:
        self.database.close()

    def _mailbox(self, column: str, value: str) -> Mailbox | None:
        row = self.database.row(f"SELECT * FROM mailbox WHERE {column} = ?", (value,))  # noqa: S608
        return None if row is None else Mailbox(self, row)
