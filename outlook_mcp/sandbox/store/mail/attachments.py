"""Files, items and links attached to messages."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from outlook_mcp.sandbox.message import Attachment
from outlook_mcp.sandbox.store.core import times
from outlook_mcp.sandbox.store.core.database import Database
from outlook_mcp.sandbox.store.core.errors import ItemNotFound
from outlook_mcp.sandbox.store.mail import ids
from outlook_mcp.sandbox.store.mail.rows import StoredMessage

_COLUMNS = "id, message, key, kind, name, content_type, is_inline, content_id, source_url, size, modified"


@dataclass(frozen=True, slots=True)
class StoredAttachment:
    """An attachment without its content; `key` holds the 16 bytes that name it inside an id."""

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
    """The rows of attachments; `Mailbox` keeps the messages they belong to in step."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_messages(self, keys: Sequence[int]) -> dict[int, list[StoredAttachment]]:
        """The attachments of each message that has some, by the row of the message, in the order they were added."""
        found: dict[int, list[StoredAttachment]] = {}
        marks = ", ".join("?" * len(keys))
        sql = f"SELECT {_COLUMNS} FROM attachment WHERE message IN ({marks}) ORDER BY id"  # noqa: S608
        for row in self._database.rows(sql, keys):
            found.setdefault(row["message"], []).append(_attachment_of(row))
        return found

    def of(self, stored: StoredMessage) -> list[StoredAttachment]:
        return self.of_messages([stored.key]).get(stored.key, [])

    def by_id(self, stored: StoredMessage, attachment_id: str) -> StoredAttachment:
        """Raises IdMalformed and ItemNotFound."""
        key = ids.attachment_key(attachment_id)
        row = self._database.row(
            f"SELECT {_COLUMNS} FROM attachment WHERE message = ? AND key = ?",  # noqa: S608
            (stored.key, key),
        )
        if row is None:
            raise ItemNotFound(attachment_id)
        return _attachment_of(row)

    def content(self, attachment: StoredAttachment) -> bytes:
        return bytes(self._database.value("SELECT content FROM attachment WHERE id = ?", (attachment.row_id,)))

    def load_attachments(self, stored: StoredMessage) -> list[Attachment]:
        """With content, as they could be inserted again."""
        return [
            Attachment(
                name=attachment.name,
                content_type=attachment.content_type,
                content=self.content(attachment),
                is_inline=attachment.is_inline,
                content_id=attachment.content_id,
                kind=attachment.kind,
                source_url=attachment.source_url,
            )
            for attachment in self.of(stored)
        ]

    def add_attachment(self, message: int, attachment: Attachment) -> StoredAttachment:
        """`message` is the row of the message."""
        row_id = self._database.execute(
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
        (row,) = self._database.rows(f"SELECT {_COLUMNS} FROM attachment WHERE id = ?", (row_id,))  # noqa: S608
        return _attachment_of(row)

    def remove_attachment(self, attachment: StoredAttachment) -> None:
        self._database.execute("DELETE FROM attachment WHERE id = ?", (attachment.row_id,))


def _attachment_of(row: sqlite3.Row) -> StoredAttachment:
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
