"""A request to the mail of a user."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from outlook_mcp.sandbox.graph.core.call import Call
from outlook_mcp.sandbox.graph.core.errors import access_denied, item_not_found
from outlook_mcp.sandbox.graph.core.refusals import id_refusals
from outlook_mcp.sandbox.graph.mail.errors import no_default_folder
from outlook_mcp.sandbox.graph.mail.paths import IN_FOLDER
from outlook_mcp.sandbox.graph.mail.scopes import READ, shared
from outlook_mcp.sandbox.graph.mail.search_folders import folder_condition
from outlook_mcp.sandbox.mime.calendar import CalendarEvent
from outlook_mcp.sandbox.store import Folder, ItemNotFound, Mailbox, MailStore, StoredMessage
from outlook_mcp.sandbox.store.mail.folders import WELL_KNOWN_NAMES
from outlook_mcp.sandbox.store.mail.outbox import Outbox

# The JSON of the event in the caller's calendars that a meeting message is about; None where there is none.
EventJson = Callable[[Call, CalendarEvent], Mapping[str, Any] | None]


def no_event(_call: Call, _meeting: CalendarEvent) -> None:
    """For a sandbox without calendars."""


@dataclass(frozen=True, slots=True)
class MailCall(Call):
    """`stores` has the mailboxes of everybody; `upload_origin` is where the URLs of upload sessions lead."""

    mailbox: Mailbox
    stores: MailStore
    upload_origin: str
    event_json: EventJson

    @classmethod
    def of(cls, call: Call, stores: MailStore, upload_origin: str, event_json: EventJson) -> MailCall:
        mailbox = stores.of_account(call.account)
        return cls(
            *call.parts,
            mailbox,
            stores,
            upload_origin,
            event_json,
        )

    @property
    def basic_only(self) -> bool:
        """Whether the token reads messages without their bodies."""
        return not self.allows(*(READ if self.is_own else shared(READ)))

    @property
    def is_own(self) -> bool:
        """Whether the mailbox is the caller's own."""
        return self.account.oid == self.caller.oid

    @property
    def outbox(self) -> Outbox:
        return self.stores.outbox

    def need_full_read(self) -> None:
        if self.basic_only:
            raise access_denied()

    @property
    def folder_name(self) -> str | None:
        """The id or well-known name of the folder that the path leads through."""
        return self.arguments.get(IN_FOLDER)

    def folder(self, name: str) -> Folder:
        """By id or well-known name."""
        if name.lower() in WELL_KNOWN_NAMES:
            try:
                return self.mailbox.folders.by_name(name)
            except ItemNotFound as error:
                raise no_default_folder(name) from error
        with id_refusals():
            return self.mailbox.folders.by_id(name)

    def path_folder(self) -> Folder | None:
        return None if self.folder_name is None else self.folder(self.folder_name)

    def message(self) -> StoredMessage:
        """The message of the path, which must be in the folder of the path."""
        folder = self.path_folder()
        with id_refusals():
            stored = self.mailbox.messages.by_id(self.arguments["message"])
        if folder is not None and not self._is_in(stored, folder):
            raise item_not_found()
        return stored

    def _is_in(self, stored: StoredMessage, folder: Folder) -> bool:
        if folder.search is None:
            return bool(stored.row["folder"] == folder.key)
        place = folder_condition(self.mailbox, folder)
        return self.mailbox.messages.total(f"m.id = ? AND {place.sql}", (stored.key, *place.parameters)) > 0
