"""What callers do with the calendar of one mailbox, and what that needs of Microsoft Graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from outlook_mcp.calendar.event_ids import EventIds
from outlook_mcp.calendar.event_requests import EventRequests
from outlook_mcp.calendar.finding import FoundTimes, TimeFinder
from outlook_mcp.calendar.models import Event
from outlook_mcp.calendar.periods import EventPeriod, event_period
from outlook_mcp.calendar.reading import EventReader, ReadEvents
from outlook_mcp.calendar.times import EventTime, event_time, is_before
from outlook_mcp.graph.area import GraphArea
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.net.clock import UtcClock, utc_now
from outlook_mcp.text.isolated.processes import shared_processes

CALENDAR = GraphArea(
    read_permission="Calendars.Read",
    write_permission="Calendars.ReadWrite",
    is_shareable=True,
    look_first="Look at what is there now (calendar_list, event_read) before trying again.",
    look_for_sent="Look whether it was sent (event_read) before sending again.",
    builders=(
        "calendar_view.calendar_view_request_builder",
        "calendars.calendars_request_builder",
        "calendars.item.calendar_item_request_builder",
        "calendars.item.calendar_view.calendar_view_request_builder",
        "events.events_request_builder",
        "events.item.event_item_request_builder",
        "calendar.calendar_request_builder",
        "calendar.get_schedule.get_schedule_request_builder",
    ),
)
# An all-day event has its place in Graph's order by UTC.
_FARTHEST_ZONE = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class TimedEvent:
    """An event and when it is, in the zone of the caller."""

    event: Event
    time: EventTime


@dataclass(frozen=True, slots=True, kw_only=True)
class EventList:
    """The events of a period in the order of their starts.

    `read_to` is None when that is all of them, else when the last begins that was read. `untimed` counts those whose
    time could not be read. With `text` only those that have it are there, of `looked_at` that were looked at.
    """

    period: EventPeriod
    events: Sequence[TimedEvent]
    read_to: datetime | None = None
    untimed: int = 0
    text: str = ""
    looked_at: int = 0


class Calendar:
    """The calendar of one mailbox, read in the time zone of its owner."""

    def __init__(
        self,
        graph: GraphClient,
        ids: EventIds,
        zone: ZoneInfo,
        *,
        address: str = "",
        clock: UtcClock = utc_now,
    ) -> None:
        self._graph = graph
        self._ids = ids
        self._zone = zone
        self._address = address
        self._clock = clock

    async def list_events(self, start: str = "today", end: str | None = None, text: str | None = None) -> EventList:
        """The events of the period that is written, series taken apart into their dates.

        `text` is looked for in subject, place, people and the beginning of the text. Raises InvalidInput.
        """
        period = event_period(start, end, self._clock(), self._zone)
        requests = EventRequests(self._graph)
        found = await requests.view_of(self._graph.me, period, with_preview=bool(text))
        timed = [(event, event_time(event, self._zone)) for event in found.events]
        inside = [TimedEvent(event, time) for event, time in timed if time is not None and _is_within(time, period)]
        inside.sort(key=_by_start)
        return EventList(
            period=period,
            events=[item for item in inside if _has_text(item.event, text)] if text else inside,
            read_to=None if found.is_whole else _read_to(timed, period),
            untimed=sum(time is None for _, time in timed),
            text=text or "",
            looked_at=len(inside),
        )

    async def read_events(self, handles: Sequence[str]) -> ReadEvents:
        """The events with these short or full ids, or those of the invitations that have them.

        Raises GraphError when none can be read.
        """
        shared_processes().warm()
        return await EventReader(self._graph, self._ids).read_events(handles)

    async def find_times(
        self, people: Sequence[str], minutes: int = 30, start: str = "today", end: str | None = None
    ) -> FoundTimes:
        """When the owner of the mailbox and the people with these addresses are free. Raises InvalidInput."""
        finder = TimeFinder(graph=self._graph, address=self._address, zone=self._zone)
        return await finder.find_times(people, minutes, start, end, self._clock())


def _read_to(timed: Sequence[tuple[Event, EventTime | None]], period: EventPeriod) -> datetime | None:
    """When the last event begins that was read; None when the period was read to its end."""
    starts = [time.start for _, time in timed if time is not None]
    last = max(starts, key=datetime.timestamp, default=period.start)
    return None if is_before(period.end + _FARTHEST_ZONE, last) else last


def _is_within(time: EventTime, period: EventPeriod) -> bool:
    if time.start == time.end:
        return not is_before(time.start, period.start) and is_before(time.start, period.end)
    return is_before(time.start, period.end) and is_before(period.start, time.end)


def _by_start(item: TimedEvent) -> tuple[object, ...]:
    return (item.time.start.timestamp(), not item.time.is_all_day, item.time.end.timestamp(), item.event.id)


def _has_text(event: Event, text: str) -> bool:
    """Every word of the text, in any order; words in quotation marks are not told from others."""
    people = [event.organizer, *event.attendees]
    addresses = [person.email_address for person in people if person and person.email_address]
    place = event.location.display_name if event.location else None
    looked_at = [event.subject, place, event.body_preview]
    looked_at += [part for address in addresses for part in (address.name, address.address)]
    content = "\n".join(filter(None, looked_at)).casefold()
    return all(word in content for word in text.casefold().replace('"', " ").split())
