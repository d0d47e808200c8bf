"""Files, items and links attached to the messages of one mailbox."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from outlook_mcp.sandbox.message import Attachment
from outlook_mcp.sandbox.store.core import ids, times
from outlook_mcp.sandbox.store.core.errors import ItemNotFound
from outlook_mcp.sandbox.store.mail.rows import StoredMessage

if TYPE_CHECKING:
    from outlook_mcp.sandbox.store.mail.mailbox import Mailbox

_COLUMNS = "id, message, key, kind, name, content_type, is_inline, content_id, source_url, size, modified"


@dataclass(frozen=True, slots=True)
class StoredAttachment:
    """All but the content; `key` are the 16 bytes that name it inside an id."""

    row_id: int
    message: int
    key: bytes
    kind: str
    name: str
    content_type: str
    is_inline: bool
    content_id: str | None
    source_url: str | None
    size: int
    modified: str

    def id(self, message_id: str) -> str:
        return ids.attachment_id(message_id, self.key)


class Attachments:
    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox, self._database = mailbox, mailbox.database

    def of(self, keys: Sequence[int]) -> dict[int, list[StoredAttachment]]:
        """The attachments of each message that has some, in the order they were added."""
        found: dict[int, list[StoredAttachment]] = {}
        marks = ", ".join("?" * len(keys))
        sql = f"SELECT {_COLUMNS} FROM attachment WHERE message IN ({marks}) ORDER BY id"  # noqa: S608
        for row in self._database.rows(sql, keys):
            found.setdefault(row["message"], []).append(_read(row))
        return found

    def get(self, stored: StoredMessage, attachment_id: str) -> StoredAttachment:
        """Raises IdMalformed and ItemNotFound."""
        key = ids.attachment_key(attachment_id)
        row = self._database.row(
            f"SELECT {_COLUMNS} FROM attachment WHERE message = ? AND key = ?",  # noqa: S608
            (stored.key, key),
        )
        if row is None:
            raise ItemNotFound(attachment_id)
        return _read(row)

    def content(self, attachment: StoredAttachment) -> bytes:
        return bytes(self._database.value("SELECT content FROM attachment WHERE id = ?", (attachment.row_id,)))

    def load(self, stored: StoredMessage) -> list[Attachment]:
        """With content, as they could be inserted again."""
        return [
            Attachment(
                name=one.name,
                content_type=one.content_type,
                content=self.content(one),
                is_inline=one.is_inline,
                content_id=one.content_id,
                kind=one.kind,
                source_url=one.source_url,
            )
            for one in self.of([stored.key]).get(stored.key, [])
        ]

    def add(self, stored: StoredMessage, attachment: Attachment) -> StoredAttachment:
        with self._database.transaction():
            row_id = self.add_row(stored.key, attachment)
            self._mailbox.messages.attachments_changed(stored)
            row = self._database.row(f"SELECT {_COLUMNS} FROM attachment WHERE id = ?", (row_id,))  # noqa: S608
        if row is None:
            raise ItemNotFound(stored.id)
        return _read(row)

    def add_row(self, message: int, attachment: Attachment) -> int:
        """Only the row; the message does not learn of it."""
        return self._database.execute(
            "INSERT INTO attachment (message, key, kind, name, content_type, is_inline, content_id, source_url,"
            " size, modified, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                message,
                uuid4().bytes,
                attachment.kind,
                attachment.name,
                attachment.content_type,
                int(attachment.is_inline),
                attachment.content_id,
                attachment.source_url,
                len(attachment.content),
                times.now(),
                attachment.content,
            ),
        )

    def remove(self, stored: StoredMessage, attachment: StoredAttachment) -> None:
        with self._database.transaction():
            self._database.execute("DELETE FROM attachment WHERE id = ?", (attachment.row_id,))
            self._mailbox.messages.attachments_changed(stored)


def _read(row: sqlite3.Row) -> StoredAttachment:
    return StoredAttachment(
        row_id=row["id"],
        message=row["message"],
        key=row["key"],
        kind=row["kind"],
        name=row["name"],
        content_type=row["content_type"],
        is_inline=bool(row["is_inline"]),
        content_id=row["content_id"],
        source_url=row["source_url"],
        size=row["size"],
        modified=row["modified"],
    )
