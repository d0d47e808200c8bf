"""Whether the rooms of a meeting are free, which they answer by themselves once they are asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from outlook_mcp.calendar.changes.fields import EventToChange
from outlook_mcp.calendar.periods import EventPeriod
from outlook_mcp.calendar.schedules import MOST_ADDRESSES, PersonsTimes, schedules_of
from outlook_mcp.calendar.times import event_time
from outlook_mcp.errors import OutlookError
from outlook_mcp.graph.client import GraphClient

Times = tuple[datetime, datetime]


async def booked_rooms(graph: GraphClient, before: EventToChange | None, after: EventToChange) -> Sequence[str]:
    """The rooms that are taken by others at that time, of a series at that of its first date.

    None where their times stay as they are, or cannot be seen.
    """
    times, old = _times_of(after), _times_of(before) if before else None
    asked = rooms_of(after) if times != old else rooms_of(after) - (rooms_of(before) if before else set())
    if times is None or not asked:
        return ()
    try:
        found = await schedules_of(graph, sorted(asked)[:MOST_ADDRESSES], EventPeriod(*times))
    except OutlookError:
        # They only help to decide.
        return ()
    return [room.address for room in found if _taken_by_others(room, times, old)]


def _taken_by_others(room: PersonsTimes, times: Times, own: Times | None) -> bool:
    """`own` is the time for which the meeting itself has the room."""
    busy = [(taken.start, taken.end) for taken in room.busy]
    return any(start < times[1] and times[0] < end and (start, end) != own for start, end in busy)


def rooms_of(event: EventToChange) -> set[str]:
    """The addresses of the rooms of an event, in small letters."""
    return {person.folded_address for person in event.attendees if person.is_room and person.folded_address}


def _times_of(event: EventToChange) -> Times | None:
    time = event_time(event, UTC)
    return None if time is None else (time.start.astimezone(UTC), time.end.astimezone(UTC))
