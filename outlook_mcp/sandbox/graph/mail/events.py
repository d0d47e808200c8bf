"""An iCalendar event as the JSON of microsoft.graph.event, and back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from outlook_mcp.sandbox.graph.core.errors import invalid_body
from outlook_mcp.sandbox.mime.calendar import CalendarEvent, CalendarTime, event_times
from outlook_mcp.sandbox.mime.content_lines import ContentLine, escape_text, write_content_line
from outlook_mcp.sandbox.mime.documents import as_text, document, without_active_content
from outlook_mcp.sandbox.mime.recurrence import recurrence

_NEVER = "0001-01-01T00:00:00Z"
_RESPONSES = {
    "ACCEPTED": "accepted",
    "DECLINED": "declined",
    "TENTATIVE": "tentativelyAccepted",
    "NEEDS-ACTION": "notResponded",
}
_ROLES = {"OPT-PARTICIPANT": "optional", "NON-PARTICIPANT": "resource"}
_ROLE_NAMES = {kind: role for role, kind in _ROLES.items()}
_SENSITIVITIES = {"PRIVATE": "private", "CONFIDENTIAL": "confidential", "PERSONAL": "personal"}
_CLASSES = {kind: name for name, kind in _SENSITIVITIES.items()}
_PRIORITIES = {"1": "high", "2": "high", "3": "high", "4": "high", "6": "low", "7": "low", "8": "low", "9": "low"}


def event_json(event: CalendarEvent, *, body: str, body_type: str, zone: str = "UTC") -> dict[str, Any]:
    """The properties that the event itself tells; times are in `zone`, days at midnight of UTC."""
    start, end = event_times(event)
    html = without_active_content(document(body, body_type))
    transparent = event.text("TRANSP").upper() == "TRANSPARENT"
    return {
        "originalStartTimeZone": start.zone if start else "UTC",
        "originalEndTimeZone": end.zone if end else "UTC",
        "iCalUId": event.text("UID"),
        "reminderMinutesBeforeStart": 15,
        "isReminderOn": True,
        "hasAttachments": False,
        "subject": event.text("SUMMARY"),
        "bodyPreview": as_text(body, body_type)[:255],
        "importance": _PRIORITIES.get(event.text("PRIORITY"), "normal"),
        "sensitivity": _SENSITIVITIES.get(event.text("CLASS").upper(), "normal"),
        "isAllDay": bool(start and start.is_date),
        "isCancelled": event.method == "CANCEL" or event.text("STATUS").upper() == "CANCELLED",
        "responseRequested": True,
        "seriesMasterId": None,
        "showAs": "free" if transparent else "busy",
        "type": event_type(event),
        "onlineMeetingUrl": None,
        "body": {"contentType": "html", "content": html},
        **({"start": zoned_json(start, zone)} if start else {}),
        **({"end": zoned_json(end, zone)} if end else {}),
        "location": location_json(event),
        "recurrence": recurrence_json(event),
        "attendees": [_attendee(line) for line in event.lines_of("ATTENDEE")],
        **_organizer(event),
    }


def event_type(event: CalendarEvent) -> str:
    """microsoft.graph.eventType: a series, a changed date of one, or neither."""
    if event.first_line("RECURRENCE-ID"):
        return "exception"
    return "seriesMaster" if event.first_line("RRULE") else "singleInstance"


def zoned_json(time: CalendarTime, zone: str = "UTC") -> dict[str, str]:
    """microsoft.graph.dateTimeTimeZone; a zone that is not known is kept."""
    moved = time.in_zone(zone)
    return {"dateTime": moved.moment.isoformat(timespec="seconds") + ".0000000", "timeZone": moved.zone}


def location_json(event: CalendarEvent) -> dict[str, str]:
    return {"displayName": event.text("LOCATION"), "locationType": "default"}


def address_of(line: ContentLine) -> str:
    """The mail address of an organizer or attendee."""
    return re.sub("^mailto:", "", line.value.strip(), flags=re.IGNORECASE)


def response_of(line: ContentLine) -> str:
    return _RESPONSES.get(line.parameters.get("PARTSTAT", "").upper(), "none")


def write_event(fields: Mapping[str, Any]) -> bytes:
    """The iCalendar object of an event in a request; raises GraphFault where start or end is missing or no time."""
    return "".join(_object(fields)).encode("utf-8", "replace")


def _attendee(line: ContentLine) -> dict[str, Any]:
    """Who has not answered is listed with `none`: https://learn.microsoft.com/graph/api/user-list-events."""
    response = response_of(line)
    return {
        "type": _ROLES.get(line.parameters.get("ROLE", "").upper(), "required"),
        "status": {"response": "none" if response == "notResponded" else response, "time": _NEVER},
        **_person(line),
    }


def _person(line: ContentLine) -> dict[str, Any]:
    address = address_of(line)
    return {"emailAddress": {"name": line.parameters.get("CN") or address, "address": address}}


def _organizer(event: CalendarEvent) -> dict[str, Any]:
    line = event.first_line("ORGANIZER")
    return {"organizer": _person(line)} if line else {}


def recurrence_json(event: CalendarEvent) -> dict[str, Any] | None:
    """None for an event that does not recur, and for a rule that Graph has no pattern for."""
    rule, start = event.first_line("RRULE"), event.time("DTSTART")
    return recurrence(rule.value, start.moment, start.zone) if rule and start else None


def _object(fields: Mapping[str, Any]) -> Iterator[str]:
    yield from ("BEGIN:VCALENDAR\r\n", "METHOD:PUBLISH\r\n", "PRODID:-//outlook-mcp//Sandbox//EN\r\n")
    yield from ("VERSION:2.0\r\n", "BEGIN:VEVENT\r\n")
    yield write_content_line("UID", uuid4().hex)
    yield write_content_line("DTSTAMP", datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ"))
    for name, key in (("DTSTART", "start"), ("DTEND", "end")):
        yield _time_line(name, fields.get(key) or {}, key, is_date=bool(fields.get("isAllDay")))
    body = fields.get("body") or {}
    texts = {
        "SUMMARY": fields.get("subject") or "",
        "LOCATION": (fields.get("location") or {}).get("displayName") or "",
        "DESCRIPTION": as_text(body.get("content") or "", body.get("contentType") or "text").replace("\r\n", "\n"),
    }
    yield from (write_content_line(name, escape_text(text)) for name, text in texts.items() if text)
    yield write_content_line("CLASS", _CLASSES.get(fields.get("sensitivity") or "", "PUBLIC"))
    yield write_content_line("TRANSP", "TRANSPARENT" if fields.get("showAs") == "free" else "OPAQUE")
    priority = {"high": "1", "low": "9"}.get(fields.get("importance") or "", "5")
    yield write_content_line("PRIORITY", priority)
    yield from _people_lines(fields)
    yield from ("END:VEVENT\r\n", "END:VCALENDAR\r\n")


def _time_line(name: str, time: Mapping[str, Any], key: str, *, is_date: bool) -> str:
    try:
        moment = datetime.fromisoformat(time.get("dateTime") or "")
    except ValueError as error:
        raise invalid_body(f"The property '{key}' of an event needs a dateTime.") from error
    if is_date:
        return f"{name};VALUE=DATE:{moment.date().isoformat().replace('-', '')}\r\n"
    zone = time.get("timeZone") or "UTC"
    written = re.sub("[:-]", "", moment.replace(tzinfo=None).isoformat(timespec="seconds"))
    return f"{name}:{written}Z\r\n" if zone == "UTC" else write_content_line(name, written, TZID=zone)


def _people_lines(fields: Mapping[str, Any]) -> Iterator[str]:
    organizer = (fields.get("organizer") or {}).get("emailAddress") or {}
    if organizer.get("address"):
        yield write_content_line("ORGANIZER", f"mailto:{organizer['address']}", CN=organizer.get("name") or "")
    for attendee in fields.get("attendees") or []:
        email = attendee.get("emailAddress") or {}
        if email.get("address"):
            role = _ROLE_NAMES.get(attendee.get("type") or "", "REQ-PARTICIPANT")
            value = "mailto:" + "".join(email["address"].split())
            yield write_content_line("ATTENDEE", value, CN=email.get("name") or "", ROLE=role)
