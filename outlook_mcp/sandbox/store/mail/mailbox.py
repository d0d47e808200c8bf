"""The mail of one user."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from outlook_mcp.sandbox.message import Attachment, Message
from outlook_mcp.sandbox.store.core.accounts import Account
from outlook_mcp.sandbox.store.core.counters import Counters
from outlook_mcp.sandbox.store.core.database import Database
from outlook_mcp.sandbox.store.mail.attachments import Attachments, StoredAttachment
from outlook_mcp.sandbox.store.mail.changes import Changes
from outlook_mcp.sandbox.store.mail.errors import FolderProtected
from outlook_mcp.sandbox.store.mail.extensions import Extensions
from outlook_mcp.sandbox.store.mail.folders import Folder, Folders
from outlook_mcp.sandbox.store.mail.messages import Messages
from outlook_mcp.sandbox.store.mail.records import Records
from outlook_mcp.sandbox.store.mail.rows import StoredMessage
from outlook_mcp.sandbox.store.mail.uploads import Upload, Uploads


class Mailbox:
    """Folders, messages, attachments, uploads and changes of one account; no other account can be reached from it."""

    def __init__(self, database: Database, account: Account) -> None:
        self.database, self.account = database, account
        self.counters = counters = Counters(database, account.key)
        self.folders = Folders(database, account, counters)
        self.attachments = Attachments(database)
        self.extensions = Extensions(database)
        self.messages = Messages(database, account, counters, self.attachments, self.extensions)
        self.uploads = Uploads(database, account.key)
        self.changes = Changes(database, account, counters, self.messages)

    def records(self, kind: str) -> Records:
        """Such as its rules; each kind is a constant of the module that writes it."""
        return Records(self.database, self.account.key, kind)

    def insert_message(
        self, message: Message, folder: str | Folder = "inbox", *, conversation_id: UUID | None = None
    ) -> StoredMessage:
        """`folder` as for `ensure_folder`; without `conversation_id` the message joins the thread that it refers to."""
        place = folder if isinstance(folder, Folder) else self.ensure_folder(folder)
        return self.messages.insert_message(message, place, conversation=conversation_id)

    def insert_many(self, messages: Iterable[Message], folder: str | Folder = "inbox") -> int:
        """Insert all in one transaction; returns how many."""
        place = folder if isinstance(folder, Folder) else self.ensure_folder(folder)
        with self.database.transaction():
            return sum(1 for message in messages if self.messages.add_message(message, place))

    def ensure_folder(self, path_or_name: str) -> Folder:
        """A well-known name, a display name or a path such as "Projects/Acme"; made where missing."""
        return self.folders.ensure(path_or_name)

    def count(self) -> int:
        return int(self.database.value("SELECT count(*) FROM message WHERE mailbox = ?", (self.account.key,)))

    def attach(self, stored: StoredMessage, attachment: Attachment) -> StoredAttachment:
        with self.database.transaction():
            added = self.attachments.add_attachment(stored.key, attachment)
            self.messages.attachments_changed(stored)
            return added

    def detach(self, stored: StoredMessage, attachment: StoredAttachment) -> None:
        with self.database.transaction():
            self.attachments.remove_attachment(attachment)
            self.messages.attachments_changed(stored)

    def finish_upload(self, upload: Upload) -> tuple[StoredMessage, StoredAttachment]:
        """Attach what has arrived and close the session."""
        with self.database.transaction():
            stored = self.messages.by_key(upload.message)
            return stored, self.attach(stored, self.uploads.take_attachment(upload))

    def copy_folder(self, folder: Folder, parent: Folder) -> Folder:
        """Copy with all messages and folders below; FolderExists, or FolderProtected for a copy below itself."""
        with self.database.transaction():
            if parent.key in self.folders.below(folder):
                raise FolderProtected(folder.name)
            copy = self.folders.create_folder(folder.name, parent, hidden=folder.hidden)
            for message in self.messages.select("m.folder = ?", (folder.key,), "m.id", -1):
                self.messages.copy(message, copy)
            for child in self.folders.select("f.parent = ?", (folder.key,), "f.id", -1):
                self.copy_folder(child, copy)
            return self.folders.by_key(copy.key)

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
            self.folders.remove_folder(folder)
