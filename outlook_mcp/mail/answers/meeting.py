"""When and where the meeting of a message is."""

from __future__ import annotations

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.mail.invitations import Meeting
from outlook_mcp.text.characters import one_line
from outlook_mcp.text.dates import day_and_time

_LONGEST_PLACE = 200
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
    parts = [part for part in (_when(context, meeting), _where(meeting)) if part]
    line = f"{kind}: {', '.join(parts) or 'time and place are not given'}"
    if meeting.type == "seriesMaster":
        line += ", the first of a series"
    if meeting.is_out_of_date:
        line += "; it is out of date"
    elif kind == "Invitation":
        line += "; to be answered in Outlook"
    return line


def _when(context: AnswerContext, meeting: Meeting) -> str:
    start = meeting.start_date_time.moment if meeting.start_date_time else None
    end = meeting.end_date_time.moment if meeting.end_date_time else None
    if start is None:
        return ""
    if meeting.is_all_day:
        # Days have no zone: the end is the midnight after the last of them.
        day = day_and_time(start, start.tzinfo or context.zone)[:-6]
        days = (end - start).days if end else 1
        return f"{day}, all day" if days <= 1 else f"{day}, {days} days"
    shown = day_and_time(start, context.zone)
    if end is None:
        return shown
    until = day_and_time(end, context.zone)
    return f"{shown}-{until[-5:] if until[:-5] == shown[:-5] else until}"


def _where(meeting: Meeting) -> str:
    name = meeting.location.display_name if meeting.location else None
    return one_line(name or "", _LONGEST_PLACE)
