"""Events that are created, changed and deleted, and meetings whose people are told, each of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from outlook_mcp.sandbox.graph.calendar.shapes import read_event
from outlook_mcp.sandbox.store import Mailbox
from outlook_mcp.sandbox.store.calendar.calendars import Calendars
from outlook_mcp.sandbox.store.calendar.events import Events
from outlook_mcp.sandbox.store.calendar.rows import StoredEvent
from outlook_mcp.sandbox.store.core.errors import ItemNotFound
from tests.faults.attempts import Attempt, Operation, Prepare, numbers, single
from tests.faults.office import Office

EVENTS = "/v1.0/me/events"
_HOUR = {"start": "2030-01-07T10:00", "end": "11:00"}


def handle_of_event(office: Office) -> str:
    """The short id of a new event of Alice."""
    return str(stored_event(office.alice).row["counter"])


def creating_event(office: Office) -> Attempt:
    subject = f"Event {next(numbers)}"
    return Attempt(
        tool="event_save",
        arguments={"subject": subject, **_HOUR},
        parts={"event": lambda: _subjects(office).count(subject) == 1},
    )


def changing_event(office: Office) -> Attempt:
    stored, subject = stored_event(office.alice), f"Changed {next(numbers)}"
    return Attempt(
        tool="event_save",
        arguments={"id": str(stored.row["counter"]), "subject": subject},
        parts={"event": lambda: subject in _subjects(office)},
    )


def deleting_event(office: Office) -> Attempt:
    stored = stored_event(office.alice)

    def is_gone() -> bool:
        try:
            _events(office).by_id(stored.id)
        except ItemNotFound:
            return True
        return False

    return Attempt(tool="event_delete", arguments={"ids": [str(stored.row["counter"])]}, parts={"event": is_gone})


def inviting(office: Office) -> Attempt:
    subject = f"Invited {next(numbers)}"
    return Attempt(
        tool="event_send",
        arguments={"action": "send"},
        shown_by={"subject": subject, "attendees": [office.bobs_address], **_HOUR},
        parts={"sent": _has_mail(office, subject)},
        subject=subject,
    )


def telling_of_a_change(office: Office) -> Attempt:
    stored, subject = stored_event(office.alice, attendees=[invited(office.bobs_address)]), f"Moved {next(numbers)}"
    return Attempt(
        tool="event_send",
        arguments={"action": "send"},
        shown_by={"id": str(stored.row["counter"]), "subject": subject},
        parts={"sent": _has_mail(office, subject)},
        subject=subject,
    )


def answering_event(action: str, told: str, **others: Any) -> Prepare:
    """`told` begins the subject of what the organizer gets."""

    def prepare(office: Office) -> Attempt:
        bob = invited(office.bobs_address)
        stored = stored_event(
            office.alice, attendees=[bob], organizer=bob, isOrganizer=False, responseStatus={"response": "notResponded"}
        )
        subject = f"{told}: {stored.fields['subject']}"
        return Attempt(
            tool="event_send",
            arguments={"id": str(stored.row["counter"]), "action": action, **others},
            parts={"sent": _has_mail(office, subject)},
            subject=subject,
        )

    return prepare


def cancelling(office: Office) -> Attempt:
    stored = stored_event(office.alice, attendees=[invited(office.bobs_address)])
    subject = f"Canceled: {stored.fields['subject']}"
    return Attempt(
        tool="event_send",
        arguments={"id": str(stored.row["counter"]), "action": "cancel"},
        parts={"sent": _has_mail(office, subject)},
        subject=subject,
    )


MEETING_OPERATIONS: Mapping[str, Operation] = {
    "create event": Operation(prepare=creating_event, target=single("POST", EVENTS)),
    "change event": Operation(prepare=changing_event, target=single("PATCH", f"{EVENTS}/*")),
    "delete event": Operation(prepare=deleting_event, target=single("DELETE", f"{EVENTS}/*")),
    "invite": Operation(prepare=inviting, target=single("POST", EVENTS)),
    "change meeting": Operation(prepare=telling_of_a_change, target=single("PATCH", f"{EVENTS}/*")),
    "accept meeting": Operation(
        prepare=answering_event("accept", "Accepted"), target=single("POST", f"{EVENTS}/*/accept")
    ),
    "accept meeting perhaps": Operation(
        prepare=answering_event("tentative", "Tentative", comment="I will try."),
        target=single("POST", f"{EVENTS}/*/tentativelyAccept"),
    ),
    "propose another time": Operation(
        prepare=answering_event("decline", "New Time Proposed", proposed_start="2030-01-08T10:00"),
        target=single("POST", f"{EVENTS}/*/decline"),
    ),
    "cancel meeting": Operation(prepare=cancelling, target=single("POST", f"{EVENTS}/*/cancel")),
}


def _has_mail(office: Office, subject: str) -> Callable[[], bool]:
    return lambda: bool(office.bob.messages.total("m.subject = ?", (subject,)))


def invited(address: str) -> dict[str, Any]:
    """The entry of Bob, who has not answered, in the attendees of an event."""
    return {"type": "required", "status": {"response": "none"}, "emailAddress": {"name": "Bob", "address": address}}


def stored_event(mailbox: Mailbox, **others: Any) -> StoredEvent:
    """A new event of the owner of this mailbox, put into it without a request."""
    zone = {"timeZone": "UTC"}
    body = {
        "subject": f"Meeting {next(numbers)}",
        "start": {"dateTime": "2030-01-07T10:00:00", **zone},
        "end": {"dateTime": "2030-01-07T11:00:00", **zone},
    }
    account = mailbox.account
    own = {"emailAddress": {"name": account.display_name, "address": account.upn}}
    fields = {
        **read_event(body, {}),
        "organizer": own,
        "isOrganizer": True,
        "responseStatus": {"response": "organizer"},
        **others,
    }
    calendar = Calendars(mailbox.database, account).default_calendar()
    return Events(mailbox.database, account).create_event(calendar, fields)


def _events(office: Office) -> Events:
    return Events(office.alice.database, office.alice.account)


def _subjects(office: Office) -> list[str]:
    calendar = Calendars(office.alice.database, office.alice.account).default_calendar()
    return [str(event.fields.get("subject")) for event in _events(office).masters_in(calendar)]
