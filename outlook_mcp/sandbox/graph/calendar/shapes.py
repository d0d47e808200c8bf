"""The body of a request about an event, and what of it is stored.

https://learn.microsoft.com/graph/api/resources/event
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from outlook_mcp.sandbox.graph.calendar.call import invalid_property
from outlook_mcp.sandbox.graph.calendar.times import read_time
from outlook_mcp.sandbox.graph.core.errors import bad_request
from outlook_mcp.sandbox.graph.core.shapes import (
    DATE_TIME,
    EMAIL_ADDRESS,
    EXTENDED_PROPERTY,
    ITEM_BODY,
    LOCATION,
    RECIPIENT,
    RESPONSE_STATUS,
    TIME_SLOT,
    Shape,
    read_body,
)
from outlook_mcp.sandbox.store.calendar.itip import NEVER
from outlook_mcp.sandbox.store.calendar.recurrence import DAYS, INDEXES, series_dates
from outlook_mcp.sandbox.store.calendar.rows import shifted

MOST_ATTENDEES = 500
_LONGEST_INTERVAL = 999
_SHOW_AS = frozenset({"free", "tentative", "busy", "oof", "workingElsewhere", "unknown"})
_SENSITIVITY = frozenset({"normal", "personal", "private", "confidential"})
_ATTENDEE = Shape(
    "attendee",
    {
        "type": frozenset({"required", "optional", "resource"}),
        "status": RESPONSE_STATUS,
        "emailAddress": EMAIL_ADDRESS,
        "proposedNewTime": TIME_SLOT,
    },
)
_TYPES = ("daily", "weekly", "absoluteMonthly", "relativeMonthly", "absoluteYearly", "relativeYearly")
_PATTERN = Shape(
    "recurrencePattern",
    {
        "type": frozenset(_TYPES),
        **dict.fromkeys(("interval", "month", "dayOfMonth"), int),
        "daysOfWeek": [frozenset(DAYS)],
        "firstDayOfWeek": frozenset(DAYS),
        "index": frozenset(INDEXES),
    },
)
_RANGE = Shape(
    "recurrenceRange",
    {
        "type": frozenset({"endDate", "noEnd", "numbered"}),
        **dict.fromkeys(("startDate", "endDate", "recurrenceTimeZone"), str),
        "numberOfOccurrences": int,
    },
)
_RECURRENCE = Shape("patternedRecurrence", {"pattern": _PATTERN, "range": _RANGE})
# Given by the server, and taken back without effect.
GIVEN = (
    *("id", "changeKey", "createdDateTime", "lastModifiedDateTime", "iCalUId", "webLink", "onlineMeeting", "type"),
    *("onlineMeetingUrl", "isOrganizer", "isCancelled", "seriesMasterId", "responseStatus", "bodyPreview", "isDraft"),
    *("hasAttachments", "originalStart", "originalStartTimeZone", "originalEndTimeZone", "occurrenceId"),
)
_PLAIN = {
    "subject": str,
    "importance": frozenset({"low", "normal", "high"}),
    "sensitivity": _SENSITIVITY,
    "showAs": _SHOW_AS,
    "isAllDay": bool,
    "isReminderOn": bool,
    "reminderMinutesBeforeStart": int,
    "responseRequested": bool,
    "allowNewTimeProposals": bool,
    "hideAttendees": bool,
    "categories": [str],
    "isOnlineMeeting": bool,
    "onlineMeetingProvider": frozenset({"unknown", "teamsForBusiness", "skypeForBusiness", "skypeForConsumer"}),
    "transactionId": str,
}
EVENT = Shape(
    "event",
    {
        **_PLAIN,
        **dict.fromkeys(GIVEN, object),
        "start": DATE_TIME,
        "end": DATE_TIME,
        "body": ITEM_BODY,
        "location": LOCATION,
        "locations": [LOCATION],
        "attendees": [_ATTENDEE],
        "organizer": RECIPIENT,
        "recurrence": _RECURRENCE,
        "singleValueExtendedProperties": [EXTENDED_PROPERTY],
    },
)


def read_event(body: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """What a request sets, as it is stored; `known` are the properties so far. Raises GraphFault."""
    asked = read_body(EVENT, body)
    fields = {name: value for name, value in asked.items() if name not in (*GIVEN, "organizer", "locations")}
    is_all_day = bool(fields.get("isAllDay", known.get("isAllDay", False)))
    is_new = not known
    switches = "isAllDay" in fields and is_all_day != bool(known.get("isAllDay"))
    for name, given in (("start", "Start"), ("end", "End")):
        if name in fields or is_new or switches:
            fields[name] = read_time(fields.get(name), given, is_all_day=is_all_day)
    if asked.get("locations") and "location" not in fields:
        fields["location"] = asked["locations"][0]
    if "attendees" in fields:
        fields["attendees"] = _attendees(fields["attendees"] or [], known.get("attendees") or [])
    whole = {**known, **fields}
    if is_all_day and whole["start"]["timeZone"] != whole["end"]["timeZone"]:
        raise invalid_property("The start and end of an all-day event need the same time zone.")
    if fields.get("recurrence"):
        fields["recurrence"] = _recurrence(fields["recurrence"], whole["start"])
        _begin_on_a_date(fields, whole)
    return fields


def _attendees(asked: list[Mapping[str, Any]], known: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Everybody once, with the answer that they gave before."""
    if len(asked) > MOST_ATTENDEES:
        raise bad_request("The number of attendees exceeds the limit of 500.", "ErrorInvalidArgument")
    answers = {attendee["emailAddress"]["address"].lower(): attendee["status"] for attendee in known}
    found: dict[str, dict[str, Any]] = {}
    for attendee in asked:
        email = attendee.get("emailAddress") or {}
        address = (email.get("address") or "").strip()
        if "@" not in address:
            raise bad_request("At least one recipient is not valid.", "ErrorInvalidRecipients")
        found[address.lower()] = {
            "type": attendee.get("type") or "required",
            "status": answers.get(address.lower(), {"response": "none", "time": NEVER}),
            "emailAddress": {"name": email.get("name") or address, "address": address},
        }
    return list(found.values())


def _recurrence(asked: Mapping[str, Any], start: Mapping[str, str]) -> dict[str, Any]:
    """With every part filled, as Graph answers it. Raises GraphFault for what is missing or contradicts itself."""
    pattern, limits = dict(asked.get("pattern") or {}), dict(asked.get("range") or {})
    if not pattern.get("type") or not limits.get("type") or not limits.get("startDate"):
        raise invalid_property("The recurrence needs a pattern, and a range with its type and start date.")
    kind = pattern["type"]
    if kind in ("weekly", "relativeMonthly", "relativeYearly") and not pattern.get("daysOfWeek"):
        raise invalid_property("The recurrence pattern needs daysOfWeek.")
    if kind.startswith("absolute") and not 1 <= (pattern.get("dayOfMonth") or 0) <= 31:
        raise invalid_property("The recurrence pattern needs dayOfMonth.")
    if kind.endswith("Yearly") and not 1 <= (pattern.get("month") or 0) <= 12:
        raise invalid_property("The recurrence pattern needs month.")
    if not 1 <= (pattern.get("interval") or 0) <= _LONGEST_INTERVAL:
        raise invalid_property("The recurrence pattern needs an interval.")
    if limits["type"] == "numbered" and (limits.get("numberOfOccurrences") or 0) < 1:
        raise invalid_property("The recurrence range needs numberOfOccurrences.")
    if limits["type"] == "endDate" and not limits.get("endDate"):
        raise invalid_property("The recurrence range needs endDate.")
    if limits["startDate"] != start["dateTime"][:10]:
        raise invalid_property("The start date of the recurrence must be the date of the start of the event.")
    filled: dict[str, Any] = {
        "pattern": {
            "type": kind,
            "interval": 1,
            "month": 0,
            "dayOfMonth": 0,
            "firstDayOfWeek": "sunday",
            "index": "first",
            **{name: value for name, value in pattern.items() if value is not None},
        },
        "range": {
            "type": "noEnd",
            "startDate": "",
            "endDate": "0001-01-01",
            "numberOfOccurrences": 0,
            **{name: value for name, value in limits.items() if value is not None},
            "recurrenceTimeZone": start["timeZone"],
        },
    }
    return filled


def _begin_on_a_date(fields: dict[str, Any], whole: Mapping[str, Any]) -> None:
    """A start that is on no date of the pattern is moved to the first one, as Graph does."""
    recurrence = fields["recurrence"]
    try:
        start = date.fromisoformat(recurrence["range"]["startDate"])
        first = next(series_dates(recurrence), None)
    except ValueError as error:
        raise invalid_property("A date of the recurrence is no date.") from error
    if first is None:
        raise invalid_property("The recurrence has no date.")
    if first != start:
        fields |= {name: shifted(whole[name], (first - start).days) for name in ("start", "end")}
        recurrence["range"]["startDate"] = first.isoformat()
