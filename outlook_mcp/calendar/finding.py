"""When the user and other people are free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from outlook_mcp.calendar.calendar_names import is_address
from outlook_mcp.calendar.calendars import Calendars, OneCalendar
from outlook_mcp.calendar.event_list import views_of
from outlook_mcp.calendar.event_requests import EventRequests, FoundEvents
from outlook_mcp.calendar.free_times import GoodTime, best_times, common_times
from outlook_mcp.calendar.periods import EventPeriod, event_period
from outlook_mcp.calendar.schedules import (
    MOST_DAYS,
    Hours,
    PersonsTimes,
    WorkingHours,
    own_times,
    schedules_of,
    usual_hours,
)
from outlook_mcp.calendar.times import is_before
from outlook_mcp.errors import AccessDenied, GraphError, InvalidInput, NotFound, OutlookError, RequestRejected
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.models import WireModel

_MOST_PEOPLE = 100
_MOST_MINUTES = 24 * 60
_MOST_OTHER_CALENDARS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTimes:
    """The best times, and when everybody is free within working hours.

    The user is the first of `people`; `named` has the addresses of those who were written by name. `assumed` are the
    addresses of those whose working hours are not known. Of the user's other calendars `counted` were looked at, and
    `unread` were not.
    """

    minutes: int
    period: EventPeriod
    people: Sequence[PersonsTimes]
    best: Sequence[GoodTime]
    common: Sequence[tuple[datetime, datetime]]
    assumed: Sequence[str] = ()
    counted: Sequence[str] = ()
    unread: Sequence[str] = ()
    named: Mapping[str, str] = field(default_factory=dict)


class Settings(WireModel, frozen=True, kw_only=True):
    """Of mailboxSettings."""

    working_hours: WorkingHours | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeFinder:
    """Finds times for the owner of one mailbox, whose address is `address`."""

    graph: GraphClient
    calendars: Calendars
    address: str
    zone: ZoneInfo

    async def find_times(
        self, people: Sequence[str], minutes: int, start: str, end: str | None, now: datetime
    ) -> FoundTimes:
        """The best times for the user and the people with these addresses, none of them in the past.

        Raises InvalidInput for what is no address, and for a period of more than 42 days or a meeting of more than one.
        """
        if minutes > _MOST_MINUTES:
            raise InvalidInput("A meeting lasts at most a day, 1440 minutes.", next_step="Ask for less.")
        addresses = self._addresses(people)
        period = _from_now(event_period(start, end, now, self.zone), now.astimezone(self.zone))
        times = await self._times_of(addresses, period)
        others = await self._other_calendars()
        listed = await views_of(others[:_MOST_OTHER_CALENDARS], period)
        read = [(calendar.name, found.events) for calendar, found in listed if isinstance(found, FoundEvents)]
        for _, events in read:
            times[0] = replace(times[0], busy=[*times[0].busy, *own_times("", events, None, self.zone).busy])
        usual = usual_hours(self.zone)
        unknown = [person.address for person in times if person.hours is None and not person.unseen]
        times = [replace(person, hours=usual) if person.address in unknown else person for person in times]
        length = timedelta(minutes=minutes)
        return FoundTimes(
            minutes=minutes,
            period=period,
            people=times,
            best=best_times(times, period, length),
            common=common_times(times, period, length),
            assumed=unknown,
            counted=[name for name, _ in read],
            unread=[calendar.name for calendar in others if calendar.name not in dict(read)],
        )

    async def _times_of(self, addresses: Sequence[str], period: EventPeriod) -> list[PersonsTimes]:
        """Of the user and these people; of the user alone where Graph refuses to tell of anybody."""
        try:
            return await schedules_of(self.graph, [self.address, *addresses], period)
        except (AccessDenied, NotFound, RequestRejected) as refused:
            # Without the permission for the calendar this raises the error that says so.
            own = await self._own_times(period)
            return [own, *(PersonsTimes(other, unseen=_reason(refused)) for other in addresses)]

    async def _other_calendars(self) -> Sequence[OneCalendar]:
        """Exchange tells of the default calendar alone when somebody is busy."""
        try:
            return await self.calendars.own_others()
        except OutlookError:
            # They only help to decide.
            return ()

    def _addresses(self, people: Sequence[str]) -> list[str]:
        """Each once, without the user's own."""
        found: dict[str, str] = {}
        for person in people:
            address = person.rpartition("<")[2].rstrip("> ").strip().removeprefix("mailto:")
            if address.lower() in ("me", self.address.lower()):
                continue
            if not is_address(address):
                raise InvalidInput(
                    f"{address[:60]!r} is not an address.",
                    next_step="Give mail addresses; people_search finds that of a person.",
                )
            found.setdefault(address.lower(), address)
        if len(found) > _MOST_PEOPLE:
            raise InvalidInput(f"At most {_MOST_PEOPLE} people are looked at together.", next_step="Ask for fewer.")
        return list(found.values())

    async def _own_times(self, period: EventPeriod) -> PersonsTimes:
        found = await EventRequests(self.graph).view_of(self.graph.me, period)
        return own_times(self.address, found.events, await own_hours(self.graph), self.zone)


def _reason(refused: GraphError) -> str:
    """Graph answers 403 to a personal account, and where an organisation keeps its calendars from the user."""
    code = f"{refused.status} {refused.graph_code}".strip()
    if isinstance(refused, AccessDenied):
        return f"Microsoft Graph refused, {code}, as it does to personal accounts and where an organisation forbids it"
    if isinstance(refused, NotFound):
        return f"Microsoft Graph has no such calendars for this account, {code}"
    return f"Microsoft Graph did not take the question, {code}"


async def own_hours(graph: GraphClient) -> Hours | None:
    """The working hours of the mailbox; None when they are not known."""
    request = graph.request(graph.me.mailbox_settings, query={"$select": ("workingHours",)})
    try:
        settings = await graph.answer_to(request, Settings)
    except OutlookError:
        return None
    return settings.working_hours.hours if settings.working_hours else None


def _from_now(period: EventPeriod, now: datetime) -> EventPeriod:
    if is_before(period.end, now):
        raise InvalidInput("The period is over.", next_step="Ask for one that is ahead.")
    if (period.end - period.start).days > MOST_DAYS:
        raise InvalidInput(f"At most {MOST_DAYS} days can be looked at.", next_step="Ask for a shorter period.")
    return EventPeriod(max(period.start, now), period.end)
