"""Times of events as callers write them, and as Graph takes them: the time of day and its zone, never an offset.

A series that is anchored by an offset would follow UTC, and move when the clocks change.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from outlook_mcp.calendar.periods import event_period
from outlook_mcp.calendar.times import is_before, midnight
from outlook_mcp.errors import InvalidInput
from outlook_mcp.identity.time_zone import known_time_zone
from outlook_mcp.text.dates import day_and_time

FORMS = "2026-11-30T14:00, tomorrow 14:00, monday 14:00, or a date alone for all day"
_DEFAULT_LENGTH = timedelta(minutes=30)
_DAY = timedelta(days=1)
_TIME = re.compile(
    r"(?P<day>.*?)(?:[Tt]|,? at |,? |)(?P<hour>\d{1,2}):(?P<min>\d\d)(?::00(?:\.0+)?)?(?P<offset>Z|z|[+-]\d\d:?\d\d)?"
)
_CLOCK = re.compile(r"\d{1,2}:\d\d")
_LENGTH = re.compile(r"\+?(?:(?P<hours>\d{1,3}) ?h(?:ours?)?)? ?(?:(?P<minutes>\d{1,4}) ?m(?:in(?:utes?)?)?)?")
# Zones that Graph refuses although the IANA database has them, and what to write in their place.
_REFUSED = {"EST": "America/New_York", "MST": "America/Denver", "HST": "Pacific/Honolulu"}


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenSpan:
    """When an event is to be: `start` to `end` in `zone`; of an all-day event both are midnights, the end exclusive.

    `zone_name` is what Graph is told, which may be the Windows name that it gave itself.
    """

    start: datetime
    end: datetime
    zone_name: str
    is_all_day: bool = False

    @property
    def first_day(self) -> date:
        return self.start.date()

    @property
    def length(self) -> timedelta:
        """The time that passes; of an all-day event its days."""
        if self.is_all_day:
            return (self.end.date() - self.start.date()) * 1
        return self.end.astimezone(UTC) - self.start.astimezone(UTC)

    @property
    def is_second_of_doubled_hour(self) -> bool:
        """Whether its start can only be told in UTC, since Graph takes the first of two equal times."""
        return not self.is_all_day and self.start.fold == 1 and is_doubled(self.start)

    def json(self) -> dict[str, object]:
        """The fields `start`, `end` and `isAllDay`."""
        return {
            "start": time_json(self.start, self.zone_name),
            "end": time_json(self.end, self.zone_name),
            "isAllDay": self.is_all_day,
        }


def time_json(moment: datetime, zone_name: str) -> dict[str, str]:
    """The time of day and its zone; in UTC for the second of two equal times of a day.

    >>> berlin = ZoneInfo("Europe/Berlin")
    >>> time_json(datetime(2026, 12, 1, 9, 0, tzinfo=berlin), "W. Europe Standard Time")
    {'dateTime': '2026-12-01T09:00:00', 'timeZone': 'W. Europe Standard Time'}
    >>> time_json(datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=berlin), "Europe/Berlin")
    {'dateTime': '2026-10-25T01:30:00', 'timeZone': 'UTC'}
    """
    if moment.fold and is_doubled(moment):
        return {"dateTime": f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"}
    return {"dateTime": f"{moment:%Y-%m-%dT%H:%M:%S}", "timeZone": zone_name}


def zone_named(name: str) -> ZoneInfo:
    """The zone of an IANA or Windows name. Raises InvalidInput for others, and for those that Graph refuses."""
    written = name.strip()
    if other := _REFUSED.get(written.upper()):
        raise InvalidInput(f"Microsoft Graph does not take the zone {written}.", next_step=f"Write {other}.")
    zone = known_time_zone(written) if "/" in written or " " in written or written.upper() == "UTC" else None
    if zone is None:
        raise InvalidInput(
            f"{written[:40]!r} is no time zone that Outlook takes.", next_step="Write a name such as Europe/Berlin."
        )
    return zone


def written_span(
    start: str, end: str | None, zone: ZoneInfo, now: datetime, *, zone_name: str = "", length: timedelta | None = None
) -> WrittenSpan:
    """The span that is written; without an end it takes `length`, else 30 minutes or one day.

    Raises InvalidInput for what is no time, for a time that does not exist in the zone or does so twice, and for a span
    that ends before it begins.
    """
    begin = _moment(start, zone, now)
    name = zone_name or zone.key
    if not isinstance(begin, datetime):
        last = begin + ((length or _DAY) - _DAY) if end is None else _last_day(end, zone, now)
        if last < begin:
            raise _ends_too_early()
        midnights = (datetime.combine(day, time(), zone) for day in (begin, last + _DAY))
        return WrittenSpan(start=next(midnights), end=next(midnights), zone_name=name, is_all_day=True)
    until = _later(begin, length or _DEFAULT_LENGTH) if end is None else _end(end, begin, zone, now)
    if not is_before(begin, until):
        raise _ends_too_early()
    return WrittenSpan(start=begin, end=until, zone_name=name)


def local_time(moment: datetime, zone: ZoneInfo) -> datetime:
    """The moment, which has to exist in the zone and to do so once. Raises InvalidInput."""
    if is_skipped(moment):
        before, after = (offset_change.astimezone(zone) for offset_change in _around(moment))
        raise InvalidInput(
            f"{day_and_time(moment.replace(tzinfo=UTC), UTC)} does not exist in {zone.key}: the clocks go from "
            f"{before:%H:%M} to {after:%H:%M}.",
            next_step=f"Ask the user, and write a time before {before:%H:%M} or from {after:%H:%M} on.",
        )
    if is_doubled(moment):
        first, second = (moment.replace(fold=fold).isoformat(timespec="minutes") for fold in (0, 1))
        raise InvalidInput(
            f"{day_and_time(moment.replace(tzinfo=UTC), UTC)} comes twice in {zone.key}, as the clocks are set back.",
            next_step=f"Ask the user which is meant, and write {first} for the first or {second} for the second.",
        )
    return moment


def is_doubled(moment: datetime) -> bool:
    """Whether the clocks show this local time twice.

    >>> is_doubled(datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin")))
    True
    """
    first, second = moment.replace(fold=0).utcoffset(), moment.replace(fold=1).utcoffset()
    return first is not None and second is not None and second < first


def is_skipped(moment: datetime) -> bool:
    """Whether the clocks jump over this local time.

    >>> is_skipped(datetime(2026, 3, 29, 2, 30, tzinfo=ZoneInfo("Europe/Berlin")))
    True
    """
    first, second = moment.replace(fold=0).utcoffset(), moment.replace(fold=1).utcoffset()
    return first is not None and second is not None and first < second


def _around(moment: datetime) -> tuple[datetime, datetime]:
    """The local time at which the clocks jump, and the one to which they do, as moments of two offsets.

    The jump is found to the minute between the two readings of a time that does not exist.
    """
    low, high = moment.replace(fold=1).astimezone(UTC), moment.replace(fold=0).astimezone(UTC)
    zone = moment.tzinfo
    offset = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    jump = (high + timedelta(seconds=30)).replace(second=0, microsecond=0)
    before = jump.astimezone(UTC) + (offset or timedelta())
    return before.replace(tzinfo=zone, fold=0), jump.astimezone(zone)


def _moment(written: str, zone: ZoneInfo, now: datetime) -> date | datetime:
    """A day, or a local time of the zone. An offset that is written chooses one of two equal times."""
    text = " ".join(written.split())
    found = _TIME.fullmatch(text)
    day = _day(found["day"] if found else text, zone, now, written)
    if found is None:
        return day
    try:
        clock = time(int(found["hour"]), int(found["min"]))
    except ValueError:
        raise _no_time(written) from None
    if not found["offset"]:
        return local_time(datetime.combine(day, clock, zone), zone)
    offset = found["offset"].upper().replace("Z", "+00:00")
    return datetime.fromisoformat(f"{day}T{clock:%H:%M}{offset}").astimezone(zone)


def _day(written: str, zone: ZoneInfo, now: datetime, whole: str) -> date:
    if not written.strip():
        raise _no_time(whole)
    try:
        period = event_period(written.strip(), None, now, zone)
    except InvalidInput as error:
        raise InvalidInput(error.message, next_step=error.next_step or f"Write {FORMS}.") from None
    day = period.start.date()
    # Where the clocks jump at midnight, a day begins at one.
    if midnight(day, zone).astimezone(UTC) != period.start.astimezone(UTC):
        raise _no_time(whole)
    return day


def _end(written: str, begin: datetime, zone: ZoneInfo, now: datetime) -> datetime:
    text = " ".join(written.split()).lower()
    if (length := _LENGTH.fullmatch(text)) and (length["hours"] or length["minutes"]):
        return _later(begin, timedelta(hours=int(length["hours"] or 0), minutes=int(length["minutes"] or 0)))
    if _CLOCK.fullmatch(text):
        text = f"{begin:%Y-%m-%d} {text}"
    end = _moment(text, zone, now)
    if not isinstance(end, datetime):
        raise InvalidInput(
            "The end is a date, and the start has a time.", next_step="Write both with a time, or both as dates."
        )
    return end


def _last_day(written: str, zone: ZoneInfo, now: datetime) -> date:
    end = None if _CLOCK.fullmatch(written.strip()) else _moment(written, zone, now)
    if end is None or isinstance(end, datetime):
        raise InvalidInput(
            "The end has a time, and the start is a date.", next_step="Write both with a time, or both as dates."
        )
    return end


def _later(moment: datetime, length: timedelta) -> datetime:
    """By the time that passes, also where the clocks change between."""
    return (moment.astimezone(UTC) + length).astimezone(moment.tzinfo)


def _no_time(written: str) -> InvalidInput:
    return InvalidInput(f"{written[:40]!r} is not a date or time.", next_step=f"Write {FORMS}.")


def _ends_too_early() -> InvalidInput:
    return InvalidInput(
        "The event has no length, or ends before it begins.", next_step="Give an end that is later than the start."
    )
