"""Attachments on their way in ranges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe
from typing import TYPE_CHECKING

from outlook_mcp.sandbox.message import Attachment
from outlook_mcp.sandbox.store.core import times
from outlook_mcp.sandbox.store.core.errors import ItemNotFound
from outlook_mcp.sandbox.store.mail.attachments import StoredAttachment
from outlook_mcp.sandbox.store.mail.rows import StoredMessage

if TYPE_CHECKING:
    from outlook_mcp.sandbox.store.mail.mailbox import Mailbox

_LIFETIME = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Upload:
    """An open session; `id` is unguessable, for whoever has it may write; `received` counts bytes."""

    id: str
    message: int
    name: str
    content_type: str
    is_inline: bool
    content_id: str | None
    size: int
    expires: str
    received: int


class Uploads:
    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox, self._database = mailbox, mailbox.database

    def open(self, stored: StoredMessage, attachment: Attachment, size: int) -> Upload:
        """`attachment` without its content."""
        session = token_urlsafe(32)
        self._database.execute(
            "INSERT INTO upload (id, message, name, content_type, is_inline, content_id, size, expires)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                session,
                stored.key,
                attachment.name,
                attachment.content_type,
                int(attachment.is_inline),
                attachment.content_id,
                size,
                times.write(datetime.now(UTC) + _LIFETIME),
            ),
        )
        return self.get(session)

    def get(self, session: str) -> Upload:
        """Raises ItemNotFound, also when the session is over."""
        row = self._database.row(
            "SELECT u.*, (SELECT coalesce(sum(length(r.content)), 0) FROM upload_range r WHERE r.upload = u.id)"
            " AS received FROM upload u JOIN message m ON m.id = u.message"
            " WHERE u.id = ? AND m.mailbox = ? AND u.expires > ?",
            (session, self._mailbox.key, times.now()),
        )
        if row is None:
            raise ItemNotFound(session)
        return Upload(**{**dict(row), "is_inline": bool(row["is_inline"])})

    def append(self, upload: Upload, content: bytes) -> Upload:
        self._database.execute(
            "INSERT INTO upload_range (upload, start, content) VALUES (?, ?, ?)", (upload.id, upload.received, content)
        )
        return self.get(upload.id)

    def finish(self, upload: Upload) -> tuple[StoredMessage, StoredAttachment]:
        """Attach what has arrived and close the session."""
        with self._database.transaction():
            ranges = self._database.rows(
                "SELECT content FROM upload_range WHERE upload = ? ORDER BY start", (upload.id,)
            )
            attachment = Attachment(
                name=upload.name,
                content_type=upload.content_type,
                content=b"".join(row["content"] for row in ranges),
                is_inline=upload.is_inline,
                content_id=upload.content_id,
            )
            self.cancel(upload)
            stored = self._mailbox.messages.by_key(upload.message)
            return stored, self._mailbox.attachments.add(stored, attachment)

    def cancel(self, upload: Upload) -> None:
        self._database.execute("DELETE FROM upload WHERE id = ?", (upload.id,))
