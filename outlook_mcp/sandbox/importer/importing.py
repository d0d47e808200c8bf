"""Imports mail, events and contacts on disk into a mailbox."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from outlook_mcp.sandbox.importer.calendars import import_events
from outlook_mcp.sandbox.importer.eml import read_file, read_folder
from outlook_mcp.sandbox.importer.maildir import is_maildir, read_maildir
from outlook_mcp.sandbox.importer.source import Found, Unreadable
from outlook_mcp.sandbox.message import Message
from outlook_mcp.sandbox.mime import parse
from outlook_mcp.sandbox.mime.cards import read_cards
from outlook_mcp.sandbox.mime.charsets import decode
from outlook_mcp.sandbox.store import Mailbox
from outlook_mcp.sandbox.store.contacts.contacts import Contacts
from outlook_mcp.sandbox.store.contacts.folders import ContactFolders

# The names mail programs give the folders that every mailbox has.
_WELL_KNOWN = {
    "archive": "archive",
    "drafts": "drafts",
    "inbox": "inbox",
    "junk": "junkemail",
    "junk e-mail": "junkemail",
    "spam": "junkemail",
    "sent": "sentitems",
    "sent items": "sentitems",
    "sent messages": "sentitems",
    "trash": "deleteditems",
    "deleted items": "deleteditems",
    "deleted messages": "deleteditems",
}
_CARDS, _CALENDARS = (".vcf", ".vcard"), (".ics", ".ical", ".icalendar")
_BATCH_MESSAGES = 500
_BATCH_BYTES = 64 * 1024 * 1024


@dataclass(slots=True)
class ImportReport:
    """How many messages, events and contacts were imported; what was not, as (file name, reason)."""

    imported: int = 0
    contacts: int = 0
    events: int = 0
    unreadable: list[tuple[str, str]] = field(default_factory=list)


def import_path(mailbox: Mailbox, path: Path, *, folder: str = "inbox") -> ImportReport:
    """Take a folder of .eml, .ics and .vcf files, one of them, an mbox or a Maildir.

    Raises FileNotFoundError when nothing is there.
    """
    report = ImportReport()
    batch = _Batch(mailbox)
    for found in _source(path):
        if isinstance(found, Found) and found.name.lower().endswith(_CARDS):
            _import_cards(mailbox, found, report)
            continue
        if isinstance(found, Found) and found.name.lower().endswith(_CALENDARS):
            number, reasons = import_events(mailbox, decode(found.raw))
            report.events += number
            report.unreadable += [(found.name, reason) for reason in reasons]
            continue
        message = found if isinstance(found, Unreadable) else _message(found)
        if isinstance(message, Message) and isinstance(found, Found):
            batch.add_message(message, _folder_path(found, folder))
            report.imported += 1
        elif isinstance(message, Unreadable):
            report.unreadable.append((message.name, message.reason))
    batch.insert_waiting()
    return report


def _import_cards(mailbox: Mailbox, found: Found, report: ImportReport) -> None:
    """The cards of a file, into the default folder of contacts."""
    folder = ContactFolders(mailbox.database, mailbox.account).default_folder()
    contacts = Contacts(mailbox.database, mailbox.account)
    cards = list(read_cards(decode(found.raw)))
    for fields in cards:
        contacts.create_contact(folder, fields)
    report.contacts += len(cards)
    if not cards:
        report.unreadable.append((found.name, "no contact: it has no card that names somebody"))


class _Batch:
    """Messages that wait to be inserted, hundreds in one transaction."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._waiting: dict[str, list[Message]] = {}
        self._messages = self._bytes = 0

    def add_message(self, message: Message, folder: str) -> None:
        self._waiting.setdefault(folder, []).append(message)
        self._messages += 1
        self._bytes += len(message.mime or b"")
        if self._messages >= _BATCH_MESSAGES or self._bytes >= _BATCH_BYTES:
            self.insert_waiting()

    def insert_waiting(self) -> None:
        for folder, messages in self._waiting.items():
            self._mailbox.insert_many(messages, folder)
        self._waiting, self._messages, self._bytes = {}, 0, 0


def _source(path: Path) -> Iterator[Found | Unreadable]:
    if not path.exists():
        raise FileNotFoundError(f"{path}: no file or folder of mail is here")
    if not path.is_dir():
        return read_file(path, path.name)
    return read_maildir(path) if is_maildir(path) else read_folder(path)


def _message(found: Found) -> Message | Unreadable:
    message = parse(found.raw)
    if not message.headers:
        return Unreadable(found.name, "empty" if not found.raw.strip() else "no message: it has no header")
    status = _status(message)
    message.received = message.received or found.modified
    message.is_read = "R" in status if found.is_read is None else found.is_read
    message.flag_status = "flagged" if found.is_flagged or "F" in status else "notFlagged"
    message.is_draft = found.is_draft
    return message


def _status(message: Message) -> str:
    """The marks that mbox programs keep in the header: R is read, F is flagged."""
    return "".join(value for name, value in message.headers if name.lower() in {"status", "x-status"})


def _folder_path(found: Found, folder: str) -> str:
    if found.is_deleted:
        return "deleteditems"
    names = [name.replace("/", "-") for name in found.folder]
    if not names:
        return folder
    return "/".join([_WELL_KNOWN.get(names[0].lower(), names[0]), *names[1:]])
