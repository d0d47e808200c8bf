"""/events: make, read, change and delete."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from outlook_mcp.sandbox.graph.calendar import listing, meetings
from outlook_mcp.sandbox.graph.calendar.call import CalendarCall, invalid_property
from outlook_mcp.sandbox.graph.calendar.online import with_online_meeting
from outlook_mcp.sandbox.graph.calendar.shapes import read_event
from outlook_mcp.sandbox.graph.calendar.times import zone_named
from outlook_mcp.sandbox.graph.core.call import no_content
from outlook_mcp.sandbox.graph.core.errors import GraphFault, bad_request
from outlook_mcp.sandbox.store.calendar.itip import NEVER, SEQUENCE
from outlook_mcp.sandbox.store.calendar.rows import SERIES, StoredEvent, day_of, moment_of


async def get_event(call: CalendarCall) -> Response:
    return listing.entity(call, call.event())


async def create_event(call: CalendarCall) -> Response:
    """Attendees are invited at once; the same transaction id gives the event that it made before."""
    calendar = call.calendar()
    body = await call.json()
    fields = read_event(body, {})
    _check_times(fields)
    transaction = fields.get("transactionId")
    if transaction and (known := _made_before(call, transaction, body)) is not None:
        return listing.entity(call, known, 201)
    fields = with_online_meeting(call, fields, {})
    own = {"name": call.account.display_name, "address": call.account.upn}
    fields |= {
        "organizer": {"emailAddress": own},
        "isOrganizer": True,
        "responseStatus": {"response": "organizer", "time": NEVER},
        SEQUENCE: 0,
    }
    with call.sources.database.transaction():
        event = call.events.create_event(calendar, fields)
        if transaction:
            call.sources.database.execute(
                "INSERT INTO event_transaction (mailbox, id, event, body) VALUES (?, ?, ?, ?)",
                (call.account.key, transaction, event.key, _canonical(body)),
            )
        meetings.invite(call, event, fields.get("attendees") or [])
    return listing.entity(call, event, 201)


async def update_event(call: CalendarCall) -> Response:
    """An organizer's change is mailed; an attendee's changes the own copy alone."""
    event = call.event()
    call.check_etag(event)
    body = await call.json()
    if "recurrence" not in {name.lower() for name in body} and event.kind == SERIES:
        _refuse_other_zone(event, body)
    fields = with_online_meeting(call, read_event(body, event.fields), event.fields)
    merged = {**event.fields, **fields}
    _check_times(merged)
    if event.day is not None:
        _check_neighbours(call, event, merged)
    if event.fields.get("isOrganizer") and merged.get("attendees"):
        if meetings.asks_again(event.fields, merged):
            fields["attendees"] = [_asked_again(attendee) for attendee in merged["attendees"]]
        if meetings.told_changes(event.fields, merged):
            fields[SEQUENCE] = event.fields.get(SEQUENCE, 0) + 1
    with call.sources.database.transaction():
        changed = call.events.change_event(event, fields)
        if event.fields.get("isOrganizer"):
            meetings.tell_of_change(call, event, changed)
    return listing.entity(call, changed)


async def delete_event(call: CalendarCall) -> Response:
    """Of an organizer it is a cancellation without a word; of an attendee nobody hears."""
    event = call.event()
    call.check_etag(event)
    with call.sources.database.transaction():
        call.events.delete_event(event)
        if event.fields.get("isOrganizer"):
            meetings.call_off(call, event, event.fields.get("attendees") or [])
    return no_content()


def _made_before(call: CalendarCall, transaction: str, body: Mapping[str, Any]) -> StoredEvent | None:
    row = call.sources.database.row(
        "SELECT t.body, e.counter FROM event_transaction t JOIN event e ON e.id = t.event"
        " WHERE t.mailbox = ? AND t.id = ?",
        (call.account.key, transaction),
    )
    if row is None:
        return None
    if row["body"] != _canonical(body):
        message = "Your request can't be completed. The transactionId was used by another event."
        raise GraphFault(409, "ErrorDuplicateTransactionId", message)
    return call.events.by_counter(row["counter"])


def _canonical(body: Mapping[str, Any]) -> str:
    return json.dumps(body, sort_keys=True, ensure_ascii=False)


def _check_times(fields: Mapping[str, Any]) -> None:
    is_all_day = bool(fields.get("isAllDay"))
    start, end = (moment_of(fields[name], is_all_day=is_all_day) for name in ("start", "end"))
    if end < start or (is_all_day and end == start):
        raise bad_request("The end of the event is before its start.", "ErrorCalendarEndDateIsEarlierThanStartDate")


def _refuse_other_zone(series: StoredEvent, body: Mapping[str, Any]) -> None:
    start = next((value for name, value in body.items() if name.lower() == "start"), None) or {}
    zone = start.get("timeZone") if isinstance(start, Mapping) else None
    if zone and zone_named(zone) != zone_named(series.fields["start"]["timeZone"]):
        raise invalid_property("The time zone of a series is changed together with its recurrence.")


def _check_neighbours(call: CalendarCall, event: StoredEvent, fields: Mapping[str, Any]) -> None:
    """An occurrence stays between the days of the one before it and the one after it."""
    assert event.day is not None
    series = call.events.series_of(event)
    dates = [other for other in call.events.occurrences(series, day_of(fields["start"])) if other.day != event.day]
    moved = day_of(fields["start"])
    for other in dates:
        taken = day_of(other.fields["start"])
        assert other.day is not None
        if (other.day < event.day and taken >= moved) or (other.day > event.day and taken <= moved):
            message = "Your request can't be completed. An occurrence cannot cross or be on the day of another one."
            raise bad_request(message, "ErrorOccurrenceCrossingBoundary")


def _asked_again(attendee: Mapping[str, Any]) -> dict[str, Any]:
    return {**attendee, "status": {"response": "notResponded", "time": NEVER}}
