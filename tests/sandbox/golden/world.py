"""The mailbox that golden pairs are about: each pair gets messages and folders of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from outlook_mcp.sandbox.message import Address, Attachment, Message
from outlook_mcp.sandbox.mime import build
from outlook_mcp.sandbox.store import Folder, Mailbox, StoredMessage
from outlook_mcp.sandbox.store.calendar.attendant import MeetingAttendant

_NAME = re.compile(r"\{(\w+)\}")
_NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
_PEOPLE = [Address("dora@example.org", "Dora Ek"), Address("emil@example.net", "Emil Fry")]
_CALENDAR = (
    "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:tasting@example.org\r\nSUMMARY:Tasting\r\n"
    "DTSTART:20260601T090000Z\r\nDTEND:20260601T100000Z\r\nLOCATION:Kitchen\r\n"
    "ORGANIZER;CN=Dora Ek:mailto:dora@example.org\r\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:anna@contoso.com\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)
_PROPOSAL = (
    "BEGIN:VCALENDAR\r\nMETHOD:COUNTER\r\nBEGIN:VEVENT\r\nUID:walk@example.org\r\nSUMMARY:Walk\r\n"
    "DTSTART:20260602T190000Z\r\nDTEND:20260602T200000Z\r\nLOCATION:Orchard\r\n"
    "X-MS-OLK-ORIGINALSTART:20260601T190000Z\r\nX-MS-OLK-ORIGINALEND:20260601T200000Z\r\n"
    "ORGANIZER:mailto:anna@contoso.com\r\nATTENDEE;PARTSTAT=TENTATIVE;CN=Dora Ek:mailto:dora@example.org\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)


def message(subject: str, **fields: Any) -> Message:
    defaults: dict[str, Any] = {
        "body": f"<p>About {subject.lower()}.</p>",
        "body_type": "html",
        "from_": _PEOPLE[0],
        "to": [Address("anna@contoso.com", "Anna Berg")],
        "received": _NOON,
    }
    return Message(subject=subject, **{**defaults, **fields})


class World:
    """Makes what a pair names, once; `values` also holds what earlier answers of the pair told."""

    def __init__(self, mailbox: Mailbox, number: int) -> None:
        self._mailbox, self._number = mailbox, number
        self.values: dict[str, str] = {
            "folder_name": f"Folder {number}",
            "moved_name": f"Moved {number}",
            "three_megabytes": "a" * 3 * 2**20,
            "tomorrow": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
        }
        self._makers: dict[str, Callable[[], None]] = {
            **dict.fromkeys(("received", "received_immutable", "received_etag"), self._make_received),
            **dict.fromkeys(("rich", "file", "inline", "item", "link"), self._make_rich),
            "invitation": self._make_invitation,
            "proposal": self._insert_proposal,
            **dict.fromkeys(("folder", "first", "second", "third"), self._make_folder),
            **dict.fromkeys(("parent", "child"), self._make_parent),
            "old": self._make_thread,
        }

    def filled(self, value: Any) -> Any:
        """The value with every {name} in its texts replaced."""
        if isinstance(value, str):
            return _NAME.sub(self._value, value)
        if isinstance(value, list):
            return [self.filled(item) for item in value]
        if isinstance(value, dict):
            return {key: self.filled(item) for key, item in value.items()}
        return value

    def _value(self, found: re.Match[str]) -> str:
        name = found[1]
        if name not in self.values and name in self._makers:
            self._makers[name]()
        return self.values.get(name, found[0])

    def _insert_message(self, name: str, content: Message, folder: str | Folder = "inbox") -> StoredMessage:
        stored = self._mailbox.insert_message(content, folder)
        self.values[name] = stored.id
        self.values[f"{name}_immutable"] = stored.immutable_id
        self.values[f"{name}_etag"] = f'W/"{stored.change_key}"'
        return stored

    def _make_received(self) -> None:
        self._insert_message("received", message("Harvest", headers=[("X-Team", "North"), ("Received", "by mx")]))

    def _make_rich(self) -> None:
        attachments = [
            Attachment("menu.txt", "text/plain", b"peas and leek "),
            Attachment("logo.png", "image/png", b"\x89PNG", is_inline=True, content_id="logo"),
            Attachment("Reminder", "message/rfc822", build(message("Reminder")), kind="item"),
            Attachment("plan", "message/external-body", b"", kind="reference", source_url="https://x.example/plan"),
        ]
        others = {"cc": [_PEOPLE[1]], "categories": ["Red category"], "importance": "high"}
        stored = self._insert_message("rich", message("Delivery", attachments=attachments, **others))
        added = self._mailbox.attachments.of(stored)
        for name, attachment in zip(("file", "inline", "item", "link"), added, strict=True):
            self.values[name] = attachment.id(stored.id)

    def _make_invitation(self) -> None:
        invitation = message("Tasting", calendar=_CALENDAR)
        MeetingAttendant(self._mailbox.database).attend(self._mailbox.account, invitation)
        self._insert_message("invitation", invitation)

    def _insert_proposal(self) -> None:
        self._insert_message("proposal", message("New Time Proposed: Walk", calendar=_PROPOSAL))

    def _make_folder(self) -> None:
        """A folder with three messages, the first being the oldest."""
        folder = self._mailbox.ensure_folder(self.values["folder_name"])
        self.values["folder"] = folder.id
        for number, name in enumerate(("first", "second", "third")):
            sender = _PEOPLE[number % 2]
            content = message(f"{name.capitalize()} crate", from_=sender, received=_NOON + timedelta(days=number))
            content.is_read, content.flag_status = number == 0, "flagged" if number == 2 else "notFlagged"
            self._insert_message(name, content, folder)

    def _make_parent(self) -> None:
        child = self._mailbox.ensure_folder(f"Parent {self._number}/Child")
        self.values["child"], self.values["parent"] = child.id, str(child.parent_id)

    def _make_thread(self) -> None:
        quoted = '<p>New words</p><hr><div id="divRplyFwdMsg">From: somebody</div><p>Old words</p>'
        self._insert_message("old", message("RE: Harvest", body=quoted))
