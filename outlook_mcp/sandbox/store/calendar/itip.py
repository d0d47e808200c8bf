"""Meetings as the iCalendar objects that travel by mail (RFC 5546), from the properties of events and back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, Literal

from outlook_mcp.sandbox.mime.calendar import CalendarEvent, CalendarTime, event_times, zone_of
from outlook_mcp.sandbox.mime.content_lines import ContentLine, escape_text, write_content_line
from outlook_mcp.sandbox.mime.recurrence import recurrence, write_rule
from outlook_mcp.sandbox.store.calendar.rows import YEARS
from outlook_mcp.sandbox.store.calendar.zones import known_zone

Method = Literal["REQUEST", "CANCEL", "REPLY", "COUNTER"]
# How often a meeting was changed, as the store keeps it beside the properties of Graph.
SEQUENCE = "_sequence"
NEVER = "0001-01-01T00:00:00Z"
_PARTSTATS = {"accepted": "ACCEPTED", "declined": "DECLINED", "tentativelyAccepted": "TENTATIVE"}
_RESPONSES = {partstat: response for response, partstat in _PARTSTATS.items()}
_ROLES = {"optional": "OPT-PARTICIPANT", "resource": "NON-PARTICIPANT"}
_TYPES = {role: kind for kind, role in _ROLES.items()}
_CLASSES = {"private": "PRIVATE", "confidential": "CONFIDENTIAL", "personal": "PERSONAL"}
_SENSITIVITIES = {name: kind for kind, name in _CLASSES.items()}
_MAILTO = re.compile("^mailto:", re.IGNORECASE)


def write_meeting(method: Method, fields: Mapping[str, Any], uid: str, day: date | None = None) -> str:
    """The object for a mail; `day` is the date of a series that it is about."""
    return "".join(_lines(method, fields, uid, day))


def _lines(method: Method, fields: Mapping[str, Any], uid: str, day: date | None) -> Iterator[str]:
    yield from ("BEGIN:VCALENDAR\r\n", f"METHOD:{method}\r\n", "PRODID:-//outlook-mcp//Sandbox//EN\r\n")
    yield from ("VERSION:2.0\r\n", "BEGIN:VEVENT\r\n", write_content_line("UID", uid))
    yield write_content_line("DTSTAMP", datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ"))
    yield f"SEQUENCE:{fields.get(SEQUENCE, 0)}\r\n"
    is_date = bool(fields.get("isAllDay"))
    yield from (
        _time_line(name, fields[key], is_date=is_date) for name, key in (("DTSTART", "start"), ("DTEND", "end"))
    )
    if day is not None:
        yield f"RECURRENCE-ID;VALUE=DATE:{day:%Y%m%d}\r\n"
    if fields.get("recurrence"):
        yield f"RRULE:{write_rule(fields['recurrence'])}\r\n"
    texts = {"SUMMARY": fields.get("subject"), "LOCATION": (fields.get("location") or {}).get("displayName")}
    yield from (write_content_line(name, escape_text(text)) for name, text in texts.items() if text)
    yield write_content_line("CLASS", _CLASSES.get(fields.get("sensitivity") or "", "PUBLIC"))
    yield write_content_line("TRANSP", "TRANSPARENT" if fields.get("showAs") == "free" else "OPAQUE")
    yield write_content_line("STATUS", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    yield from _people_lines(fields)
    yield from ("END:VEVENT\r\n", "END:VCALENDAR\r\n")


def _time_line(name: str, written: Mapping[str, str], *, is_date: bool) -> str:
    moment = datetime.fromisoformat(written["dateTime"])
    if is_date:
        return f"{name};VALUE=DATE:{moment:%Y%m%d}\r\n"
    text = moment.strftime("%Y%m%dT%H%M%S")
    return (
        f"{name}:{text}Z\r\n"
        if written["timeZone"] == "UTC"
        else write_content_line(name, text, TZID=written["timeZone"])
    )


def _people_lines(fields: Mapping[str, Any]) -> Iterator[str]:
    organizer = fields["organizer"]["emailAddress"]
    yield write_content_line("ORGANIZER", f"mailto:{organizer['address']}", CN=organizer.get("name") or "")
    for attendee in fields.get("attendees") or ():
        person = attendee["emailAddress"]
        yield write_content_line(
            "ATTENDEE",
            f"mailto:{person['address']}",
            CN=person.get("name") or "",
            ROLE=_ROLES.get(attendee.get("type") or "", "REQ-PARTICIPANT"),
            PARTSTAT=_PARTSTATS.get(attendee["status"]["response"], "NEEDS-ACTION"),
            RSVP="FALSE" if fields.get("responseRequested") is False else "TRUE",
        )


def read_meeting(event: CalendarEvent) -> dict[str, Any] | None:
    """The properties of an event that came by mail; None where it has no time, or one that Exchange cannot keep."""
    start, end = event_times(event)
    if start is None or end is None or not {start.moment.year, end.moment.year} <= set(YEARS):
        return None
    rule = event.first_line("RRULE")
    organizer = event.first_line("ORGANIZER")
    return {
        "subject": event.text("SUMMARY"),
        "start": _stored_time(start),
        "end": _stored_time(end),
        "isAllDay": start.is_date,
        "location": {"displayName": event.text("LOCATION"), "locationType": "default"},
        "sensitivity": _SENSITIVITIES.get(event.text("CLASS").upper(), "normal"),
        "showAs": "free" if event.text("TRANSP").upper() == "TRANSPARENT" else "busy",
        "recurrence": recurrence(rule.value, start.moment, start.zone) if rule else None,
        "responseRequested": not any(line.parameters.get("RSVP", "").upper() == "FALSE" for line in _attendees(event)),
        "organizer": _person(organizer) if organizer else None,
        "attendees": [
            {
                "type": _TYPES.get(line.parameters.get("ROLE", "").upper(), "required"),
                "status": {"response": response_of(line), "time": NEVER},
                **_person(line),
            }
            for line in _attendees(event)
        ],
        SEQUENCE: sequence_of(event),
    }


def sequence_of(event: CalendarEvent) -> int:
    """0 for a first invitation."""
    written = event.text("SEQUENCE").strip()
    return int(written) if re.fullmatch(r"[0-9]{1,9}", written) else 0


def day_of_meeting(event: CalendarEvent, series: Mapping[str, Any] | None = None) -> date | None:
    """The date of a series that the mail is about, in the zone of the series where it is known; None for all of it."""
    time = event.time("RECURRENCE-ID")
    if time is None:
        return None
    zone = series["start"]["timeZone"] if series and not series.get("isAllDay") else ""
    return (time.in_zone(zone) if zone else time).moment.date()


def address_of(line: ContentLine) -> str:
    return _MAILTO.sub("", line.value.strip())


def response_of(line: ContentLine) -> str:
    """The answer of an attendee, `none` before there is one."""
    return _RESPONSES.get(line.parameters.get("PARTSTAT", "").upper(), "none")


def _attendees(event: CalendarEvent) -> list[ContentLine]:
    return event.lines_of("ATTENDEE")


def _person(line: ContentLine) -> dict[str, Any]:
    address = address_of(line)
    return {"emailAddress": {"name": line.parameters.get("CN") or address, "address": address}}


def _stored_time(time: CalendarTime) -> dict[str, str]:
    """In its own zone where that is known to Graph, else in UTC."""
    if not time.is_date and known_zone(time.zone) is None:
        zone = zone_of(time.zone)
        moment = time.moment.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None) if zone else time.moment
        return {"dateTime": moment.isoformat(timespec="seconds"), "timeZone": "UTC"}
    return {"dateTime": time.moment.isoformat(timespec="seconds"), "timeZone": "UTC" if time.is_date else time.zone}
