"""When and where the meeting of a message is."""

from __future__ import annotations

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.graph.models import ZonedTime
from outlook_mcp.mail.answers.series import series_text
from outlook_mcp.mail.invitations import Meeting, Place
from outlook_mcp.text.characters import one_line
from outlook_mcp.text.dates import day_and_time

_LONGEST_PLACE = 200
_LONGEST_ZONE = 60
_CHANGES = frozenset({"fullupdate", "informationalupdate"})
_KINDS = {
    "meetingrequest": "Invitation",
    "meetingcancelled": "Cancelled meeting",
    "meetingaccepted": "Accepted",
    "meetingtenativelyaccepted": "Tentatively accepted",
    "meetingtentativelyaccepted": "Tentatively accepted",
    "meetingdeclined": "Declined",
}


def meeting_line(context: AnswerContext, meeting: Meeting) -> str:
    """`Invitation: Wed 2 Dec 2026 14:30-15:30, Room 4.12; to be answered in Outlook`."""
    kind = _KINDS.get((meeting.meeting_message_type or "").lower(), "Meeting")
    when = _when(context, meeting.start_date_time, meeting.end_date_time, is_all_day=bool(meeting.is_all_day))
    parts = [part for part in (when, _where(meeting.location)) if part]
    is_change = (meeting.meeting_request_type or "").lower() in _CHANGES
    line = f"{'Changed invitation' if is_change else kind}: {', '.join(parts) or 'time and place are not given'}"
    if meeting.type == "seriesMaster":
        # Graph's pattern does not tell which of its dates are left out or moved.
        line += f", the first of a series {series_text(meeting.recurrence)}".rstrip() + " (single dates may differ)"
    elif meeting.type in ("occurrence", "exception"):
        line += ", one date of a series"
    if is_change and (before := _before(context, meeting, when)):
        line += f"; before it was {before}"
    proposed = meeting.proposed_new_time
    if proposed and (instead := _when(context, proposed.start, proposed.end)):
        line += f"; proposed instead: {instead}"
    if meeting.is_out_of_date:
        line += "; it is out of date"
    elif kind == "Invitation":
        line += "; to be answered in Outlook"
    return line


def _before(context: AnswerContext, meeting: Meeting, when: str) -> str:
    """Time and place before the change, as far as they were others."""
    is_all_day = bool(meeting.is_all_day)
    time = _when(context, meeting.previous_start_date_time, meeting.previous_end_date_time, is_all_day=is_all_day)
    place = _where(meeting.previous_location)
    changed = [time if time != when else "", place if place != _where(meeting.location) else ""]
    return ", ".join(filter(None, changed))


def _when(context: AnswerContext, first: ZonedTime | None, last: ZonedTime | None, *, is_all_day: bool = False) -> str:
    start, end = first.moment if first else None, last.moment if last else None
    if start is None:
        return ""
    if is_all_day:
        # Days have no zone: the end is the midnight after the last of them.
        day = day_and_time(start, start.tzinfo or context.zone)[:-6]
        days = (end - start).days if end else 1
        return f"{day}, all day" if days <= 1 else f"{day}, {days} days"
    foreign = first.unknown_zone if first else ""
    zone = start.tzinfo or context.zone if foreign else context.zone
    shown = day_and_time(start, zone)
    if end is not None and end != start:
        until = day_and_time(end, zone)
        shown += f"-{until[-5:] if until[:-5] == shown[:-5] else until}"
    return f"{shown} in the unknown time zone {one_line(foreign, _LONGEST_ZONE)}" if foreign else shown


def _where(place: Place | None) -> str:
    return one_line((place and place.display_name) or "", _LONGEST_PLACE)
