"""The messages of one mailbox."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from outlook_mcp.sandbox.message import Message
from outlook_mcp.sandbox.store.core import ids, times
from outlook_mcp.sandbox.store.core.accounts import Account
from outlook_mcp.sandbox.store.core.counters import Counters
from outlook_mcp.sandbox.store.core.database import Database
from outlook_mcp.sandbox.store.core.errors import ItemNotFound
from outlook_mcp.sandbox.store.mail.attachments import Attachments
from outlook_mcp.sandbox.store.mail.extensions import Extensions
from outlook_mcp.sandbox.store.mail.folders import Folder
from outlook_mcp.sandbox.store.mail.ids import conversation_guid
from outlook_mcp.sandbox.store.mail.insertion import (
    attachment_columns,
    completed,
    content_columns,
    mark_columns,
    message_columns,
    plain_text,
    text_columns,
)
from outlook_mcp.sandbox.store.mail.removals import Removals
from outlook_mcp.sandbox.store.mail.rows import StoredMessage, load_addresses, one_address
from outlook_mcp.sandbox.store.mail.threads import Threads, conversation_index

# Columns that a copy keeps although `Message` has no field for them.
_KEPT = ("flag", "inference", "read_receipt", "delivery_receipt")
_SELECT = (
    "SELECT m.id AS key, m.*, f.counter AS folder_counter FROM message m CROSS JOIN folder f ON f.id = m.folder WHERE "
)


class Messages:
    """Lookups raise ItemNotFound; every change counts up the message's change key."""

    def __init__(
        self,
        database: Database,
        account: Account,
        counters: Counters,
        attachments: Attachments,
        extensions: Extensions,
    ) -> None:
        self._database, self._account, self._counters = database, account, counters
        self._attachments, self._extensions = attachments, extensions
        self._threads, self._removals = Threads(database, account), Removals(database, account, counters)

    def insert_message(
        self,
        message: Message,
        folder: Folder,
        *,
        conversation: UUID | None = None,
        columns: Mapping[str, Any] | None = None,
    ) -> StoredMessage:
        """`columns` sets what `Message` has no field for."""
        with self._database.transaction():
            return self.by_key(self.add_message(message, folder, conversation=conversation, columns=columns))

    def add_message(
        self,
        message: Message,
        folder: Folder,
        *,
        conversation: UUID | None = None,
        columns: Mapping[str, Any] | None = None,
    ) -> int:
        """As `insert_message`, but returns the row and needs a transaction of the caller."""
        message = completed(message, self._account.upn.rpartition("@")[2])
        text = plain_text(message)
        thread = self._threads.join(message, conversation)
        counter, change, moment = self._counters.next_item(), self._counters.next_change(), times.now()
        key = self._insert_row(
            "message",
            {
                "mailbox": self._account.key,
                "folder": folder.key,
                "counter": counter,
                "entry": counter,
                "change": change,
                "created": moment,
                "modified": moment,
                "conversation": thread,
                "conversation_index": conversation_index(thread, message),
                **message_columns(message, text),
                **attachment_columns(message),
                **(columns or {}),
            },
        )
        self._insert_row("content", {"message": key, **content_columns(message)})
        if message.calendar is not None:
            self._insert_row("meeting", {"message": key, "calendar": message.calendar})
        self._insert_row("addition", {"message": key, "change": change})
        self._index(key, message, text)
        for attachment in message.attachments:
            self._attachments.add_attachment(key, attachment)
        return key

    def by_key(self, key: int) -> StoredMessage:
        return self._one_message("m.id = ?", key)

    def by_id(self, message_id: str) -> StoredMessage:
        """An ordinary or immutable id of this mailbox. Raises IdMalformed too."""
        item = ids.parse(message_id)
        if item.guid != self._account.guid or item.kind == "folder":
            raise ItemNotFound(message_id)
        if item.kind == "immutable":
            return self._one_message("m.counter = ?", item.counter)
        return self._one_message("m.entry = ? AND f.counter = ?", item.counter, item.folder)

    def select(
        self, condition: str, parameters: Sequence[Any], order: str, limit: int, offset: int = 0
    ) -> list[StoredMessage]:
        """Rows of `message m`; the condition need not name the mailbox."""
        rows = self._database.rows(
            f"{_SELECT} m.mailbox = ? AND {condition} ORDER BY {order} LIMIT ? OFFSET ?",
            (self._account.key, *parameters, limit, offset),
        )
        return [StoredMessage(row["key"], self._account.guid, row) for row in rows]

    def total(self, condition: str, parameters: Sequence[Any]) -> int:
        return int(
            self._database.value(
                f"SELECT count(*) FROM message m WHERE m.mailbox = ? AND {condition}",  # noqa: S608
                (self._account.key, *parameters),
            )
        )

    def load_message(self, stored: StoredMessage) -> Message:
        """The message with its attachments, as it could be inserted again."""
        row, content = stored.row, self.content(stored)
        return Message(
            subject=row["subject"],
            body=content["body"],
            body_type=content["body_type"],
            sender=one_address(row, "sender"),
            from_=one_address(row, "from"),
            to=load_addresses(row["to_recipients"]),
            cc=load_addresses(row["cc_recipients"]),
            bcc=load_addresses(row["bcc_recipients"]),
            reply_to=load_addresses(row["reply_to"]),
            received=times.read_time(row["received"]),
            sent=times.read_time(row["sent"]),
            internet_message_id=row["internet_message_id"],
            in_reply_to=content["in_reply_to"],
            references=json.loads(content["reference_ids"]),
            headers=[(name, value) for name, value in json.loads(content["headers"])],
            attachments=self._attachments.load_attachments(stored),
            importance=row["importance"],
            is_read=bool(row["is_read"]),
            is_draft=bool(row["is_draft"]),
            flag_status=row["flag_status"],
            categories=json.loads(row["categories"]),
            calendar=content["calendar"],
            mime=content["mime"],
        )

    def content(self, stored: StoredMessage) -> Mapping[str, Any]:
        """body, body_type, in_reply_to, reference_ids, headers, mime, calendar."""
        row = self._database.row(
            "SELECT * FROM content LEFT JOIN meeting USING (message) WHERE message = ?", (stored.key,)
        )
        if row is None:
            raise ItemNotFound(stored.id)
        return dict(row)

    def rewrite(self, stored: StoredMessage, message: Message) -> StoredMessage:
        """Replace everything but ids, folder and attachments; the stored MIME form is dropped."""
        message.mime = None
        text = plain_text(message)
        with self._database.transaction():
            self._update_row("content", "message", stored.key, content_columns(message))
            self._reindex(stored.key, message, text)
            return self.update_columns(stored, message_columns(message, text))

    def update_columns(self, stored: StoredMessage, columns: Mapping[str, Any]) -> StoredMessage:
        """Change columns; the change key and the time of modification change too."""
        with self._database.transaction():
            marks = {"change": self._counters.next_change(), "modified": times.now()}
            self._update_row("message", "id", stored.key, {**columns, **marks})
            return self.by_key(stored.key)

    def update_marks(self, stored: StoredMessage, message: Message, columns: Mapping[str, Any]) -> StoredMessage:
        """Take over importance, read state, flag and categories, and `columns` besides."""
        return self.update_columns(stored, {**mark_columns(message), **columns})

    def attachments_changed(self, stored: StoredMessage) -> StoredMessage:
        with self._database.transaction():
            message = self.load_message(stored)
            message.mime = None
            text = plain_text(message)
            self._update_row("content", "message", stored.key, {"mime": None})
            self._reindex(stored.key, message, text)
            size = message_columns(message, text)["size"]
            return self.update_columns(stored, {**attachment_columns(message), "size": size})

    def move(self, stored: StoredMessage, folder: Folder) -> StoredMessage:
        """The ordinary id changes, the immutable one stays. A message that waits to be sent is a draft again."""
        with self._database.transaction():
            self._removals.add_removal(stored)
            columns: dict[str, Any] = {"folder": folder.key, "entry": self._counters.next_item()}
            if stored.row["submit_at"] is not None:
                columns |= {"submit_at": None, "is_draft": 1}
            moved = self.update_columns(stored, columns)
            self._database.execute("INSERT OR REPLACE INTO addition VALUES (?, ?)", (moved.key, moved.row["change"]))
            return moved

    def copy(self, stored: StoredMessage, folder: Folder) -> StoredMessage:
        with self._database.transaction():
            copy = self.insert_message(
                self.load_message(stored),
                folder,
                conversation=conversation_guid(stored.conversation_id),
                columns={name: stored.row[name] for name in _KEPT},
            )
            self._extensions.copy_all(stored, copy)
            self.set_extended(copy, dict(self.extended([stored.key]).get(stored.key, [])))
            return copy

    def erase(self, stored: StoredMessage) -> None:
        with self._database.transaction():
            self._removals.add_removal(stored)
            self._database.execute("DELETE FROM message_text WHERE rowid = ?", (stored.key,))
            self._database.execute("DELETE FROM message WHERE id = ?", (stored.key,))
            self._threads.forget_thread_if_empty(stored.conversation_id)

    def erase_folders(self, folders: Iterable[int]) -> None:
        """Erase all messages of folders that are about to go themselves."""
        for folder in folders:
            self._database.execute(
                "DELETE FROM message_text WHERE rowid IN (SELECT id FROM message WHERE folder = ?)", (folder,)
            )
            self._database.execute("DELETE FROM message WHERE folder = ?", (folder,))
        self._threads.forget_empty_threads()

    def set_extended(self, stored: StoredMessage, properties: Mapping[str, str | None]) -> None:
        self._database.execute_many(
            "INSERT OR REPLACE INTO extended_property VALUES (?, ?, ?)",
            [(stored.key, name, value) for name, value in properties.items()],
        )

    def extended(self, keys: Sequence[int]) -> dict[int, list[tuple[str, str | None]]]:
        """The extended properties of each message that has some."""
        found: dict[int, list[tuple[str, str | None]]] = {}
        marks = ", ".join("?" * len(keys))
        for row in self._database.rows(f"SELECT * FROM extended_property WHERE message IN ({marks})", keys):  # noqa: S608
            found.setdefault(row["message"], []).append((row["id"], row["value"]))
        return found

    def _one_message(self, condition: str, *values: object) -> StoredMessage:
        found = self.select(condition, values, "m.id", 1)
        if not found:
            raise ItemNotFound(str(values[0]))
        return found[0]

    def _index(self, key: int, message: Message, text: str) -> None:
        self._database.execute(
            "INSERT INTO message_text (rowid, owner, subject, sender, to_, cc, bcc, body, attachment)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (key, *text_columns(self._account.key, message, text)),
        )

    def _reindex(self, key: int, message: Message, text: str) -> None:
        self._database.execute("DELETE FROM message_text WHERE rowid = ?", (key,))
        self._index(key, message, text)

    def _insert_row(self, table: str, columns: Mapping[str, Any]) -> int:
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        return self._database.execute(
            f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608
            tuple(columns.values()),
        )

    def _update_row(self, table: str, key_name: str, key: int, columns: Mapping[str, Any]) -> None:
        assignments = ", ".join(f"{name} = ?" for name in columns)
        self._database.execute(
            f"UPDATE {table} SET {assignments} WHERE {key_name} = ?",  # noqa: S608
            (*columns.values(), key),
        )
