"""The changes that are tried, each on messages of its own, and how to see whether they were made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from outlook_mcp.sandbox.message import Attachment, Message
from outlook_mcp.sandbox.store.mail.rows import StoredMessage
from tests.faults.attempts import (
    Attempt,
    Operation,
    batched,
    draft,
    handle_of,
    is_in,
    messages,
    numbers,
    single,
    state_of,
)
from tests.faults.contacts import changing_contact, creating, deleting_contact
from tests.faults.mailbox_settings import SETTINGS_OPERATIONS
from tests.faults.meetings import MEETING_OPERATIONS
from tests.faults.office import Office
from tests.faults.other_tools import OTHER_OPERATIONS
from tests.faults.sends import sending, sending_later, taking_back

# More than one batch holds.
MANY = 21
LARGE = 3 * 2**20 + 1
MESSAGE = "/v1.0/me/messages/*"
_A_DRAFT = "A draft like it was made just now: "


def moving(number: int) -> Callable[[Office], Attempt]:
    def prepare(office: Office) -> Attempt:
        prepared = messages(office, number)
        arguments = {"ids": prepared.handles, "folder": "archive"}
        return Attempt(tool="mail_move", arguments=arguments, parts=prepared.parts(is_in(office, "archive")))

    return prepare


def moving_found(office: Office) -> Attempt:
    """Messages that a search names, once what it found was shown."""
    prepared = messages(office, MANY)
    arguments = {"where": {"subject": prepared.stored[0].subject}, "folder": "archive"}
    parts = prepared.parts(is_in(office, "archive"))
    return Attempt(tool="mail_move", arguments=arguments, parts=parts, is_confirmed=True)


def copying(office: Office) -> Attempt:
    prepared = messages(office, 1)
    folder = office.alice.ensure_folder("archive")
    (handle,) = prepared.handles
    subject = prepared.stored[0].subject

    def is_copied() -> bool:
        return office.alice.messages.total("m.subject = ? AND m.folder = ?", (subject, folder.key)) == 1

    arguments = {"ids": [handle], "folder": "archive", "copy": True}
    return Attempt(tool="mail_move", arguments=arguments, parts={handle: is_copied})


def deleting(number: int, *, permanent: bool) -> Callable[[Office], Attempt]:
    def prepare(office: Office) -> Attempt:
        prepared = messages(office, number)
        holds = (lambda message: message is None) if permanent else is_in(office, "deleteditems")
        arguments = {"ids": prepared.handles, "permanent": permanent}
        return Attempt(tool="mail_delete", arguments=arguments, parts=prepared.parts(holds))

    return prepare


def marking(number: int, column: str, value: Any, **change: Any) -> Callable[[Office], Attempt]:
    """`value` is what the column of the sandbox holds afterwards."""

    def prepare(office: Office) -> Attempt:
        prepared = messages(office, number)
        parts = prepared.parts(lambda message: message is not None and message.row[column] == value)
        return Attempt(tool="mail_update", arguments={"ids": prepared.handles, **change}, parts=parts)

    return prepare


def drafting(kind: str = "new", *, attach_bytes: int = 0) -> Callable[[Office], Attempt]:
    def prepare(office: Office) -> Attempt:
        subject = f"Draft {next(numbers)}"
        arguments: dict[str, Any] = {"subject": subject, "to": [office.bobs_address], "body": "Hello."}
        if kind != "new":
            arguments |= {"kind": kind, "of": messages(office, 1).handles[0]}
        if attach_bytes:
            arguments["attach"] = [f"{handle_of(_with_file(office, attach_bytes))}/1"]
        before = _drafts(office)
        return Attempt(tool="draft_save", arguments=arguments, parts={"draft": lambda: _drafts(office) == before + 1})

    return prepare


def changing(*, attach_bytes: int = 0, text: str = "", whole_message: bool = False) -> Callable[[Office], Attempt]:
    """Of the subject, with a file of another message, one that the caller writes as `name: text`, or a message."""

    def prepare(office: Office) -> Attempt:
        stored = draft(office)
        subject = f"Changed {next(numbers)}"
        arguments: dict[str, Any] = {"id": handle_of(stored), "subject": subject}
        parts: dict[str, Callable[[], bool]] = {"subject": lambda: state_of(office, stored).subject == subject}
        reference = f"{handle_of(_with_file(office, attach_bytes))}/1" if attach_bytes else text
        if whole_message:
            reference = messages(office, 1).handles[0]
        if reference:
            arguments["attach"] = [reference]
            parts[reference.partition(":")[0]] = lambda: bool(office.alice.attachments.of(stored))
        return Attempt(tool="draft_save", arguments=arguments, parts=parts)

    return prepare


def reading(number: int) -> Callable[[Office], Attempt]:
    def prepare(office: Office) -> Attempt:
        return Attempt(tool="mail_read", arguments={"ids": messages(office, number).handles}, parts={})

    return prepare


def _drafts(office: Office) -> int:
    """How many drafts there are, without deleted ones."""
    deleted = office.alice.folders.by_name("deleteditems")
    return office.alice.messages.total("m.is_draft AND m.folder <> ?", (deleted.key,))


def _with_file(office: Office, size: int) -> StoredMessage:
    return office.alice.insert_message(
        Message(subject="File", attachments=[Attachment("a.bin", "application/octet-stream", b"x" * size)])
    )


OPERATIONS: Mapping[str, Operation] = {
    "send": Operation(
        prepare=sending,
        target=single("POST", f"{MESSAGE}/send"),
        seen="it is still a draft",
        says_after_429="Nothing was sent",
    ),
    "new draft": Operation(prepare=drafting(), target=single("POST", "/v1.0/me/messages"), seen=_A_DRAFT),
    "new draft with a file": Operation(
        prepare=drafting(attach_bytes=100), target=single("POST", f"{MESSAGE}/attachments")
    ),
    "change of a draft": Operation(prepare=changing(), target=single("PATCH", MESSAGE)),
    "reply": Operation(prepare=drafting("reply"), target=single("POST", f"{MESSAGE}/createreply"), seen=_A_DRAFT),
    "forward": Operation(prepare=drafting("forward"), target=single("PATCH", MESSAGE)),
    "small file": Operation(prepare=changing(attach_bytes=100), target=single("POST", f"{MESSAGE}/attachments")),
    "large file": Operation(prepare=changing(attach_bytes=LARGE), target=single("PUT", "/*attachmentsessions*")),
    "text file": Operation(
        prepare=changing(text="notes.txt: Bring tea."), target=single("POST", f"{MESSAGE}/attachments")
    ),
    "whole message": Operation(prepare=changing(whole_message=True), target=single("POST", f"{MESSAGE}/attachments")),
    "send later": Operation(
        prepare=sending_later, target=single("POST", f"{MESSAGE}/send"), seen="it is still a draft"
    ),
    "time of a send": Operation(prepare=sending_later, target=single("PATCH", MESSAGE)),
    "take back": Operation(prepare=taking_back, target=single("POST", f"{MESSAGE}/move")),
    "move one": Operation(prepare=moving(1), target=single("POST", f"{MESSAGE}/move"), about_many=True),
    "move many": Operation(prepare=moving(MANY), target=batched("POST", f"{MESSAGE}/move"), about_many=True),
    "move what is found": Operation(prepare=moving_found, target=batched("POST", f"{MESSAGE}/move"), about_many=True),
    "copy one": Operation(
        prepare=copying,
        target=single("POST", f"{MESSAGE}/copy"),
        about_many=True,
        seen="The folder holds a copy",
    ),
    "mark one": Operation(
        prepare=marking(1, "is_read", 1, read=True), target=single("PATCH", MESSAGE), about_many=True
    ),
    "flag many": Operation(
        prepare=marking(MANY, "flag_status", "flagged", flag="flagged"),
        target=batched("PATCH", MESSAGE),
        about_many=True,
    ),
    "categorize many": Operation(
        prepare=marking(MANY, "categories", '["Red"]', add_categories=["Red"]),
        target=batched("PATCH", MESSAGE, skipped=2),
        about_many=True,
    ),
    "delete many": Operation(
        prepare=deleting(MANY, permanent=False), target=batched("POST", f"{MESSAGE}/move"), about_many=True
    ),
    "erase one": Operation(
        prepare=deleting(1, permanent=True),
        target=single("POST", f"{MESSAGE}/permanentdelete"),
        about_many=True,
    ),
    "erase many": Operation(
        prepare=deleting(MANY, permanent=True),
        target=batched("POST", f"{MESSAGE}/permanentdelete"),
        about_many=True,
    ),
    "read one": Operation(prepare=reading(1), target=single("GET", MESSAGE), is_read=True),
    "read many": Operation(prepare=reading(3), target=batched("GET", MESSAGE), is_read=True),
    "create contact": Operation(prepare=creating, target=single("POST", "/v1.0/me/contacts")),
    "change contact": Operation(prepare=changing_contact, target=single("PATCH", "/v1.0/me/contacts/*")),
    "delete contact": Operation(prepare=deleting_contact, target=single("DELETE", "/v1.0/me/contacts/*")),
    **MEETING_OPERATIONS,
    **SETTINGS_OPERATIONS,
    **OTHER_OPERATIONS,
}
