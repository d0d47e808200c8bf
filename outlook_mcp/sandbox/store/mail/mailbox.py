"""One user's mailbox."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from outlook_mcp.sandbox.message import Message
from outlook_mcp.sandbox.store.core.counters import Counters
from outlook_mcp.sandbox.store.mail.attachments import Attachments
from outlook_mcp.sandbox.store.mail.changes import Changes
from outlook_mcp.sandbox.store.mail.folders import Folder, Folders
from outlook_mcp.sandbox.store.mail.messages import Messages
from outlook_mcp.sandbox.store.mail.rows import StoredMessage
from outlook_mcp.sandbox.store.mail.uploads import Uploads

if TYPE_CHECKING:
    from outlook_mcp.sandbox.store.mail.mailstore import MailStore


class Mailbox:
    """`guid` sits inside every id; nothing here reaches another mailbox."""

    def __init__(self, store: MailStore, row: sqlite3.Row) -> None:
        self.store = store
        self.database = store.database
        self.key: int = row["id"]
        self.tid: str = row["tid"]
        self.oid: str = row["oid"]
        self.upn: str = row["upn"]
        self.display_name: str = row["display_name"]
        self.guid: bytes = row["guid"]
        counters = Counters(self.database, self.key)
        self.folders = Folders(self.database, self.key, self.guid, counters)
        self.messages = Messages(self, counters)
        self.attachments = Attachments(self)
        self.uploads = Uploads(self)
        self.changes = Changes(self, counters)

    def insert(
        self, message: Message, folder: str | Folder = "inbox", *, conversation_id: UUID | None = None
    ) -> StoredMessage:
        """`folder` as for `ensure_folder`; without `conversation_id` the thread decides."""
        place = folder if isinstance(folder, Folder) else self.ensure_folder(folder)
        return self.messages.insert(message, place, conversation=conversation_id)

    def insert_many(self, messages: Iterable[Message], folder: str | Folder = "inbox") -> int:
        """Insert all in one transaction; returns how many."""
        place = folder if isinstance(folder, Folder) else self.ensure_folder(folder)
        with self.database.transaction():
            return sum(1 for message in messages if self.messages.add(message, place))

    def ensure_folder(self, path_or_name: str) -> Folder:
        """A well-known name, a display name or a path such as "Projects/Acme"; made where missing."""
        return self.folders.ensure(path_or_name)

    def count(self) -> int:
        return int(self.database.value("SELECT count(*) FROM message WHERE mailbox = ?", (self.key,)))

    def delete_folder(self, folder: Folder, *, permanently: bool = False) -> None:
        """Move to Deleted Items, or erase when it is there already. Raises FolderProtected."""
        with self.database.transaction():
            bin_ = self.folders.by_name("deleteditems")
            tree = self.folders.below(folder)
            if not permanently and folder.key not in self.folders.below(bin_):
                self.folders.discard(folder, bin_)
                return
            self.folders.refuse_protected(folder)
            self.messages.erase_folders(tree)
            self.folders.remove(folder)
