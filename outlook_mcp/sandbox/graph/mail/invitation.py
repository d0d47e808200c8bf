"""Meeting messages: the properties of microsoft.graph.eventMessage, and the event that `$expand` leads to."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from outlook_mcp.sandbox.graph.mail.call import MailCall, etag
from outlook_mcp.sandbox.graph.mail.events import (
    address_of,
    event_json,
    event_type,
    location_json,
    recurrence_json,
    response_of,
    zoned_json,
)
from outlook_mcp.sandbox.mime.calendar import CalendarEvent, event_times, read_event
from outlook_mcp.sandbox.store import StoredMessage
from outlook_mcp.sandbox.store.calendar.attendant import is_superseded
from outlook_mcp.sandbox.store.core import ids

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
# The folder of an event in its id: no mail folder has this number.
_CALENDAR = 0


def meeting_properties(calendar: str | None) -> dict[str, Any]:
    """Those that a meeting message has besides the ones of a message; times are in UTC, as Graph answers them."""
    event = read_event(calendar or "") or CalendarEvent("", ())
    start, end = event_times(event)
    if event.method == "COUNTER":
        # What the event says is the proposal; Outlook adds the times that it stands for (MS-OXCICAL).
        start, end = event.time("X-MS-OLK-ORIGINALSTART"), event.time("X-MS-OLK-ORIGINALEND")
    return {
        **_message_type(event),
        "recurrence": recurrence_json(event),
        "type": event_type(event),
        "isOutOfDate": False,
        "isAllDay": bool(start and start.is_date),
        "isDelegated": False,
        **({"startDateTime": zoned_json(start)} if start else {}),
        **({"endDateTime": zoned_json(end)} if end else {}),
        **({"location": location_json(event)} if event.first_line("LOCATION") else {}),
    }


def is_out_of_date(call: MailCall, calendar: str | None) -> bool:
    """Whether the calendar knows of a later change of the meeting."""
    event = read_event(calendar or "") or CalendarEvent("", ())
    known = call.stores.event_of(call.account, event)
    return known is not None and is_superseded(known, event)


def expanded_event(call: MailCall, stored: StoredMessage) -> dict[str, Any]:
    """The event in the calendar of the owner, else what the message tells of it; nothing where it is about none."""
    content = call.mailbox.messages.content(stored)
    event = read_event(content["calendar"] or "")
    if event is None:
        return {}
    path = f"messages('{quote(call.id_of(stored))}')/microsoft.graph.eventMessage/event/$entity"
    if (known := call.event_json(call, event)) is not None:
        return {"event@odata.context": call.context(path), "event": known}
    identifier = ids.item_id(call.account.guid, _CALENDAR, stored.row["counter"])
    answer = {
        "@odata.etag": etag(stored),
        "id": identifier,
        "createdDateTime": stored.row["created"],
        "lastModifiedDateTime": stored.row["modified"],
        "changeKey": stored.change_key,
        "categories": [],
        **event_json(event, body=content["body"], body_type=content["body_type"], zone=call.prefer.time_zone),
        **_own_state(call, event),
        "webLink": f"https://outlook.office365.com/owa/?itemid={quote(identifier)}&exvsurl=1&path=/calendar/item",
    }
    return {"event@odata.context": call.context(path), "event": answer}


def _message_type(event: CalendarEvent) -> dict[str, Any]:
    if event.method == "CANCEL":
        return {"meetingMessageType": "meetingCancelled"}
    if event.method in ("REPLY", "COUNTER"):
        answer = next((response_of(line) for line in event.lines_of("ATTENDEE")), "none")
        proposed = {"proposedNewTime": _time_slot(event)} if event.method == "COUNTER" else {}
        return {"meetingMessageType": _ANSWERS.get(answer, "none"), "responseType": answer, **proposed}
    is_update = event.text("SEQUENCE").strip() not in ("", "0")
    return {
        "meetingMessageType": "meetingRequest",
        "meetingRequestType": "fullUpdate" if is_update else "newMeetingRequest",
        "responseRequested": True,
        "allowNewTimeProposals": True,
    }


def _time_slot(event: CalendarEvent) -> dict[str, Any] | None:
    start, end = event_times(event)
    return {"start": zoned_json(start), "end": zoned_json(end)} if start and end else None


def _own_state(call: MailCall, event: CalendarEvent) -> dict[str, Any]:
    """What the calendar of the owner says: their answer, and whether it is their own meeting."""
    own = call.account.upn.lower()
    organizer = event.first_line("ORGANIZER")
    is_own = organizer is not None and address_of(organizer).lower() == own
    answers = [response_of(line) for line in event.lines_of("ATTENDEE") if address_of(line).lower() == own]
    response = "organizer" if is_own else next(iter(answers), "notResponded")
    unanswered = event.method == "REQUEST" and response == "notResponded"
    return {
        "isOrganizer": is_own,
        "responseStatus": {"response": response, "time": "0001-01-01T00:00:00Z"},
        **({"showAs": "tentative"} if unanswered else {}),
    }
