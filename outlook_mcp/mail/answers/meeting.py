"""When and where the meeting of a message is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.people import address_words
from outlook_mcp.answers.subjects import subject_line
from outlook_mcp.errors.counting import and_more
from outlook_mcp.graph.models import ZonedTime
from outlook_mcp.graph.recurrence_words import recurrence_words
from outlook_mcp.mail.invitations import Meeting, Place
from outlook_mcp.mail.meeting_states import MeetingState
from outlook_mcp.text.characters import one_line
from outlook_mcp.text.dates import day_and_time

if TYPE_CHECKING:
    # Lists are made without them; they load what reads files.
    from outlook_mcp.mail.calendar_files import CalendarFile
    from outlook_mcp.text.files.calendar_entries import CalendarEntry

_LONGEST_PLACE = 200
_LONGEST_ZONE = 60
_LONGEST_PLACE_IN_LIST = 40
_LONGEST_SUBJECT = 60
_MOST_SHOWN = 2
_NOT_THERE = "not in the calendar: declined, removed or never entered"
_UNANSWERED = "not answered"
_RESPONSES = {"accepted": "accepted", "tentativelyAccepted": "tentatively accepted", "declined": "declined"}
_CHANGES = frozenset({"fullupdate", "informationalupdate"})
# The owner of the calendar gets it where delegates answer.
_OWNERS_COPY = "principalwantscopy"
_KINDS = {
    "meetingrequest": "Invitation",
    "meetingcancelled": "Cancelled meeting",
    "meetingaccepted": "Accepted",
    "meetingtenativelyaccepted": "Tentatively accepted",
    "meetingtentativelyaccepted": "Tentatively accepted",
    "meetingdeclined": "Declined",
}


def meeting_line(context: AnswerContext, meeting: Meeting, state: MeetingState | None = None) -> str:
    """`Invitation: Wed 2 Dec 2026 14:30-15:30, Room 4.12; not answered; at the same time: Budget; to be answered …`.

    `state` is what the calendar says of it, where that may be read.
    """
    # Only an answer has a type of response; one that says nothing of it is an answer still.
    unknown = "Meeting" if meeting.response_type is None else "Answer that neither accepts nor declines"
    kind = _KINDS.get((meeting.meeting_message_type or "").lower(), unknown)
    when = _when(context, meeting.start_date_time, meeting.end_date_time, is_all_day=bool(meeting.is_all_day))
    where = _where(meeting.location)
    unknown_when = "" if meeting.proposed_new_time or not where else "time is not given"
    parts = [part for part in (when or unknown_when, where) if part]
    is_change = (meeting.meeting_request_type or "").lower() in _CHANGES
    line = f"{'Changed invitation' if is_change else kind}: {', '.join(parts) or 'time and place are not given'}"
    if meeting.type == "seriesMaster":
        # Graph's pattern does not tell which of its dates are left out or moved.
        words = recurrence_words(meeting.recurrence)
        line += f", the first of a series{f', {words}' if words else ''} (single dates may differ)"
    elif meeting.type in ("occurrence", "exception"):
        line += ", one date of a series"
    if is_change and (before := _before(context, meeting, when)):
        line += f"; before it was {before}"
    proposed = meeting.proposed_new_time
    if proposed and (instead := _when(context, proposed.start, proposed.end)):
        line += f"; proposed instead: {instead}"
    if meeting.is_delegated:
        return line + _delegated(meeting)
    if meeting.is_out_of_date:
        line += "; it is out of date"
    elif kind == "Invitation":
        if (meeting.meeting_request_type or "").lower() == _OWNERS_COPY:
            line += "; a copy, since a delegate of the user is to answer it"
        says = _calendar_says(state)
        line += "".join(f"; {said}" for said in says)
        if not says or says[0] == _UNANSWERED:
            line += f"; to be answered {'with event_send' if context.answers_meetings else 'in Outlook'}"
    return line


def _delegated(meeting: Meeting) -> str:
    """For whom it is, and what an answer does: https://learn.microsoft.com/graph/outlook-share-or-delegate-calendar"""
    who = address_words(meeting.represented) if meeting.represented else "somebody else"
    told = f"; it is for {who}, as whose delegate the user got it: the meeting is in their calendar, not in the user's"
    if meeting.response_type is None:
        told += ". An answer would be in their name, and is given in Outlook, not by event_send"
    return told


def calendar_file_lines(context: AnswerContext, files: Sequence[CalendarFile]) -> list[str]:
    """`In calendar file 1: Flight LH 123, Wed 2 Dec 2026 14:30-15:30, Munich.` for each entry that was read."""
    return [f"In calendar file {file.number}: {_entry(context, entry)}." for file in files for entry in file.entries]


def _entry(context: AnswerContext, entry: CalendarEntry) -> str:
    zone = entry.zone or str(context.zone)
    start, end = (ZonedTime(date_time=time, time_zone=zone) if time else None for time in (entry.start, entry.end))
    when = _when(context, start, end, is_all_day=entry.is_day)
    title = one_line(entry.title, _LONGEST_SUBJECT) or "(no title)"
    parts = [title, when or "no time that can be read", one_line(entry.place, _LONGEST_PLACE)]
    parts += ["the first of a series" if entry.repeats else "", "called off" if entry.is_called_off else ""]
    return ", ".join(filter(None, parts))


def meeting_note(context: AnswerContext, state: MeetingState) -> str:
    """What a list says of an invitation: `Wed 2 Dec 14:30-15:30, Room 4.12; not answered; at the same time: Budget`."""
    if state.start is None or state.end is None:
        return "; ".join(_calendar_says(state))
    local, end = state.start.astimezone(context.zone), state.end.astimezone(context.zone)
    weekday, day, month, year = day_and_time(local, context.zone).split()[:4]
    shown = f"{weekday} {day} {month}" + (f" {year}" if local.year != context.now.astimezone(context.zone).year else "")
    if not state.is_all_day:
        shown += f" {local:%H:%M}-{end:%H:%M}" if local.date() == end.date() else f" {local:%H:%M}"
    place = one_line(state.place, _LONGEST_PLACE_IN_LIST)
    return "; ".join([f"{shown}, {place}" if place else shown, *_calendar_says(state)])


def _calendar_says(state: MeetingState | None) -> list[str]:
    if state is None:
        return []
    if state.is_delegated:
        return ["for somebody else, as whose delegate the user got it"]
    if state.is_out_of_date:
        return ["out of date"]
    if state.start is None:
        answer = _RESPONSES.get(state.response)
        return [f"{answer}, and not in the calendar any more" if answer else _NOT_THERE]
    said = ["called off" if state.is_cancelled else _RESPONSES.get(state.response, _UNANSWERED)]
    if state.overlapping:
        shown = [subject_line(subject, _LONGEST_SUBJECT) for subject in state.overlapping[:_MOST_SHOWN]]
        which = "at the time of its first date" if state.is_series else "at the same time"
        said.append(f"{which}: {', '.join(shown)}{and_more(len(state.overlapping), _MOST_SHOWN)}")
    return said


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
