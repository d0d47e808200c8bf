"""The events of calendar files, into the default calendar of a mailbox."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from outlook_mcp.sandbox.mime.calendar import CalendarEvent, read_events
from outlook_mcp.sandbox.mime.content_lines import ContentLine
from outlook_mcp.sandbox.store import ItemNotFound, Mailbox
from outlook_mcp.sandbox.store.calendar.calendars import Calendars
from outlook_mcp.sandbox.store.calendar.events import Events
from outlook_mcp.sandbox.store.calendar.itip import (
    NEVER,
    address_of,
    day_of_meeting,
    read_meeting,
    response_of,
)
from outlook_mcp.sandbox.store.calendar.recurrence import series_dates
from outlook_mcp.sandbox.store.calendar.rows import moment_of
from outlook_mcp.sandbox.store.core.accounts import Account

_SHOWN = {"none": "tentative", "tentativelyAccepted": "tentative", "declined": "free"}


def import_events(mailbox: Mailbox, text: str) -> tuple[int, list[str]]:
    """How many events and series there are now more, and why others are left out; nobody is told of them."""
    number, reasons = 0, []
    found = list(read_events(text))
    if not found:
        return 0, ["no calendar: it has no event"]
    series = [event for event in found if day_of_meeting(event) is None]
    with mailbox.database.transaction():
        for event in series:
            reason = _import_event(mailbox, event)
            number += reason is None
            reasons += [f"{event.text('SUMMARY') or 'an event'}: {reason}"] if reason else []
        for event in found:
            _import_changed_date(mailbox, event)
    return number, reasons


def _import_event(mailbox: Mailbox, event: CalendarEvent) -> str | None:
    """Why it was left out, None where it was not."""
    events = Events(mailbox.database, mailbox.account)
    fields, uid = read_meeting(event), event.text("UID")
    if fields is None or _ends_before_it_starts(fields):
        return "no times that can be read"
    if uid and events.by_uid(uid) is not None:
        return "it is in the calendar already"
    rules = len(event.lines_of("RRULE"))
    if rules > 1 or event.first_line("RDATE") or (rules and not _has_dates(fields)):
        return "Outlook has no such recurrence"
    calendar = Calendars(mailbox.database, mailbox.account).default_calendar()
    stored = events.create_event(calendar, {**fields, **_own_fields(event, fields, mailbox.account)}, uid or None)
    if fields["recurrence"]:
        for day in _excepted_dates(event, fields):
            try:
                events.delete_event(events.occurrence(events.series_of(stored), day))
            except ItemNotFound:
                continue
    return None


def _import_changed_date(mailbox: Mailbox, event: CalendarEvent) -> None:
    """One date of a series that differs; without its series there is nothing to change."""
    events = Events(mailbox.database, mailbox.account)
    series = events.by_uid(event.text("UID"))
    if series is None or event.first_line("RECURRENCE-ID") is None:
        return
    day, fields = day_of_meeting(event, series.fields), read_meeting(event)
    if day is None or fields is None or _ends_before_it_starts(fields):
        return
    changes = {name: fields[name] for name in ("subject", "start", "end", "isAllDay", "location")}
    try:
        if _is_cancelled(event):
            events.delete_event(events.occurrence(series, day))
        else:
            events.change_event(events.occurrence(series, day), changes)
    except ItemNotFound:
        return


def _own_fields(event: CalendarEvent, fields: dict[str, Any], account: Account) -> dict[str, Any]:
    """What the event is to the owner of the calendar: their own, or one that they have answered or not."""
    own = {"emailAddress": {"name": account.display_name, "address": account.upn}}
    common = {
        "body": {"contentType": "text", "content": event.text("DESCRIPTION")},
        "categories": [name for line in event.lines_of("CATEGORIES") for name in line.items],
        "isCancelled": _is_cancelled(event),
    }
    organizer = fields["organizer"]
    if organizer is None or account.has_address(organizer["emailAddress"]["address"]):
        response = {"response": "organizer", "time": NEVER}
        return {**common, "organizer": organizer or own, "isOrganizer": True, "responseStatus": response}
    answer = _own_answer(event, account)
    response = {"response": "notResponded" if answer == "none" else answer, "time": NEVER}
    shown = {"showAs": _SHOWN[answer]} if answer in _SHOWN else {}
    return {**common, **shown, "isOrganizer": False, "responseStatus": response}


def _is_cancelled(event: CalendarEvent) -> bool:
    return event.text("STATUS").strip().upper() == "CANCELLED"


def _own_answer(event: CalendarEvent, account: Account) -> str:
    answers = (response_of(line) for line in event.lines_of("ATTENDEE") if account.has_address(address_of(line)))
    return next(answers, "none")


def _ends_before_it_starts(fields: dict[str, Any]) -> bool:
    start, end = (moment_of(fields[name], is_all_day=fields["isAllDay"]) for name in ("start", "end"))
    return end < start


def _has_dates(fields: dict[str, Any]) -> bool:
    return bool(fields["recurrence"]) and next(series_dates(fields["recurrence"]), None) is not None


def _excepted_dates(event: CalendarEvent, series: Mapping[str, Any]) -> Iterable[date]:
    for line in event.lines_of("EXDATE"):
        for written in line.items:
            named = ContentLine("RECURRENCE-ID", line.parameters, written)
            day = day_of_meeting(CalendarEvent("", (named,), event.zones), series)
            if day is not None:
                yield day
