"""findMeetingTimes: times at which the organizer and attendees of the organisation are free."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from typing import Any

from starlette.responses import Response

from outlook_mcp.sandbox.graph.calendar.call import CalendarCall
from outlook_mcp.sandbox.graph.calendar.schedules import status_at
from outlook_mcp.sandbox.graph.calendar.times import read_time, write_moment, zone_named
from outlook_mcp.sandbox.graph.core.errors import GraphFault, bad_request
from outlook_mcp.sandbox.graph.core.shapes import EMAIL_ADDRESS, TIME_SLOT, Shape, read_body
from outlook_mcp.sandbox.store.calendar.rows import moment_of
from outlook_mcp.sandbox.store.core.accounts import Account

_ATTENDEE = Shape(
    "attendeeBase", {"type": frozenset({"required", "optional", "resource"}), "emailAddress": EMAIL_ADDRESS}
)
_DOMAINS = frozenset({"unknown", "work", "personal", "unrestricted"})
_CONSTRAINT = Shape("timeConstraint", {"activityDomain": _DOMAINS, "timeSlots": [TIME_SLOT]})
_REQUEST = Shape(
    "findMeetingTimes",
    {
        "attendees": [_ATTENDEE],
        "timeConstraint": _CONSTRAINT,
        "locationConstraint": object,
        "meetingDuration": str,
        "maxCandidates": int,
        "isOrganizerOptional": bool,
        "returnSuggestionReasons": bool,
        "minimumAttendeePercentage": float,
    },
)
_DURATION = re.compile(r"P(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?)?")
_STEP = timedelta(minutes=30)
_USUAL_CANDIDATES, _USUAL_PERCENTAGE = 20, 50.0
_LONGEST = timedelta(days=62)
# How sure it is that somebody can come: https://learn.microsoft.com/graph/api/user-findmeetingtimes
_CERTAINTY = {"free": 100.0, "workingElsewhere": 100.0, "unknown": 49.0, "tentative": 0.0, "busy": 0.0, "oof": 0.0}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One time: what the organizer does then, and each attendee."""

    start: datetime
    end: datetime
    organizer: str
    attendees: Sequence[str]

    @property
    def confidence(self) -> float:
        known = [_CERTAINTY[status] for status in self.attendees]
        return sum(known) / len(known) if known else 100.0


async def find_meeting_times(call: CalendarCall) -> Response:
    """The best times first; as in Graph, personal accounts are refused."""
    body = read_body(_REQUEST, await call.json())
    if call.sources.is_personal(call.account):
        raise GraphFault(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
    attendees = body.get("attendees") or []
    addresses = [(person.get("emailAddress") or {}).get("address") or "" for person in attendees]
    least = body.get("minimumAttendeePercentage")
    found = [
        candidate
        for candidate in _candidates(call, body, addresses)
        if candidate.confidence >= (_USUAL_PERCENTAGE if least is None else float(least))
        and (body.get("isOrganizerOptional") or _CERTAINTY[candidate.organizer] > 0)
    ]
    found.sort(key=lambda candidate: (-candidate.confidence, candidate.start))
    chosen = found[: body.get("maxCandidates") or _USUAL_CANDIDATES]
    answer = {
        "@odata.context": call.type_context("microsoft.graph.meetingTimeSuggestionsResult"),
        "emptySuggestionsReason": "" if chosen else "AttendeesUnavailable",
        "meetingTimeSuggestions": [
            _suggestion(call, candidate, attendees, order, is_explained=bool(body.get("returnSuggestionReasons")))
            for order, candidate in enumerate(chosen, 1)
        ],
    }
    return call.json_answer(answer)


def _suggestion(
    call: CalendarCall,
    candidate: _Candidate,
    attendees: Sequence[Mapping[str, Any]],
    order: int,
    *,
    is_explained: bool,
) -> dict[str, Any]:
    zone = call.prefer.time_zone
    return {
        "confidence": candidate.confidence,
        "order": order,
        "organizerAvailability": candidate.organizer,
        **({"suggestionReason": "Suggested because it is one of the nearest times."} if is_explained else {}),
        "meetingTimeSlot": {"start": write_moment(candidate.start, zone), "end": write_moment(candidate.end, zone)},
        "attendeeAvailability": [
            {
                "availability": status,
                "attendee": {"type": person.get("type") or "required", "emailAddress": person.get("emailAddress")},
            }
            for person, status in zip(attendees, candidate.attendees, strict=True)
        ],
        "locations": [],
    }


def _candidates(call: CalendarCall, body: Mapping[str, Any], addresses: Sequence[str]) -> Iterator[_Candidate]:
    """Within the hours of work of the organizer, unless the domain of the activity is another one."""
    length = _length(body.get("meetingDuration") or "PT30M")
    constraint = body.get("timeConstraint") or {}
    is_at_work = (constraint.get("activityDomain") or "work").lower() == "work"
    hours = call.sources.working_hours(call.account)
    accounts = [call.sources.accounts.by_address(address) for address in addresses]
    for begin, end in _slots(constraint.get("timeSlots") or []):
        start = begin
        while start + length <= end:
            if not is_at_work or _is_within(hours, start, start + length):
                yield _Candidate(
                    start,
                    start + length,
                    status_at(call, call.account, start, start + length),
                    [_status_of(call, account, start, start + length) for account in accounts],
                )
            start += _STEP


def _status_of(call: CalendarCall, account: Account | None, start: datetime, end: datetime) -> str:
    is_known = account is not None and account.tid == call.account.tid
    return status_at(call, account, start, end) if account is not None and is_known else "unknown"


def _slots(written: Sequence[Mapping[str, Any]]) -> list[tuple[datetime, datetime]]:
    """The next week where no slot is given."""
    if not written:
        now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        return [(now, now + timedelta(days=7))]
    slots = [
        (
            moment_of(read_time(slot.get("start"), "Start", is_all_day=False), is_all_day=False),
            moment_of(read_time(slot.get("end"), "End", is_all_day=False), is_all_day=False),
        )
        for slot in written
    ]
    if any(end <= start or end - start > _LONGEST for start, end in slots):
        raise bad_request("The time slot is invalid.", "ErrorInvalidParameter")
    return slots


def _is_within(hours: Mapping[str, Any], start: datetime, end: datetime) -> bool:
    zone = _zone_of(hours["timeZone"])
    first, last = start.astimezone(zone), end.astimezone(zone)
    begin, close = (time.fromisoformat(hours[name][:8]) for name in ("startTime", "endTime"))
    is_one_day = first.date() == last.date() and _DAYS[first.weekday()] in hours["daysOfWeek"]
    return is_one_day and begin <= first.time() and last.time() <= close


def _zone_of(written: Mapping[str, Any]) -> tzinfo:
    """Of a zone that the mailbox made up the offset in winter is taken."""
    return timezone(timedelta(minutes=-written["bias"])) if "bias" in written else zone_named(written["name"])


def _length(written: str) -> timedelta:
    found = _DURATION.fullmatch(written)
    days, hours, minutes = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    length = timedelta(days=days, hours=hours, minutes=minutes)
    if not timedelta() < length <= _LONGEST:
        raise bad_request("The value of the parameter 'MeetingDuration' is invalid.", "ErrorInvalidParameter")
    return length
