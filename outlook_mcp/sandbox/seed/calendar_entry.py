"""An event of the demo data: written once, stored in the calendars of its organizer and of those invited."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from outlook_mcp.sandbox.message import Address
from outlook_mcp.sandbox.store import Mailbox
from outlook_mcp.sandbox.store.calendar.booking import as_booked
from outlook_mcp.sandbox.store.calendar.calendars import Calendars
from outlook_mcp.sandbox.store.calendar.events import Events
from outlook_mcp.sandbox.store.calendar.ids import new_uid
from outlook_mcp.sandbox.store.calendar.itip import NEVER, SEQUENCE
from outlook_mcp.sandbox.store.core import times

OFFICE_ZONE = "W. Europe Standard Time"
_SHOWN = {"accepted": "busy", "declined": "free"}


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """`day` is that of the start, `begins` and `ends` times of day in `zone` and `end_zone`.

    Without `begins` the event lasts `days` whole days. `answers` says of everybody invited how they have answered:
    none, accepted, tentativelyAccepted or declined. `room` is booked, and is the place. `fields` are further
    properties of Graph.
    """

    subject: str
    organizer: Address
    day: date
    begins: time | None = None
    ends: time | None = None
    days: int = 1
    zone: str = OFFICE_ZONE
    end_zone: str = ""
    place: str = ""
    room: Address | None = None
    text: str = ""
    answers: tuple[tuple[Address, str], ...] = ()
    recurrence: Mapping[str, Any] | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


def weekly(start: date, *days: str, weeks: int, interval: int = 1) -> dict[str, Any]:
    """A recurrence from `start` on, for so many weeks."""
    last = start + timedelta(weeks=weeks) - timedelta(days=1)
    pattern = {"type": "weekly", "interval": interval, "daysOfWeek": list(days), "firstDayOfWeek": "monday"}
    return {
        "pattern": {**pattern, "month": 0, "dayOfMonth": 0, "index": "first"},
        "range": {
            "type": "endDate",
            "startDate": start.isoformat(),
            "endDate": last.isoformat(),
            "recurrenceTimeZone": OFFICE_ZONE,
            "numberOfOccurrences": 0,
        },
    }


def add_entry(entry: CalendarEntry, mailboxes: Mapping[str, Mailbox], now: datetime) -> str:
    """Into the calendars of all who have one here; nothing is mailed. Returns the UID."""
    uid = new_uid(now.astimezone(UTC))
    for address in (entry.organizer.address, *(person.address for person, _ in entry.answers)):
        mailbox = mailboxes.get(address)
        if mailbox is not None:
            calendar = Calendars(mailbox.database, mailbox.account).default_calendar()
            Events(mailbox.database, mailbox.account).create_event(calendar, _fields_for(entry, address, now), uid)
    if entry.room is not None and (mailbox := mailboxes.get(entry.room.address)) is not None:
        calendar = Calendars(mailbox.database, mailbox.account).default_calendar()
        booked = as_booked(_fields_for(entry, entry.room.address, now))
        Events(mailbox.database, mailbox.account).create_event(calendar, booked, uid)
    return uid


def _fields_for(entry: CalendarEntry, address: str, now: datetime) -> dict[str, Any]:
    """The event as the organizer, or as one of those invited, has it."""
    answered = times.write_time(now - timedelta(days=3))
    own = next((answer for person, answer in entry.answers if person.address == address), None)
    is_own = address == entry.organizer.address
    response = "organizer" if is_own else "notResponded" if own == "none" else own
    is_unanswered = response in ("organizer", "notResponded")
    shown = {} if is_own else {"showAs": _SHOWN.get(own or "", "tentative")}
    return {
        "subject": entry.subject,
        "body": {"contentType": "html" if entry.text.startswith("<") else "text", "content": entry.text},
        **_times(entry),
        "location": _location(entry),
        "recurrence": entry.recurrence,
        "organizer": _person(entry.organizer),
        "isOrganizer": is_own,
        "responseStatus": {
            "response": response,
            "time": NEVER if is_unanswered else answered,
        },
        "attendees": [
            {
                "type": kind,
                "status": {"response": answer if is_own else "none", "time": answered if is_own else NEVER},
                **_person(person),
            }
            for person, answer, kind in _invited(entry)
        ],
        SEQUENCE: 0,
        **shown,
        **entry.fields,
    }


def _invited(entry: CalendarEntry) -> Iterator[tuple[Address, str, str]]:
    """With their answers, and what they are to the meeting."""
    yield from ((person, answer, "required") for person, answer in entry.answers)
    if entry.room is not None:
        yield entry.room, "accepted", "resource"


def _location(entry: CalendarEntry) -> dict[str, str] | None:
    if entry.room is not None:
        return {
            "displayName": entry.room.name,
            "locationType": "conferenceRoom",
            "locationEmailAddress": entry.room.address,
        }
    return {"displayName": entry.place, "locationType": "default"} if entry.place else None


def _times(entry: CalendarEntry) -> dict[str, Any]:
    if entry.begins is None or entry.ends is None:
        last = entry.day + timedelta(days=entry.days)
        midnights = {name: _written(day, time(), "UTC") for name, day in (("start", entry.day), ("end", last))}
        return {**midnights, "isAllDay": True}
    return {
        "start": _written(entry.day, entry.begins, entry.zone),
        "end": _written(entry.day, entry.ends, entry.end_zone or entry.zone),
        "isAllDay": False,
    }


def _written(day: date, moment: time, zone: str) -> dict[str, str]:
    return {"dateTime": datetime.combine(day, moment).isoformat(timespec="seconds"), "timeZone": zone}


def _person(person: Address) -> dict[str, Any]:
    return {"emailAddress": {"name": person.name, "address": person.address}}
