"""Upload sessions: attachments that arrive in ranges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe

from outlook_mcp.sandbox.message import Attachment
from outlook_mcp.sandbox.store.core import times
from outlook_mcp.sandbox.store.core.database import Database
from outlook_mcp.sandbox.store.core.errors import ItemNotFound
from outlook_mcp.sandbox.store.mail.rows import StoredMessage

_LIFETIME = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Upload:
    """An open session. `id` is a secret, `message` a row; `size` and `received` count bytes."""

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
    """The sessions of one mailbox; `mailbox` is its row."""

    def __init__(self, database: Database, mailbox: int) -> None:
        self._database, self._mailbox = database, mailbox

    def start(self, stored: StoredMessage, attachment: Attachment, size: int) -> Upload:
        """`attachment` comes without its content, which has `size` bytes; sessions that have expired are deleted."""
        self._database.execute("DELETE FROM upload WHERE expires <= ?", (times.now(),))
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
                times.write_time(datetime.now(UTC) + _LIFETIME),
            ),
        )
        return self.by_id(session)

    def by_id(self, session: str) -> Upload:
        """Raises ItemNotFound, also when the session has expired."""
        row = self._database.row(
            "SELECT u.*, (SELECT coalesce(sum(length(r.content)), 0) FROM upload_range r WHERE r.upload = u.id)"
            " AS received FROM upload u JOIN message m ON m.id = u.message"
            " WHERE u.id = ? AND m.mailbox = ? AND u.expires > ?",
            (session, self._mailbox, times.now()),
        )
        if row is None:
            raise ItemNotFound(session)
        return Upload(**{**dict(row), "is_inline": bool(row["is_inline"])})

    def append(self, upload: Upload, content: bytes) -> Upload:
        self._database.execute(
            "INSERT INTO upload_range (upload, start, content) VALUES (?, ?, ?)", (upload.id, upload.received, content)
        )
        return self.by_id(upload.id)

    def take_attachment(self, upload: Upload) -> Attachment:
        """The attachment as far as it has arrived; the session ends."""
        with self._database.transaction():
            ranges = self._database.rows(
                "SELECT content FROM upload_range WHERE upload = ? ORDER BY start", (upload.id,)
            )
            self.cancel(upload)
        return Attachment(
            name=upload.name,
            content_type=upload.content_type,
            content=b"".join(row["content"] for row in ranges),
            is_inline=upload.is_inline,
            content_id=upload.content_id,
        )

    def cancel(self, upload: Upload) -> None:
        self._database.execute("DELETE FROM upload WHERE id = ?", (upload.id,))
