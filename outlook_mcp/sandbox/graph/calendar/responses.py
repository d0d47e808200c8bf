"""Answers to invitations, and cancellations by the organizer."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from outlook_mcp.sandbox.graph.calendar import meetings
from outlook_mcp.sandbox.graph.calendar.call import CalendarCall
from outlook_mcp.sandbox.graph.calendar.times import read_time
from outlook_mcp.sandbox.graph.core.call import accepted
from outlook_mcp.sandbox.graph.core.errors import bad_request
from outlook_mcp.sandbox.graph.core.shapes import DATE_TIME, RECIPIENT, Shape, read_body
from outlook_mcp.sandbox.store.core import times

_SLOT = Shape("timeSlot", {"start": DATE_TIME, "end": DATE_TIME})
_ACCEPT = Shape("accept", {"comment": str, "sendResponse": bool})
_OTHER = Shape("decline", {"comment": str, "sendResponse": bool, "proposedNewTime": _SLOT})
_CANCEL = Shape("cancel", {"comment": str})
_FORWARD = Shape("forward", {"toRecipients": [RECIPIENT], "comment": str})
_SHOWN = {"accepted": "busy", "tentativelyAccepted": "tentative"}


async def accept(call: CalendarCall) -> Response:
    return await _answer_invitation(call, "accepted", _ACCEPT)


async def tentatively_accept(call: CalendarCall) -> Response:
    return await _answer_invitation(call, "tentativelyAccepted", _OTHER)


async def decline(call: CalendarCall) -> Response:
    """The event leaves the calendar."""
    return await _answer_invitation(call, "declined", _OTHER)


async def cancel(call: CalendarCall) -> Response:
    """For all attendees, with a comment; the event leaves the calendar."""
    event = call.event()
    call.check_etag(event)
    body = read_body(_CANCEL, await call.json(may_be_empty=True))
    if not event.fields.get("isOrganizer"):
        raise _refused("You need to be an organizer to cancel a meeting.")
    with call.sources.database.transaction():
        call.events.delete_event(event)
        meetings.call_off(call, event, event.fields.get("attendees") or [], body.get("comment") or "")
    return accepted()


async def forward(call: CalendarCall) -> Response:
    """Invites more people. The organizer of somebody else's meeting is told, and has them among the attendees."""
    event = call.event()
    body = read_body(_FORWARD, await call.json(may_be_empty=True))
    people = body.get("toRecipients") or []
    addresses = [(person.get("emailAddress") or {}).get("address") or "" for person in people]
    if not addresses or not all("@" in address for address in addresses):
        raise bad_request("At least one recipient isn't valid., A message can't be sent.", "ErrorInvalidRecipients")
    with call.sources.database.transaction():
        meetings.forward(call, event, people, body.get("comment") or "")
    return accepted()


async def _answer_invitation(call: CalendarCall, response: str, shape: Shape) -> Response:
    event = call.event()
    body = read_body(shape, await call.json(may_be_empty=True))
    is_sent = body.get("sendResponse") is not False
    if event.fields.get("isOrganizer"):
        raise _refused("You can't respond to this meeting because you're the meeting organizer.")
    if event.fields.get("isCancelled"):
        raise _refused("You can't respond to this meeting because it has been canceled.")
    if is_sent and event.fields.get("responseRequested") is False:
        raise _refused("You can't respond to this meeting because the meeting organizer hasn't requested a response.")
    proposed = _proposed(event.fields, body, is_sent=is_sent)
    with call.sources.database.transaction():
        if response == "declined":
            call.events.delete_event(event)
        else:
            status = {"response": response, "time": times.now()}
            call.events.change_event(event, {"responseStatus": status, "showAs": _SHOWN[response]})
        if is_sent:
            meetings.respond(call, event, response, body.get("comment") or "", proposed)
    return accepted()


def _proposed(fields: Any, body: dict[str, Any], *, is_sent: bool) -> dict[str, Any] | None:
    slot = body.get("proposedNewTime")
    if not slot:
        return None
    if not is_sent or fields.get("allowNewTimeProposals") is False:
        raise bad_request("The parameter 'proposedNewTime' is invalid.", "ErrorInvalidParameter")
    return {
        "start": read_time(slot.get("start"), "Start", is_all_day=False),
        "end": read_time(slot.get("end"), "End", is_all_day=False),
        "isAllDay": False,
        "recurrence": None,
    }


def _refused(reason: str) -> Exception:
    return bad_request(f"Your request can't be completed. {reason}", "ErrorInvalidRequest")
