"""getSchedule: when people of the organisation are busy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response

from outlook_mcp.sandbox.graph.calendar.call import CalendarCall
from outlook_mcp.sandbox.graph.calendar.times import read_time, write_moment
from outlook_mcp.sandbox.graph.core.errors import GraphFault, bad_request
from outlook_mcp.sandbox.graph.core.shapes import DATE_TIME, Shape, read_body
from outlook_mcp.sandbox.store.calendar.calendars import Calendars, StoredCalendar
from outlook_mcp.sandbox.store.calendar.events import Events
from outlook_mcp.sandbox.store.calendar.rows import StoredEvent, moment_of
from outlook_mcp.sandbox.store.core.accounts import Account

_REQUEST = Shape(
    "getSchedule", {"schedules": [str], "startTime": DATE_TIME, "endTime": DATE_TIME, "availabilityViewInterval": int}
)
_MOST_PEOPLE = 20
_MOST_DAYS = timedelta(days=62)
# From the weakest to the strongest, and the digit of each in `availabilityView`.
_STRENGTHS = ("free", "workingElsewhere", "tentative", "busy", "oof")
_DIGITS = {"free": "0", "tentative": "1", "busy": "2", "oof": "3", "workingElsewhere": "4"}
_SEEING = frozenset(
    {"read", "limitedRead", "write", "delegateWithoutPrivateEventAccess", "delegateWithPrivateEventAccess"}
)
_CONTEXT = "Collection(microsoft.graph.scheduleInformation)"


async def get_schedule(call: CalendarCall) -> Response:
    """Of each address: its events, one digit for each interval, and the working hours."""
    body = read_body(_REQUEST, await call.json())
    people = body.get("schedules") or []
    if call.sources.is_personal(call.account):
        raise GraphFault(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
    if not 1 <= len(people) <= _MOST_PEOPLE:
        message = "The number of mailboxes in the request is above the limit of 20."
        raise bad_request(message, "ErrorTooManyMailboxes" if people else "ErrorInvalidParameter")
    start, end = (_moment(body.get(name), name) for name in ("startTime", "endTime"))
    minutes = body.get("availabilityViewInterval") or 30
    if not 5 <= minutes <= 1440 or end <= start:
        raise bad_request("The time window or its interval is invalid.", "ErrorInvalidParameter")
    if end - start > _MOST_DAYS:
        raise bad_request("The requested time duration is too long.", "ErrorTimeIntervalTooBig")
    values = [_schedule(call, address, start, end, timedelta(minutes=minutes)) for address in people]
    return call.json_answer({"@odata.context": call.type_context(_CONTEXT), "value": values})


def _moment(written: dict[str, Any] | None, name: str) -> datetime:
    """A bare date and an offset are refused."""
    text = (written or {}).get("dateTime") or ""
    if "T" not in text or text.endswith("Z") or "+" in text:
        raise bad_request(f"The value of the parameter '{name}' is invalid.", "ErrorInvalidParameter")
    return moment_of(read_time(written, name, is_all_day=False), is_all_day=False)


def _schedule(call: CalendarCall, address: str, start: datetime, end: datetime, step: timedelta) -> dict[str, Any]:
    account = call.sources.accounts.by_address(address)
    if account is None or account.tid != call.account.tid:
        message = f"Unable to resolve e-mail address {address} to an Active Directory object."
        error = {"message": message, "responseCode": "5016"}
        return {
            "scheduleId": address,
            "availabilityView": "",
            "scheduleItems": None,
            "workingHours": None,
            "error": error,
        }
    calendar = Calendars(call.sources.database, account).default_calendar()
    events = [event for event in Events(call.sources.database, account).view(calendar, start, end) if _counts(event)]
    return {
        "scheduleId": address,
        "availabilityView": _view(events, start, end, step),
        "scheduleItems": [
            _item(call, account, calendar, event) for event in sorted(events, key=lambda item: item.start)
        ],
        "workingHours": call.sources.working_hours(account),
    }


def _counts(event: StoredEvent) -> bool:
    return not event.fields.get("isCancelled") and _status(event) != "free"


def _status(event: StoredEvent) -> str:
    return str(event.fields.get("showAs") or "busy")


def status_at(call: CalendarCall, account: Account, start: datetime, end: datetime) -> str:
    """The strongest of what an account shows within this time."""
    calendar = Calendars(call.sources.database, account).default_calendar()
    events = Events(call.sources.database, account).view(calendar, start, end)
    return _strongest([event for event in events if _counts(event)])


def _strongest(events: Sequence[StoredEvent]) -> str:
    known = [status for event in events if (status := _status(event)) in _STRENGTHS]
    return max(known, key=_STRENGTHS.index, default="free")


def _view(events: Sequence[StoredEvent], start: datetime, end: datetime, step: timedelta) -> str:
    digits = []
    while start < end:
        digits.append(_DIGITS[_strongest([event for event in events if event.overlaps(start, min(start + step, end))])])
        start += step
    return "".join(digits)


def _item(call: CalendarCall, account: Account, calendar: StoredCalendar, event: StoredEvent) -> dict[str, Any]:
    """Subject and place of the caller's own events, and of calendars that were shared with the caller."""
    zone = call.prefer.time_zone
    item: dict[str, Any] = {
        "status": _status(event),
        "start": write_moment(event.start, zone),
        "end": write_moment(event.end, zone),
    }
    role = calendar.permissions.get(call.caller.upn.lower())
    is_private = event.fields.get("sensitivity") in ("private", "confidential", "personal")
    if account.oid != call.caller.oid and (role not in _SEEING or is_private):
        return item
    place = event.fields.get("location") or {}
    return {
        "isPrivate": is_private,
        "subject": event.fields.get("subject") or "",
        "location": place.get("displayName") or "",
        **item,
    }
