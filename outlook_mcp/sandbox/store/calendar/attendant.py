"""What a mailbox does by itself with a meeting message that arrives: the calendar attendant of Exchange."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from outlook_mcp.sandbox.message import Message
from outlook_mcp.sandbox.mime.calendar import CalendarEvent, read_event
from outlook_mcp.sandbox.store.calendar.booking import as_booked, refusal
from outlook_mcp.sandbox.store.calendar.calendars import Calendars
from outlook_mcp.sandbox.store.calendar.events import Events
from outlook_mcp.sandbox.store.calendar.itip import (
    NEVER,
    SEQUENCE,
    address_of,
    day_of_meeting,
    read_meeting,
    response_of,
    sequence_of,
)
from outlook_mcp.sandbox.store.calendar.meeting_mail import response_message
from outlook_mcp.sandbox.store.calendar.rows import StoredEvent
from outlook_mcp.sandbox.store.core import times
from outlook_mcp.sandbox.store.core.accounts import Account, Accounts
from outlook_mcp.sandbox.store.core.database import Database
from outlook_mcp.sandbox.store.core.rooms import Rooms

CANCELED = "Canceled: "
Send = Callable[[Account, Message], None]
# What invitations say of a meeting; the rest is the attendee's own.
_OF_THE_MEETING = (
    *("subject", "start", "end", "isAllDay", "location", "sensitivity", "recurrence", "responseRequested"),
    *("organizer", "attendees", "body", SEQUENCE),
)


class MeetingAttendant:
    """Files invitations as tentative events, and brings changes, cancellations and answers into the calendar.

    `send` mails what a room answers; `now` gives the seconds since 1970.
    """

    def __init__(
        self, database: Database, send: Send = lambda _account, _message: None, now: Callable[[], float] = time.time
    ) -> None:
        self._database, self._send, self._now = database, send, now
        self._rooms = Rooms(database)

    def attend(self, account: Account, message: Message) -> None:
        """Anything but a meeting message that can be read changes nothing."""
        event = read_event(message.calendar) if message.calendar else None
        if event is None or not event.text("UID"):
            return
        if event.method == "REQUEST":
            self._invite(account, event, message)
        elif event.method == "CANCEL":
            self._cancel(account, event)
        elif event.method in ("REPLY", "COUNTER"):
            self._note_answers(account, event)

    def _invite(self, account: Account, event: CalendarEvent, message: Message) -> None:
        fields = read_meeting(event)
        known = self._known(account, event)
        if fields is None or (known is not None and is_superseded(known, event)):
            return
        if _is_person(fields["organizer"], account):
            return
        if self._rooms.is_room(account):
            self._book(account, event, known, fields)
            return
        fields["body"] = {"contentType": message.body_type, "content": message.body}
        events = Events(self._database, account)
        if known is None:
            own = {"isOrganizer": False, "responseStatus": not_responded(), "showAs": "tentative"}
            calendar = Calendars(self._database, account).default_calendar()
            events.create_event(calendar, {**fields, **own}, event.text("UID"))
            return
        changes = {name: fields[name] for name in _OF_THE_MEETING}
        if known.day is not None:
            changes.pop("recurrence")
        is_moved = any(known.fields.get(name) != fields[name] for name in ("start", "end"))
        if is_moved or known.fields.get("isCancelled"):
            changes |= {"responseStatus": not_responded(), "showAs": "tentative", "isCancelled": False}
        events.change_event(known, changes)

    def _book(
        self, account: Account, event: CalendarEvent, known: StoredEvent | None, fields: Mapping[str, Any]
    ) -> None:
        """The room takes the meeting or declines it. Requests from outside the organisation it leaves alone."""
        organizer = Accounts(self._database).by_address(fields["organizer"]["emailAddress"]["address"])
        if organizer is None or organizer.tid != account.tid:
            return
        events = Events(self._database, account)
        calendar = Calendars(self._database, account).default_calendar()
        booked = as_booked({name: fields[name] for name in fields if known is None or name in _OF_THE_MEETING})
        if known is not None and known.day is not None:
            booked.pop("recurrence")
        stored = (
            events.create_event(calendar, booked, event.text("UID"))
            if known is None
            else events.change_event(known, booked)
        )
        reason = refusal(events, calendar, stored, datetime.fromtimestamp(self._now(), UTC))
        if reason:
            events.delete_event(stored)
        named = replace(stored, fields={**stored.fields, "subject": fields["subject"]})
        response = "declined" if reason else "accepted"
        self._send(account, response_message(account, named, response, reason))

    def _cancel(self, account: Account, event: CalendarEvent) -> None:
        known = self._known(account, event)
        if known is None or known.fields.get("isOrganizer") or known.fields.get("isCancelled"):
            return
        if self._rooms.is_room(account):
            Events(self._database, account).delete_event(known)
            return
        subject = CANCELED + str(known.fields.get("subject") or "")
        changes = {"isCancelled": True, "showAs": "free", "subject": subject, SEQUENCE: sequence_of(event)}
        Events(self._database, account).change_event(known, changes)

    def _note_answers(self, account: Account, event: CalendarEvent) -> None:
        known = self._known(account, event)
        if known is None or not known.fields.get("isOrganizer"):
            return
        answers = {address_of(line).lower(): response_of(line) for line in event.lines_of("ATTENDEE")}
        attendees = [_answered(attendee, answers) for attendee in known.fields.get("attendees") or ()]
        Events(self._database, account).change_event(known, {"attendees": attendees})

    def _known(self, account: Account, event: CalendarEvent) -> StoredEvent | None:
        return event_of_mail(Events(self._database, account), event)


def event_of_mail(events: Events, event: CalendarEvent) -> StoredEvent | None:
    """What the calendar has of the meeting that a mail is about: all of it, or the date of the series that it names."""
    uid = event.text("UID")
    series = events.by_uid(uid) if uid else None
    return events.by_uid_and_day(uid, day_of_meeting(event, series.fields)) if series else None


def is_superseded(known: StoredEvent, event: CalendarEvent) -> bool:
    """Whether the calendar knows of a later change of the meeting than this message."""
    return sequence_of(event) < int(known.fields.get(SEQUENCE, 0))


def not_responded() -> dict[str, str]:
    return {"response": "notResponded", "time": NEVER}


def _is_person(person: Mapping[str, Any] | None, account: Account) -> bool:
    return person is not None and account.has_address(person["emailAddress"]["address"])


def _answered(attendee: Mapping[str, Any], answers: Mapping[str, str]) -> Mapping[str, Any]:
    answer = answers.get(attendee["emailAddress"]["address"].lower(), "none")
    return attendee if answer == "none" else {**attendee, "status": {"response": answer, "time": times.now()}}


def addresses(attendees: Sequence[Mapping[str, Any]]) -> list[str]:
    """The addresses of attendees in lower case."""
    return [attendee["emailAddress"]["address"].lower() for attendee in attendees]
