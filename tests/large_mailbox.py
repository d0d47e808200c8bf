"""Mailboxes with more mail than tests can write in their time: rows of the sandbox's store are copied."""

from __future__ import annotations

from outlook_mcp.sandbox.store import Mailbox


def copy_messages(mailbox: Mailbox, *, written: int, copies: int) -> None:
    """Makes `copies` of each of the `written` messages of the only mailbox in a store, the present one among them."""
    database = mailbox.database
    columns = [row["name"] for row in database.rows("PRAGMA table_info(message)")]
    moved = [f"{name} + n * {written * 10}" if name in ("id", "counter", "entry") else name for name in columns]
    numbers = f"WITH RECURSIVE copies(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < {copies - 1})"
    text = "owner, subject, sender, to_, cc, bcc, body, attachment"
    content = "body, body_type, in_reply_to, reference_ids, headers, mime"
    with database.transaction():
        for table, names, values in (
            ("message", ", ".join(columns), ", ".join(moved)),
            ("content", f"message, {content}", f"message + n * {written * 10}, {content}"),
            ("message_text", f"rowid, {text}", f"rowid + n * {written * 10}, {text}"),
        ):
            database.execute(f"{numbers} INSERT INTO {table} ({names}) SELECT {values} FROM {table}, copies")
        # What is written or moved later is numbered behind the copies.
        database.execute(f"UPDATE mailbox SET counter = counter + {copies * written * 10}")
