"""The events of a period, of one calendar or several, in the order of their starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import anyio

from outlook_mcp.calendar.calendars import OneCalendar
from outlook_mcp.calendar.event_ids import EventIds
from outlook_mcp.calendar.event_requests import EventRequests, FoundEvents
from outlook_mcp.calendar.free_times import common_times
from outlook_mcp.calendar.models import Event
from outlook_mcp.calendar.periods import EventPeriod
from outlook_mcp.calendar.schedules import Hours, own_times
from outlook_mcp.calendar.times import EventTime, event_time, is_before
from outlook_mcp.errors import OutlookError

# An all-day event has its place in Graph's order by UTC.
_FARTHEST_ZONE = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class TimedEvent:
    """An event and when it is, in the zone of the caller.

    `ids` shorten its id, None as those of the caller's mailbox. `calendar` is told where that is not the default one,
    `owner` is the address of another mailbox that it is in. `is_foreign`: the calendar is somebody else's, of whose
    private events (`is_hidden`) only the time is told.
    """

    event: Event
    time: EventTime
    ids: EventIds | None = None
    calendar: str = ""
    is_hidden: bool = False
    owner: str = ""
    is_foreign: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EventList:
    """The events of a period.

    `read_to` is None when that is all of them, else when the last begins that was read. `untimed` counts those whose
    time could not be read. With `text` only those that have it are there, of `looked_at` that were looked at. `free`
    are the free times of each day within the hours of work, of at least `free_minutes`, where they were asked for.
    `unread` are the calendars that could not be read, and why. `calendar` is the name of the one that was looked at, ""
    for the default one, None for all.
    """

    period: EventPeriod
    events: Sequence[TimedEvent]
    read_to: datetime | None = None
    untimed: int = 0
    text: str = ""
    looked_at: int = 0
    free: Mapping[date, Sequence[tuple[datetime, datetime]]] = field(default_factory=dict)
    free_minutes: int = 0
    unread: Sequence[tuple[str, OutlookError]] = ()
    calendar: str | None = ""


async def list_events(calendars: Sequence[OneCalendar], period: EventPeriod, *, text: str = "") -> EventList:
    """The events of these calendars. Raises the error of the first when none of them can be read."""
    zone = period.start.tzinfo or UTC
    items: list[TimedEvent] = []
    unread: list[tuple[str, OutlookError]] = []
    untimed, read_to = 0, None
    for calendar, found in await views_of(calendars, period, with_preview=bool(text)):
        if isinstance(found, OutlookError):
            unread.append((calendar.name, found))
            continue
        timed = [(event, event_time(event, zone)) for event in found.events]
        untimed += sum(time is None for _, time in timed)
        items += [_item(calendar, event, time) for event, time in timed if time and _is_within(time, period)]
        read_to = _earlier(read_to, _read_to(found, timed, period))
    if unread and len(unread) == len(calendars):
        raise unread[0][1]
    if read_to is not None:
        # Of one calendar more was read than of the other, and what follows is listed by the next call.
        items = [item for item in items if not is_before(read_to, item.time.start)]
    items.sort(key=_by_start)
    return EventList(
        period=period,
        events=[item for item in items if _has_text(item, text)] if text else items,
        read_to=read_to,
        untimed=untimed,
        text=text,
        looked_at=len(items),
        unread=unread,
        calendar=calendars[0].name if len(calendars) == 1 else None,
    )


async def views_of(
    calendars: Sequence[OneCalendar], period: EventPeriod, *, with_preview: bool = False
) -> list[tuple[OneCalendar, FoundEvents | OutlookError]]:
    """The events of each calendar, asked for side by side, or why they cannot be read."""
    found: dict[int, FoundEvents | OutlookError] = {}

    async def view(place: int, calendar: OneCalendar) -> None:
        try:
            requests = EventRequests(calendar.graph)
            found[place] = await requests.view_of(calendar.builder, period, with_preview=with_preview)
        except OutlookError as error:
            found[place] = error

    async with anyio.create_task_group() as group:
        for place, calendar in enumerate(calendars):
            group.start_soon(view, place, calendar)
    return [(calendar, found[place]) for place, calendar in enumerate(calendars)]


def free_by_day(
    events: Sequence[TimedEvent], period: EventPeriod, hours: Hours, least: timedelta
) -> dict[date, list[tuple[datetime, datetime]]]:
    """The times within the hours of work that nothing takes, at least so long, by the day in the zone of the period."""
    zone = period.start.tzinfo or UTC
    person = own_times("", [item.event for item in events if not item.owner], hours, zone)
    days: dict[date, list[tuple[datetime, datetime]]] = {}
    for start, end in common_times([person], period, least):
        days.setdefault(start.astimezone(zone).date(), []).append((start.astimezone(zone), end.astimezone(zone)))
    return days


def _item(calendar: OneCalendar, event: Event, time: EventTime) -> TimedEvent:
    is_hidden = calendar.is_foreign and event.is_private
    return TimedEvent(event, time, calendar.ids, calendar.name, is_hidden, calendar.owner, calendar.is_foreign)


def _read_to(
    found: FoundEvents, timed: Sequence[tuple[Event, EventTime | None]], period: EventPeriod
) -> datetime | None:
    """When the last event begins that was read; None when the period was read to its end."""
    if found.is_whole:
        return None
    starts = [time.start for _, time in timed if time is not None]
    last = max(starts, key=datetime.timestamp, default=period.start)
    return None if is_before(period.end + _FARTHEST_ZONE, last) else last


def _earlier(first: datetime | None, second: datetime | None) -> datetime | None:
    if first is None or second is None:
        return first or second
    return min(first, second, key=datetime.timestamp)


def _is_within(time: EventTime, period: EventPeriod) -> bool:
    if time.start == time.end:
        return not is_before(time.start, period.start) and is_before(time.start, period.end)
    return is_before(time.start, period.end) and is_before(period.start, time.end)


def _by_start(item: TimedEvent) -> tuple[object, ...]:
    return (item.time.start.timestamp(), not item.time.is_all_day, item.time.end.timestamp(), item.event.id)


def _has_text(item: TimedEvent, text: str) -> bool:
    """Every word of the text, in any order; words in quotation marks are not told from others."""
    if item.is_hidden:
        return False
    event = item.event
    people = [event.organizer, *event.attendees]
    addresses = [person.email_address for person in people if person and person.email_address]
    place = event.location.display_name if event.location else None
    looked_at = [event.subject, place, event.body_preview]
    looked_at += [part for address in addresses for part in (address.name, address.address)]
    content = "\n".join(filter(None, looked_at)).casefold()
    return all(word in content for word in text.casefold().replace('"', " ").split())
