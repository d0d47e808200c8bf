"""Meeting messages: the properties of microsoft.graph.eventMessage, and the event that `$expand` leads to."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from outlook_mcp.sandbox.graph.mail.call import MailCall
from outlook_mcp.sandbox.graph.mail.events import (
    event_type,
    location_json,
    recurrence_json,
    response_of,
    zoned_json,
)
from outlook_mcp.sandbox.mime.calendar import CalendarEvent, event_times, read_event
from outlook_mcp.sandbox.store import StoredMessage
from outlook_mcp.sandbox.store.calendar.attendant import is_superseded

# What $expand names, in lower case.
EVENT_OF_MESSAGE = re.compile(r"microsoft\.graph\.eventmessage(?:request|response)?/event")
_ANSWERS = {
    "accepted": "meetingAccepted",
    "declined": "meetingDeclined",
    # Graph's own spelling.
    "tentativelyAccepted": "meetingTenativelyAccepted",
}
MEETING_PROPERTIES = (
    *("meetingMessageType", "type", "recurrence", "isOutOfDate", "isAllDay", "isDelegated", "startDateTime"),
    *("endDateTime", "location", "meetingRequestType", "responseRequested", "allowNewTimeProposals"),
    *("previousStartDateTime", "previousEndDateTime", "previousLocation", "responseType", "proposedNewTime"),
)


def meeting_properties(calendar: str | None, zone: str) -> dict[str, Any]:
    """The properties that a meeting message has besides the ones of a message; times are in `zone`."""
    event = read_event(calendar or "") or CalendarEvent("", ())
    start, end = event_times(event)
    if event.method == "COUNTER":
        # What the event says is the proposal; Outlook adds the times that it stands for (MS-OXCICAL).
        start, end = event.time("X-MS-OLK-ORIGINALSTART"), event.time("X-MS-OLK-ORIGINALEND")
    return {
        **_message_type(event, zone),
        "recurrence": recurrence_json(event),
        "type": event_type(event),
        "isOutOfDate": False,
        "isAllDay": bool(start and start.is_date),
        "isDelegated": False,
        **({"startDateTime": zoned_json(start, zone)} if start else {}),
        **({"endDateTime": zoned_json(end, zone)} if end else {}),
        **({"location": location_json(event)} if event.first_line("LOCATION") else {}),
    }


def is_out_of_date(call: MailCall, calendar: str | None) -> bool:
    """Whether the calendar knows of a later change of the meeting."""
    event = read_event(calendar or "") or CalendarEvent("", ())
    known = call.stores.event_of(call.account, event)
    return known is not None and is_superseded(known, event)


def expanded_event(call: MailCall, stored: StoredMessage) -> dict[str, Any]:
    """The event in the calendar of the owner, null where it is there no more; nothing where the message is about none.

    A navigation property with nothing behind it is null: OData JSON Format 4.01, 8.3.
    """
    event = read_event(call.mailbox.messages.content(stored)["calendar"] or "")
    if event is None:
        return {}
    path = f"messages('{quote(call.id_of(stored))}')/microsoft.graph.eventMessage/event/$entity"
    return {"event@odata.context": call.context(path), "event": call.event_json(call, event)}


def _message_type(event: CalendarEvent, zone: str) -> dict[str, Any]:
    if event.method == "CANCEL":
        return {"meetingMessageType": "meetingCancelled"}
    if event.method in ("REPLY", "COUNTER"):
        answer = next((response_of(line) for line in event.lines_of("ATTENDEE")), "none")
        proposed = {"proposedNewTime": _time_slot(event, zone)} if event.method == "COUNTER" else {}
        return {"meetingMessageType": _ANSWERS.get(answer, "none"), "responseType": answer, **proposed}
    is_update = event.text("SEQUENCE").strip() not in ("", "0")
    return {
        "meetingMessageType": "meetingRequest",
        "meetingRequestType": "fullUpdate" if is_update else "newMeetingRequest",
        "responseRequested": True,
        "allowNewTimeProposals": True,
    }


def _time_slot(event: CalendarEvent, zone: str) -> dict[str, Any] | None:
    start, end = event_times(event)
    return {"start": zoned_json(start, zone), "end": zoned_json(end, zone)} if start and end else None
