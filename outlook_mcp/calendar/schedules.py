"""When people are busy, and their working hours, as Exchange tells it of everybody in an organisation (getSchedule)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Literal

from outlook_mcp.calendar.models import Event
from outlook_mcp.calendar.periods import EventPeriod
from outlook_mcp.calendar.times import event_time
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.models import Page, WireModel, ZonedTime
from outlook_mcp.graph.recurrence import DAYS
from outlook_mcp.identity.time_zone import known_time_zone

# Of one request.
MOST_ADDRESSES = 20
# 42 days are documented, 62 were seen to work.
MOST_DAYS = 42
_INTERVAL = timedelta(minutes=15)
# Words in the subjects of times that people keep for themselves.
_KEPT_FREE = ("lunch", "focus")
_HARD = frozenset({"busy", "oof"})
_NO_MAILBOX = "5016"

Kind = Literal["busy", "tentative", "kept"]


class ScheduleItem(WireModel, frozen=True, kw_only=True):
    """One time in a schedule: `status` is free, tentative, busy, oof, workingElsewhere or unknown.

    The subject is there of the user's own and of calendars that were shared with them.
    """

    status: str | None = None
    start: ZonedTime | None = None
    end: ZonedTime | None = None
    subject: str | None = None


class ZoneName(WireModel, frozen=True, kw_only=True):
    """The time zone of working hours, by its Windows or IANA name."""

    name: str | None = None


class WorkingHours(WireModel, frozen=True, kw_only=True):
    """`start_time` and `end_time` are clock times such as `08:00:00.0000000`."""

    days_of_week: list[str] | None = None
    start_time: str | None = None
    end_time: str | None = None
    time_zone: ZoneName | None = None

    @property
    def hours(self) -> Hours | None:
        """None where they cannot be read, such as those in a customised zone."""
        zone = known_time_zone((self.time_zone and self.time_zone.name) or "")
        try:
            begin = time.fromisoformat((self.start_time or "")[:8])
            end = time.fromisoformat((self.end_time or "")[:8])
        except ValueError:
            return None
        days = frozenset(DAYS.index(day.lower()) for day in self.days_of_week or () if day.lower() in DAYS)
        return Hours(days, begin, end, zone) if zone and days and begin < end else None


class ScheduleError(WireModel, frozen=True, kw_only=True):
    """Why Exchange tells nothing of an address."""

    message: str | None = None
    response_code: str | None = None


class Schedule(WireModel, frozen=True, kw_only=True):
    """Graph's scheduleInformation of one address."""

    schedule_id: str | None = None
    availability_view: str | None = None
    schedule_items: list[ScheduleItem] | None = None
    working_hours: WorkingHours | None = None
    error: ScheduleError | None = None


@dataclass(frozen=True, slots=True)
class Hours:
    """The working hours of one person: days of the week (0 is Monday) and clock times in `zone`."""

    days: frozenset[int]
    begin: time
    end: time
    zone: tzinfo

    def include(self, moment: datetime) -> bool:
        """Whether this moment is one of them."""
        local = moment.astimezone(self.zone)
        return local.weekday() in self.days and self.begin <= local.time() < self.end


def usual_hours(zone: tzinfo) -> Hours:
    """Taken for the hours of a person that are not known: Monday to Friday, 9:00 to 17:30."""
    return Hours(frozenset(range(5)), time(9), time(17, 30), zone)


@dataclass(frozen=True, slots=True)
class BusyTime:
    """A time when somebody is busy, perhaps busy, or keeps their time free for lunch or work; in UTC."""

    start: datetime
    end: datetime
    kind: Kind


@dataclass(frozen=True, slots=True)
class PersonsTimes:
    """When one person is busy. `hours` is None where they are not known; `unseen` says why nothing is known."""

    address: str
    busy: Sequence[BusyTime] = ()
    hours: Hours | None = None
    unseen: str = ""


async def schedules_of(graph: GraphClient, addresses: Sequence[str], period: EventPeriod) -> list[PersonsTimes]:
    """In the order of the addresses, 20 of them asked for at once. Raises GraphError."""
    found: dict[str, PersonsTimes] = {}
    for start in range(0, len(addresses), MOST_ADDRESSES):
        asked = addresses[start : start + MOST_ADDRESSES]
        body = {
            "schedules": list(asked),
            "startTime": _utc_json(period.start),
            "endTime": _utc_json(period.end),
            "availabilityViewInterval": _INTERVAL // timedelta(minutes=1),
        }
        request = graph.request(graph.me.calendar.get_schedule, "POST", json=body)
        page = await graph.answer_to(request, Page[Schedule], reads_only=True)
        for address, schedule in zip(asked, _in_order(asked, page.value), strict=True):
            found[address] = times_of(address, schedule, period)
    return [found[address] for address in addresses]


def own_times(address: str, events: Sequence[Event], hours: Hours | None, zone: tzinfo) -> PersonsTimes:
    """The times of a calendar whose events were read."""
    busy = []
    for event in events:
        span = event_time(event, zone)
        kind = _kind_of_event(event)
        if span is not None and kind is not None:
            busy.append(BusyTime(span.start.astimezone(UTC), span.end.astimezone(UTC), kind))
    return PersonsTimes(address, busy, hours)


def _kind_of_event(event: Event) -> Kind | None:
    if event.takes_time:
        is_open = event.show_as == "tentative" or event.response == "tentativelyAccepted" or event.is_unanswered
        return "tentative" if is_open else "busy"
    is_kept = not event.is_cancelled and event.response != "declined" and _keeps_time(event.subject)
    return "kept" if is_kept else None


def _in_order(asked: Sequence[str], schedules: Sequence[Schedule]) -> list[Schedule]:
    """The schedule of each address; an empty one with an error where Exchange left it out."""
    by_id = {(schedule.schedule_id or "").casefold(): schedule for schedule in schedules}
    missing = Schedule(error=ScheduleError(message="Exchange gave no answer"))
    return [by_id.get(address.lower(), missing) for address in asked]


def times_of(address: str, schedule: Schedule, period: EventPeriod) -> PersonsTimes:
    """What a schedule tells of one address; `period` is the one it was asked for."""
    if schedule.error is not None:
        is_none = schedule.error.response_code == _NO_MAILBOX
        return PersonsTimes(address, unseen="no such mailbox" if is_none else "their calendar may not be seen")
    hours = schedule.working_hours.hours if schedule.working_hours else None
    if schedule.schedule_items is None and schedule.availability_view is None:
        return PersonsTimes(address, unseen="their calendar may not be seen")
    if schedule.schedule_items:
        items = [found for item in schedule.schedule_items if (found := _busy_time(item))]
        return PersonsTimes(address, items, hours)
    return PersonsTimes(address, list(_from_view(schedule.availability_view or "", period)), hours)


def _busy_time(item: ScheduleItem) -> BusyTime | None:
    start, end = (span.moment if span else None for span in (item.start, item.end))
    status = item.status or "busy"
    kind: Kind | None = "busy" if status in _HARD else "tentative" if status in ("tentative", "unknown") else None
    if kind is None and _keeps_time(item.subject):
        kind = "kept"
    if start is None or end is None or kind is None:
        return None
    return BusyTime(start.astimezone(UTC), end.astimezone(UTC), kind)


def _from_view(view: str, period: EventPeriod) -> Sequence[BusyTime]:
    """One digit an interval: 0 free, 1 tentative, 2 busy, 3 out of office, 4 working elsewhere."""
    start = period.start.astimezone(UTC)
    kinds: dict[str, Kind] = {"1": "tentative", "2": "busy", "3": "busy"}
    return [
        BusyTime(start + place * _INTERVAL, start + (place + 1) * _INTERVAL, kinds[digit])
        for place, digit in enumerate(view)
        if digit in kinds
    ]


def _keeps_time(subject: str | None) -> bool:
    return any(word in (subject or "").casefold() for word in _KEPT_FREE)


def _utc_json(moment: datetime) -> dict[str, str]:
    """A bare date or an offset is refused here."""
    return {"dateTime": f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"}
