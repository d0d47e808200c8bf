"""An event as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from outlook_mcp.sandbox.graph.calendar.call import CalendarCall
from outlook_mcp.sandbox.graph.calendar.times import event_time_json
from outlook_mcp.sandbox.graph.core.call import etag_of
from outlook_mcp.sandbox.mime.documents import as_text, document, without_active_content
from outlook_mcp.sandbox.store.calendar.events import DELETED_DATES
from outlook_mcp.sandbox.store.calendar.itip import NEVER
from outlook_mcp.sandbox.store.calendar.rows import SERIES, StoredEvent

_PREVIEW = 255
_DEFAULTS: Mapping[str, Any] = {
    "reminderMinutesBeforeStart": 15,
    "isReminderOn": True,
    "subject": None,
    "importance": "normal",
    "sensitivity": "normal",
    "isAllDay": False,
    "isCancelled": False,
    "isOrganizer": True,
    "responseRequested": True,
    "showAs": "busy",
    "isOnlineMeeting": False,
    "onlineMeetingProvider": "unknown",
    "allowNewTimeProposals": True,
    "hideAttendees": False,
    "onlineMeeting": None,
    "recurrence": None,
    "transactionId": None,
}
# Answered only when they are selected by name.
BY_NAME = ("cancelledOccurrences", "exceptionOccurrences")
PROPERTIES = (
    *("id", "createdDateTime", "lastModifiedDateTime", "changeKey", "categories", "originalStartTimeZone"),
    *("originalEndTimeZone", "iCalUId", *_DEFAULTS, "hasAttachments", "bodyPreview", "seriesMasterId", "type"),
    *("webLink", "onlineMeetingUrl", "isDraft", "responseStatus", "body", "start", "end", "location", "locations"),
    *("attendees", "organizer", *BY_NAME),
)
_SHOWN_OF_PRIVATE = (
    *("@odata.etag", "id", "changeKey", "iCalUId", "start", "end", "isAllDay", "isCancelled", "showAs", "sensitivity"),
    *("type", "seriesMasterId", "originalStartTimeZone", "originalEndTimeZone", "isOrganizer", "webLink"),
)


def event_json(call: CalendarCall, event: StoredEvent) -> dict[str, Any]:
    """Every property, times in the zone that the caller prefers; only when of what is private for others."""
    value = _whole_json(call, event)
    if not call.sees_bodies:
        value = {name: part for name, part in value.items() if name not in ("body", "bodyPreview", "hasAttachments")}
    if value["sensitivity"] == "normal" or call.is_own or call.sees_private(call.calendars.by_id(event.calendar_id)):
        return value
    hidden = {name: part for name, part in value.items() if name in _SHOWN_OF_PRIVATE}
    return {**hidden, "subject": "Private appointment", "attendees": [], "location": _place({}), "bodyPreview": ""}


def _whole_json(call: CalendarCall, event: StoredEvent) -> dict[str, Any]:
    fields, zone = event.fields, call.prefer.time_zone
    body = fields.get("body") or {}
    content, kind = body.get("content") or "", (body.get("contentType") or "text").lower()
    identifier = call.id_of(event)
    place = fields.get("location") or {}
    return {
        "@odata.etag": etag_of(event),
        "id": identifier,
        "createdDateTime": event.row["created"],
        "lastModifiedDateTime": event.row["modified"],
        "changeKey": event.change_key,
        "categories": fields.get("categories") or [],
        "originalStartTimeZone": fields["start"]["timeZone"],
        "originalEndTimeZone": fields["end"]["timeZone"],
        "iCalUId": event.uid,
        **{name: _DEFAULTS[name] if fields.get(name) is None else fields[name] for name in _DEFAULTS},
        "hasAttachments": False,
        "bodyPreview": as_text(content, kind)[:_PREVIEW],
        "seriesMasterId": call.series_id_of(event) if event.day is not None else None,
        "type": event.kind,
        "webLink": f"https://outlook.office365.com/owa/?itemid={quote(identifier)}&exvsurl=1&path=/calendar/item",
        "onlineMeetingUrl": None,
        "isDraft": False,
        "responseStatus": fields.get("responseStatus") or {"response": "organizer", "time": NEVER},
        "body": _body_json(call, content, kind),
        "start": event_time_json(event, "start", zone),
        "end": event_time_json(event, "end", zone),
        "location": _place(place),
        "locations": [_place(place)] if place.get("displayName") else [],
        "attendees": fields.get("attendees") or [],
        "organizer": fields.get("organizer") or {"emailAddress": None},
        **({} if event.kind != SERIES else _of_series(call, event)),
    }


def _of_series(call: CalendarCall, series: StoredEvent) -> dict[str, Any]:
    identifier = call.id_of(series)
    exceptions = [event_id for event in call.events.exceptions_of(series) if (event_id := call.id_of(event))]
    deleted = [f"OID.{identifier}.{day}" for day in series.fields.get(DELETED_DATES) or ()]
    return {"cancelledOccurrences": deleted, "exceptionOccurrences": [{"id": event_id} for event_id in exceptions]}


def _body_json(call: CalendarCall, content: str, kind: str) -> dict[str, str]:
    if call.prefer.text_body:
        return {"contentType": "text", "content": as_text(content, kind)}
    return {"contentType": "html", "content": without_active_content(document(content, kind))}


def _place(place: Mapping[str, Any]) -> dict[str, Any]:
    return {"displayName": "", "locationType": "default", "uniqueIdType": "unknown", **place}
