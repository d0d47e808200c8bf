"""What callers do with the calendar of one mailbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from outlook_mcp.calendar.calendars import Calendars, OneCalendar, PeopleByName
from outlook_mcp.calendar.event_ids import EventIds
from outlook_mcp.calendar.event_list import EventList, TimedEvent, free_by_day, list_events
from outlook_mcp.calendar.finding import FoundTimes, TimeFinder, own_hours
from outlook_mcp.calendar.graph_area import CALENDAR
from outlook_mcp.calendar.periods import EventPeriod, event_period
from outlook_mcp.calendar.reading import EventReader, ReadEvents
from outlook_mcp.calendar.schedules import usual_hours
from outlook_mcp.errors import InvalidInput, NotFound, OutlookError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.net.clock import UtcClock, utc_now
from outlook_mcp.text.characters import one_line
from outlook_mcp.text.isolated.processes import shared_processes


class Calendar:
    """The calendar of one mailbox, read in the time zone of its owner.

    `is_foreign`: the mailbox is one that somebody else shares with the user. `people` finds out who is meant by a name.
    """

    def __init__(
        self,
        graph: GraphClient,
        ids: EventIds,
        zone: ZoneInfo,
        *,
        address: str = "",
        is_foreign: bool = False,
        people: PeopleByName | None = None,
        clock: UtcClock = utc_now,
    ) -> None:
        self._graph = graph
        self._ids = ids
        self._zone = zone
        self._address = address
        self._clock = clock
        self._people = people
        self._calendars = Calendars(graph, CALENDAR, ids, address, is_foreign=is_foreign, people=people)

    async def list_events(
        self,
        start: str = "today",
        end: str | None = None,
        *,
        text: str | None = None,
        calendar: str | None = None,
        free_minutes: int | None = None,
    ) -> EventList:
        """The events of the period that is written, series taken apart into their dates.

        `text` is looked for in subject, place, people and the beginning of the text. `calendar` is a name, `all`, or
        somebody by name or address. With `free_minutes` the free times of at least so many minutes are told too.
        Raises InvalidInput, and NotFound for a calendar that there is not.
        """
        period = self._period(start, end)
        found = await list_events(await self._calendars.named(calendar), period, text=(text or "").strip())
        if free_minutes is None or text or found.read_to:
            return found
        hours = await own_hours(self._graph) or usual_hours(self._zone)
        free = free_by_day(found.events, period, hours, timedelta(minutes=free_minutes))
        return replace(found, free=free, free_minutes=free_minutes)

    async def events_in(self, calendar: OneCalendar, start: str, end: str) -> Sequence[TimedEvent]:
        """The events of one calendar in this period."""
        return (await list_events([calendar], self._period(start, end))).events

    def own(self) -> OneCalendar:
        """The default calendar of the mailbox."""
        return self._calendars.own()

    async def calendar_to_write(self, name: str | None) -> OneCalendar:
        """One that the user may change, by the words of `list_events`. Raises InvalidInput or NotFound."""
        return await self._calendars.to_write(name)

    async def calendar_of(self, handle: str) -> tuple[OneCalendar, str]:
        """Where the event with this short or full id is to be changed, and the id without the address behind it."""
        own, address = self._ids.parted(handle)
        return await self._calendars.shared_to_write(address) if address else self._calendars.own(), own

    def _period(self, start: str, end: str | None) -> EventPeriod:
        return event_period(start, end, self._clock(), self._zone)

    async def read_events(self, handles: Sequence[str]) -> ReadEvents:
        """The events with these short or full ids, or those of the invitations that have them.

        Raises GraphError when none can be read.
        """
        shared_processes().warm()
        by_mailbox: dict[str, list[str]] = {}
        for handle in handles:
            own, address = self._ids.parted(handle)
            by_mailbox.setdefault(address, []).append(own)
        read: list[ReadEvents] = []
        for address, wanted in by_mailbox.items():
            read.append(await self._read_in(address, wanted))
        items = [item for some in read for item in some.items]
        failed = [missing for some in read for missing in some.failed]
        if failed and not items:
            raise why_none(failed)
        return ReadEvents(items, failed)

    async def _read_in(self, address: str, handles: Sequence[str]) -> ReadEvents:
        try:
            source = await self._calendars.shared(address) if address else self._calendars.own()
        except OutlookError as error:
            return ReadEvents((), [(f"{handle}:{address}", error) for handle in handles])
        today = self._clock().astimezone(self._zone).date()
        return await EventReader(source.graph, source.ids, today, is_foreign=source.is_foreign).read_events(handles)

    async def find_times(
        self, people: Sequence[str], minutes: int = 30, start: str = "today", end: str | None = None
    ) -> FoundTimes:
        """When the owner of the mailbox and these people, by name or address, are free. Raises InvalidInput."""
        finder = TimeFinder(graph=self._graph, calendars=self._calendars, address=self._address, zone=self._zone)
        addresses, named = await self._addressed(people)
        found = await finder.find_times(addresses, minutes, start, end, self._clock())
        return replace(found, named=named)

    async def _addressed(self, people: Sequence[str]) -> tuple[Sequence[str], Mapping[str, str]]:
        """Everybody with an address, and the address of each name."""
        addresses: list[str] = []
        named: dict[str, str] = {}
        for written in dict.fromkeys(person.strip() for person in people):
            if self._people is None or "@" in written or not written or written.casefold() == "me":
                addresses.append(written)
                continue
            found = await self._people.recipients([written])
            addresses += found
            named[written] = ", ".join(found)
        return addresses, named


def why_none(failed: Sequence[tuple[str, OutlookError]]) -> OutlookError:
    """The error to raise when nothing could be done with any of these ids: of each what is wrong with it.

    One that concerns all of them, such as a permission that is missing, is raised as it is.
    """
    about_all = [error for _, error in failed if not isinstance(error, NotFound | InvalidInput)]
    if about_all or len(failed) == 1:
        return (about_all or [failed[0][1]])[0]
    reasons: dict[str, list[str]] = {}
    for handle, error in failed:
        reasons.setdefault(error.message.replace(repr(handle[:40]), "of this id"), []).append(one_line(handle, 60))
    told = " ".join(f"{', '.join(handles)}: {reason}" for reason, handles in reasons.items())
    return InvalidInput(
        told, next_step=" ".join(dict.fromkeys(error.next_step for _, error in failed if error.next_step))
    )
