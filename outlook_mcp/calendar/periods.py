"""The period that a call is about. Other than in mail, days and weeks lie ahead: `+7d`, `tomorrow`, `next week`.

Days and weeks are those of the caller's time zone; a week begins on Monday.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from outlook_mcp.calendar.times import is_before, midnight
from outlook_mcp.errors import InvalidInput
from outlook_mcp.text.periods import WEEKDAYS, Period, parse_period
from outlook_mcp.text.time_words import in_plain_words

FORMS = "2026-11-30, 2026-11-30T14:00, today, tomorrow, monday, this week, next week, next month, +3d, +2w, -7d"
_DEFAULT_DAYS = 7
# calendarView answers 400 above 1,825 days.
MOST_DAYS = 1800
_DAY = timedelta(days=1)
_LENGTH = r"(\d{1,4}) ?(min|minutes?|h|hours?|d|days?|w|weeks?|m|mo|months?|y|years?)"
_AHEAD = re.compile(rf"(?:\+|in ){_LENGTH}", re.ASCII)
_BARE = re.compile(_LENGTH, re.ASCII)
_BACK = re.compile(r"-\d{1,4} ?[a-z]+|.* ago", re.ASCII)
_CLOCK = re.compile(r"\d{1,2}:\d\d")
# Between blanks a second clock time is an end; without them it is an offset, as in 2026-11-30T14:00-05:00.
_RANGE = re.compile(r"(?P<start>(?:.*\s)?\d{1,2}:\d\d) ?(?:-|\u2013|to|until) ?(?P<end>\d{1,2}:\d\d)", re.IGNORECASE)
_HALF_DAY = re.compile(r"(?<![\d:])(?P<hour>0?[1-9]|1[0-2])(?::(?P<min>\d\d))? ?(?P<half>[ap])\.?m\b\.?", re.IGNORECASE)
_WEEKDAY = re.compile(
    r"(?:on |this )?(next )?(" + "|".join(f"{day}|{day[:3]}" for day in WEEKDAYS) + r")(?: (\d{1,2}):(\d\d))?",
    re.ASCII,
)


class EventPeriod(NamedTuple):
    """From `start` to before `end`, both in the time zone of the caller."""

    start: datetime
    end: datetime

    @property
    def last_day(self) -> date:
        # In UTC: where a clock jumps at midnight, the day after begins at one.
        return (self.end.astimezone(UTC) - timedelta(microseconds=1)).astimezone(self.end.tzinfo).date()

    @property
    def days(self) -> int:
        """How many days of the calendar it touches."""
        return (self.last_day - self.start.date()).days + 1


def event_period(start: str, end: str | None, now: datetime, zone: ZoneInfo) -> EventPeriod:
    """The period as it was written. A day as its end belongs to it; `+7d` or `7 days` as its end counts from its start.

    A weekday as its end is the first from its start on, if that is still to come.
    Without an end it is what `start` names when that is longer than a day, else seven days.
    Raises InvalidInput for what is no date, and for a period that is empty or too long.

    >>> zone = ZoneInfo("Europe/Berlin")
    >>> now = datetime(2026, 11, 30, 9, 0, tzinfo=zone)
    >>> period = event_period("tomorrow", "2026-12-03", now, zone)
    >>> f"{period.start:%d %b %H:%M} to {period.end:%d %b %H:%M}"
    '01 Dec 00:00 to 04 Dec 00:00'
    """
    try:
        return _period_between(start, end, now.astimezone(zone), zone)
    except OverflowError:
        raise beyond_calendar() from None


def beyond_calendar() -> InvalidInput:
    """The refusal of days before the year 1 or after 9999, which nothing can count from."""
    return InvalidInput("The time lies beyond all calendars.", next_step="Write a nearer one.")


def _period_between(start: str, end: str | None, local: datetime, zone: ZoneInfo) -> EventPeriod:
    first = _named(start, local)
    begin = first.start
    if end is None:
        is_long = is_before(begin + _DAY, first.end)
        until = first.end if is_long else midnight(begin.date(), zone) + _DEFAULT_DAYS * _DAY
    elif ahead := _AHEAD.fullmatch(_squeezed(end)) or _BARE.fullmatch(_squeezed(end)):
        # Behind a start that is so many days ago, the days ahead count from today too.
        since = midnight(local.date(), zone) if _BACK.fullmatch(_squeezed(start)) else begin
        until = _later(since, int(ahead[1]), ahead[2])
    else:
        is_weekday = _WEEKDAY.fullmatch(_squeezed(with_24_hours(end)))
        since = max(begin, local) if is_weekday else local
        named = _named(f"{begin:%Y-%m-%d} {with_24_hours(end)}" if is_clock_time(end) else end, since)
        until = named.end if named.end - named.start >= _DAY / 2 else named.start
    if not is_before(begin, until):
        raise InvalidInput("The period ends before it begins.", next_step="Give an end that is later than the start.")
    if (until - begin).days > MOST_DAYS:
        raise InvalidInput("The period is longer than 1,800 days.", next_step="Ask for a shorter one.")
    return EventPeriod(begin, until)


def named_period(value: str, now: datetime, zone: ZoneInfo) -> EventPeriod:
    """The day, week, month or moment that is written, a moment being at most a second long. Raises InvalidInput.

    >>> zone = ZoneInfo("Europe/Berlin")
    >>> named_period("next week", datetime(2026, 11, 30, 9, 0, tzinfo=zone), zone).days
    7
    """
    return _named(value, now.astimezone(zone))


def with_24_hours(written: str) -> str:
    """In one line, with times of day as the 24-hour clock has them.

    >>> with_24_hours("tomorrow  3pm"), with_24_hours("friday noon")
    ('tomorrow 15:00', 'friday 12:00')
    """
    text = re.sub(r"\bnoon\b", "12:00", " ".join(written.split()), flags=re.IGNORECASE)
    return _HALF_DAY.sub(_of_24_hours, text)


def is_clock_time(written: str) -> bool:
    """Whether it is a time of day without a day.

    >>> is_clock_time("3pm"), is_clock_time("monday 15:00")
    (True, False)
    """
    return bool(_CLOCK.fullmatch(with_24_hours(written)))


def refuse_range(text: str, written: str) -> None:
    """Raises InvalidInput for a start and an end in one, whose end would be read as an offset."""
    if both := _RANGE.fullmatch(text):
        raise InvalidInput(
            f"{written[:40]!r} is a start and an end.",
            next_step=f"Write {both['start']} as `start` and {both['end']} as `end`; an offset as in "
            "2026-11-30T14:00-05:00.",
        )


def _of_24_hours(found: re.Match[str]) -> str:
    hour = int(found["hour"]) % 12 + (12 if found["half"].lower() == "p" else 0)
    return f"{hour:02}:{found['min'] or '00'}"


def _named(written: str, now: datetime) -> EventPeriod:
    try:
        return _plainly_named(written, now)
    except InvalidInput as error:
        if "is not a date" not in error.message:
            raise
        plain = in_plain_words(with_24_hours(written), now, lambda text: Period(*_named(text, now)), is_ahead=True)
        if not plain:
            raise
        try:
            return _plainly_named(plain, now)
        except InvalidInput:
            raise error from None


def _plainly_named(written: str, now: datetime) -> EventPeriod:
    value = with_24_hours(written)
    refuse_range(value, written)
    text = _squeezed(value)
    zone = now.tzinfo
    assert isinstance(zone, ZoneInfo)
    if ahead := _AHEAD.fullmatch(text):
        moment = _later(now, int(ahead[1]), ahead[2])
        if ahead[2].startswith(("min", "h")):
            return EventPeriod(moment, moment)
        return _days(moment.date(), 1, zone)
    if day := _coming_day(text, now, zone):
        return day
    if text == "next week":
        return _days(now.date() + (7 - now.weekday()) * _DAY, 7, zone)
    if text == "next month":
        first = (now.date().replace(day=1) + 31 * _DAY).replace(day=1)
        return EventPeriod(midnight(first, zone), midnight((first + 31 * _DAY).replace(day=1), zone))
    if _BARE.fullmatch(text):
        raise InvalidInput(f"{text[:40]!r} can be before or after now.", next_step=f"Write +{text} or -{text}.")
    try:
        found = parse_period(value, now)
    except InvalidInput as error:
        raise InvalidInput(error.message, next_step=f"Write {FORMS}.") from None
    begin, until = found.start.astimezone(zone), found.end.astimezone(zone)
    if _BACK.fullmatch(text):
        return _days(begin.date(), 1, zone)
    return EventPeriod(*_coming_year(text, begin, until, now))


def _coming_day(text: str, now: datetime, zone: ZoneInfo) -> EventPeriod | None:
    """A day of the week: today or the first that follows, with `next` not today."""
    found = _WEEKDAY.fullmatch(text)
    if found is None:
        return None
    number = next(number for number, name in enumerate(WEEKDAYS) if name.startswith(found[2][:3]))
    ahead = (number - now.weekday()) % 7 or (7 if found[1] else 0)
    day = now.date() + ahead * _DAY
    if found[3] is None:
        return _days(day, 1, zone)
    try:
        moment = midnight(day, zone).replace(hour=int(found[3]), minute=int(found[4]))
    except ValueError:
        raise InvalidInput(f"{text[:40]!r} is not a date or time.", next_step=f"Write {FORMS}.") from None
    return EventPeriod(moment, moment)


def _coming_year(text: str, begin: datetime, until: datetime, now: datetime) -> tuple[datetime, datetime]:
    """A day or month without a year, which in mail is the latest, is the next one here."""
    has_year = re.search(r"\d{4}", text) or re.search(r"year|month|week|day|now", text)
    if has_year or not is_before(until, now):
        return begin, until
    try:
        return begin.replace(year=begin.year + 1), until.replace(year=until.year + 1)
    except ValueError:
        return begin, until


def _later(moment: datetime, number: int, unit: str) -> datetime:
    """Minutes and hours pass by the clock of UTC; days and more lie at the same time of day."""
    if unit.startswith("min"):
        return (moment.astimezone(UTC) + timedelta(minutes=number)).astimezone(moment.tzinfo)
    if unit.startswith("h"):
        return (moment.astimezone(UTC) + timedelta(hours=number)).astimezone(moment.tzinfo)
    if unit.startswith(("d", "w")):
        return moment + number * (7 if unit.startswith("w") else 1) * _DAY
    months = number * (12 if unit.startswith("y") else 1)
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    for day in range(moment.day, 27, -1):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return moment.replace(year=year, month=month + 1)


def _days(first: date, number: int, zone: ZoneInfo) -> EventPeriod:
    return EventPeriod(midnight(first, zone), midnight(first + number * _DAY, zone))


def _squeezed(value: str) -> str:
    return " ".join(value.lower().replace("_", " ").split())
