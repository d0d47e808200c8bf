"""Events, tasks and free-busy times of calendar files (RFC 5545) as a job of a worker process. Needs icalendar."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from functools import partial
from itertools import islice
from typing import Any

import msgspec
from icalendar import Calendar, InvalidCalendar

from outlook_mcp.errors.counting import and_more
from outlook_mcp.text.charset_guess import guessed_charset
from outlook_mcp.text.charsets import decoded_by_guess
from outlook_mcp.text.files.calendar_entries import ENTRIES, MOST_ENTRIES, CalendarEntry
from outlook_mcp.text.files.gathering import Piece, UnreadableFile, answer_of, gathered
from outlook_mcp.text.files.result import FileText

_KINDS = {"VEVENT": "event", "VTODO": "task", "VJOURNAL": "journal", "VFREEBUSY": "free-busy"}
_SHOWN = (("LOCATION", "Where"), ("STATUS", "Status"), ("CATEGORIES", "Categories"), ("URL", "Address"))
_RECURRENCE = (("RRULE", "Repeats"), ("RDATE", "Also on"), ("EXDATE", "Not on"), ("RECURRENCE-ID", "In place of"))
_MOST_PEOPLE = 100
_BROKEN = (ValueError, LookupError, TypeError, AttributeError)


def run(arguments: Sequence[str], source: bytes) -> bytes:
    """A calendar file becomes a FileText; with the argument `entries` its first events as a list of CalendarEntry."""
    if ENTRIES in arguments:
        return msgspec.json.encode(list(islice(_read_entries(source), MOST_ENTRIES)))
    return answer_of(partial(read_calendar, source))


def read_calendar(source: bytes) -> FileText:
    """One block for each entry, times as they are written there with their zones. Raises UnreadableFile."""
    found = gathered(Piece(1, piece) for piece in _pieces(_calendars(source)))
    if not found.text.text:
        raise UnreadableFile("it is no whole calendar file")
    return found


def _read_entries(source: bytes) -> Iterator[CalendarEntry]:
    """The events whose start can be read."""
    for calendar in _calendars(source):
        for entry in calendar.subcomponents:
            if entry.name == "VEVENT" and (found := _event(entry)) is not None:
                is_called_off = "CANCEL" in _text(calendar, "METHOD").upper() or found.is_called_off
                yield msgspec.structs.replace(found, is_called_off=is_called_off)


def _event(entry: Any) -> CalendarEntry | None:
    try:
        start, end = entry.start, entry.end
        title, place = _text(entry, "SUMMARY"), _text(entry, "LOCATION")
    except (*_BROKEN, InvalidCalendar):
        return None
    zone = "UTC" if getattr(start, "tzinfo", None) else str(entry["DTSTART"].params.get("TZID", ""))
    return CalendarEntry(
        title=title,
        start=_in_utc(start),
        end=_in_utc(end),
        zone="UTC" if not isinstance(start, datetime) else zone,
        is_day=not isinstance(start, datetime),
        place=place,
        is_called_off=_text(entry, "STATUS").upper() == "CANCELLED",
        repeats="RRULE" in entry or "RDATE" in entry,
    )


def _in_utc(moment: date) -> str:
    if isinstance(moment, datetime) and moment.tzinfo:
        moment = moment.astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def _calendars(source: bytes) -> list[Any]:
    try:
        return list(Calendar.from_ical(decoded_by_guess(source, None, guessed_charset).text, multiple=True))
    except _BROKEN:
        return []


def _pieces(calendars: Sequence[Any]) -> Iterator[str]:
    for calendar in calendars:
        if method := _text(calendar, "METHOD"):
            yield f"Method: {method.lower()}"
        if name := _text(calendar, "X-WR-CALNAME"):
            yield f"Calendar: {name}"
        for entry in calendar.subcomponents:
            if entry.name in _KINDS:
                yield _entry(entry)


def _entry(entry: Any) -> str:
    try:
        return "\n".join(["", *_lines(entry)])
    except _BROKEN:
        # A value that is not what its property should be: the lines of the file say more than nothing.
        return f"\n[{_KINDS[entry.name]}] {entry.to_ical().decode('utf-8', 'replace')}"


def _lines(entry: Any) -> Iterator[str]:
    yield f"[{_KINDS[entry.name]}] {_text(entry, 'SUMMARY') or '(no title)'}"
    start, end, due = (_moment(entry, name) for name in ("DTSTART", "DTEND", "DUE"))
    length = _text(entry, "DURATION")
    if start or end:
        until = f" to {end}" if end else f" for {_written(entry, 'DURATION')}" if length else ""
        yield f"When: {start}{until}"
    if due:
        yield f"Due: {due}"
    for name, label in _RECURRENCE:
        if written := _written(entry, name):
            yield f"{label}: {written}"
    for name, label in _SHOWN:
        if text := _text(entry, name):
            yield f"{label}: {text}"
    yield from _people(entry, "ORGANIZER", "Organizer")
    yield from _people(entry, "ATTENDEE", "Attendees")
    for alarm in entry.subcomponents:
        if alarm.name == "VALARM" and (trigger := _written(alarm, "TRIGGER")):
            yield f"Reminder: {trigger}"
    if description := _text(entry, "DESCRIPTION"):
        yield description


def _all(entry: Any, name: str) -> list[Any]:
    """The values of a property, of which there may be none, one or several."""
    found = entry.get(name)
    return [] if found is None else found if isinstance(found, list) else [found]


def _text(entry: Any, name: str) -> str:
    """The text of a property, its lines kept; of a list, all of its values."""
    values = _all(entry, name)
    texts = [", ".join(map(str, value.cats)) if hasattr(value, "cats") else str(value) for value in values]
    return ", ".join(text.strip() for text in texts if text.strip())


def _written(entry: Any, name: str) -> str:
    """A property as the file writes it, such as FREQ=WEEKLY;BYDAY=MO."""
    written = []
    for value in _all(entry, name):
        raw = value.to_ical()
        written.append(raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw))
    return ", ".join(written)


def _moment(entry: Any, name: str) -> str:
    """`2026-11-30 09:00 (Europe/Berlin)`, a day alone for entries that take whole days; "" when it is not given."""
    values = _all(entry, name)
    moment = getattr(values[0], "dt", None) if values else None
    if isinstance(moment, datetime):
        zone = values[0].params.get("TZID") or (moment.tzname() if moment.tzinfo else "")
        return f"{moment:%Y-%m-%d %H:%M}{f' ({zone})' if zone else ''}"
    return moment.isoformat() if isinstance(moment, date) else _written(entry, name)


def _people(entry: Any, name: str, label: str) -> Iterator[str]:
    people = []
    for person in _all(entry, name):
        params = getattr(person, "params", {})
        address = str(person).removeprefix("mailto:").removeprefix("MAILTO:")
        known = str(params.get("CN", ""))
        answer = str(params.get("PARTSTAT", "")).lower().replace("needs-action", "")
        shown = f"{known} <{address}>" if known and known != address else address
        people.append(f"{shown} ({answer})" if answer else shown)
    if people:
        yield f"{label}: {', '.join(people[:_MOST_PEOPLE])}{and_more(len(people), _MOST_PEOPLE)}"
