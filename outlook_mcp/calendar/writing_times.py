"""Times of events as callers write them, and as Graph takes them: the time of day and its zone, never an offset.

A series that is anchored by an offset would follow UTC, and move when the clocks change.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from outlook_mcp.calendar.clock_changes import is_doubled, local_time
from outlook_mcp.calendar.periods import FORMS as PERIODS
from outlook_mcp.calendar.periods import beyond_calendar, is_clock_time, named_period, refuse_range, with_24_hours
from outlook_mcp.calendar.times import is_before, midnight
from outlook_mcp.errors import InvalidInput
from outlook_mcp.identity.time_zone import known_time_zone, zones_like

FORMS = "2026-11-30T14:00, tomorrow 14:00, monday 14:00, or a date alone for all day"
_DEFAULT_LENGTH = timedelta(minutes=30)
_DAY = timedelta(days=1)
_TIME = re.compile(
    r"(?P<day>.*?)(?:[Tt]|,? at |,? |)(?P<hour>\d{1,2}):(?P<min>\d\d)(?::00(?:\.0+)?)?(?P<offset>Z|z|[+-]\d\d:?\d\d)?"
)
# `90 min`, `1h30`, `1.5 hours`, `2 days`, and PT1H30M of ISO 8601.
_LENGTH = re.compile(
    r"\+?(?:pt?(?=\d))?(?:(?P<weeks>\d{1,2}) ?w(?:eeks?)?)? ?(?:(?P<days>\d{1,3}) ?d(?:ays?)?)? ?"
    r"(?:(?P<hours>\d{1,3}(?:\.\d{1,2})?) ?h(?:(?:ou)?rs?)?)? ?"
    r"(?:(?P<minutes>\d{1,4})(?: ?m(?:in(?:ute)?s?)?|(?<=h\d\d)))?"
)
# Zones that Graph refuses although the IANA database has them, and what to write in their place.
_MOST_MEANT = 3
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
            "start": _time_json(self.start, self.zone_name),
            "end": _time_json(self.end, self.zone_name),
            "isAllDay": self.is_all_day,
        }


def _time_json(moment: datetime, zone_name: str) -> dict[str, str]:
    """The time of day and its zone; in UTC for the second of two equal times of a day.

    >>> berlin = ZoneInfo("Europe/Berlin")
    >>> _time_json(datetime(2026, 12, 1, 9, 0, tzinfo=berlin), "W. Europe Standard Time")
    {'dateTime': '2026-12-01T09:00:00', 'timeZone': 'W. Europe Standard Time'}
    >>> _time_json(datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=berlin), "Europe/Berlin")
    {'dateTime': '2026-10-25T01:30:00', 'timeZone': 'UTC'}
    """
    if moment.fold and is_doubled(moment):
        return {"dateTime": f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"}
    return {"dateTime": f"{moment:%Y-%m-%dT%H:%M:%S}", "timeZone": zone_name}


def zone_named(name: str) -> ZoneInfo:
    """The zone of an IANA or Windows name, in any case. Raises InvalidInput for others, and for those that Graph
    refuses."""
    written = " ".join(name.split())
    if other := _REFUSED.get(written.upper()):
        raise InvalidInput(f"Microsoft Graph does not take the zone {written}.", next_step=f"Write {other}.")
    has_place = "/" in written or " " in written
    zone = known_time_zone(written) if has_place or written == "UTC" else None
    if zone is None and (known := zones_like(written)) and known[0].casefold() == written.casefold():
        zone = known_time_zone(known[0])
    if zone is None:
        meant = " or ".join(known[:_MOST_MEANT]) or "a name such as Europe/Berlin"
        raise InvalidInput(f"{written[:40]!r} is no time zone that Outlook takes.", next_step=f"Write {meant}.")
    return zone


def written_span(
    start: str, end: str | None, zone: ZoneInfo, now: datetime, *, length: timedelta | None = None
) -> WrittenSpan:
    """The span that is written; without an end it takes `length`, else 30 minutes or one day.

    Raises InvalidInput for what is no time, for a time that does not exist in the zone or does so twice, and for a span
    that ends before it begins.
    """
    try:
        return _span_between(start, end, zone, now, length)
    except OverflowError:
        raise beyond_calendar() from None


def _span_between(start: str, end: str | None, zone: ZoneInfo, now: datetime, length: timedelta | None) -> WrittenSpan:
    begin = _moment(start, zone, now)
    if not isinstance(begin, datetime):
        last = begin + ((length or _DAY) - _DAY) if end is None else _last_day(end, begin, zone, now)
        if last < begin:
            raise _ends_too_early()
        midnights = (datetime.combine(day, time(), zone) for day in (begin, last + _DAY))
        return WrittenSpan(start=next(midnights), end=next(midnights), zone_name=zone.key, is_all_day=True)
    until = _later(begin, length or _DEFAULT_LENGTH) if end is None else _end(end, begin, zone, now)
    if not is_before(begin, until):
        raise _ends_too_early()
    return WrittenSpan(start=begin, end=until, zone_name=zone.key)


def _moment(written: str, zone: ZoneInfo, now: datetime) -> date | datetime:
    """A day, or a local time of the zone. An offset that is written chooses one of two equal times."""
    text = with_24_hours(written)
    refuse_range(text, written)
    found = _TIME.fullmatch(text)
    if found is None:
        return _day_or_moment(text, zone, now, written)
    day = _day_or_moment(found["day"], zone, now, written)
    if isinstance(day, datetime):
        raise _no_time(written)
    try:
        clock = time(int(found["hour"]), int(found["min"]))
    except ValueError:
        raise _no_time(written) from None
    if not found["offset"]:
        return local_time(datetime.combine(day, clock, zone), zone)
    offset = found["offset"].upper().replace("Z", "+00:00")
    return datetime.fromisoformat(f"{day}T{clock:%H:%M}{offset}").astimezone(zone)


def _day_or_moment(written: str, zone: ZoneInfo, now: datetime, whole: str) -> date | datetime:
    if not written.strip():
        raise _no_time(whole)
    try:
        period = named_period(written.strip(), now, zone)
    except InvalidInput as error:
        if error.next_step != f"Write {PERIODS}.":
            raise
        is_unknown = "can be" not in error.message
        raise (_no_time(whole) if is_unknown else InvalidInput(error.message, next_step=f"Write {FORMS}.")) from None
    day = period.start.date()
    if period.days > 1:
        raise InvalidInput(
            f"{whole[:40]!r} is more than one day.",
            next_step=f"For all of it write start={day} and end={period.last_day}, else one day or a time.",
        )
    # Where the clocks jump at midnight, a day begins at one.
    if midnight(day, zone).astimezone(UTC) == period.start.astimezone(UTC):
        return day
    return period.start.replace(second=0, microsecond=0)


def _end(written: str, begin: datetime, zone: ZoneInfo, now: datetime) -> datetime:
    if length := _length(written):
        return _later(begin, length)
    text = with_24_hours(written)
    is_clock = is_clock_time(text)
    end = _moment(f"{begin:%Y-%m-%d} {text}" if is_clock else text, zone, now)
    if not isinstance(end, datetime):
        raise InvalidInput(
            "The end is a date, and the start has a time.", next_step="Write both with a time, or both as dates."
        )
    if is_clock and not is_before(begin, end):
        raise _ends_too_early(f"For one on the next day write {begin.date() + _DAY}T{end:%H:%M}.")
    return end


def _last_day(written: str, begin: date, zone: ZoneInfo, now: datetime) -> date:
    length = _length(written)
    if length and not length % _DAY:
        return begin + length - _DAY
    end = None if length or is_clock_time(written) else _moment(written, zone, now)
    if end is None or isinstance(end, datetime):
        raise InvalidInput(
            "The end has a time, and the start is a date.", next_step="Write both with a time, or both as dates."
        )
    return end


def _length(written: str) -> timedelta | None:
    """How long it lasts, when a length is written.

    >>> _length("1h30"), _length("PT45M"), _length("11:00")
    (datetime.timedelta(seconds=5400), datetime.timedelta(seconds=2700), None)
    """
    found = _LENGTH.fullmatch(" ".join(written.lower().replace(" and ", " ").split()))
    parts = {unit: float(number) for unit, number in found.groupdict().items() if number} if found else {}
    return timedelta(**parts) if parts else None


def _later(moment: datetime, length: timedelta) -> datetime:
    """By the time that passes, also where the clocks change between."""
    return (moment.astimezone(UTC) + length).astimezone(moment.tzinfo)


def _no_time(written: str) -> InvalidInput:
    if is_clock_time(written):
        return InvalidInput(f"{written[:40]!r} is a time without a day.", next_step=f"Write {FORMS}.")
    return InvalidInput(f"{written[:40]!r} is not a date or time.", next_step=f"Write {FORMS}.")


def _ends_too_early(step: str = "Give an end that is later than the start.") -> InvalidInput:
    return InvalidInput("The event has no length, or ends before it begins.", next_step=step)
