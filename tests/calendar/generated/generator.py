"""Events around the days on which clocks are changed or the year is: timed, all day, series of every pattern."""

from __future__ import annotations

import random
from calendar import monthrange
from datetime import date, datetime, time, timedelta
from typing import Any

import msgspec
from dateutil.rrule import rrulestr

from outlook_mcp.graph.recurrence import DAYS, INDEXES, Recurrence
from tests.calendar.generated.asked import DAY, Asked, is_ambiguous, is_skipped, moment_of, zone_of
from tests.calendar.recurrence.test_dates import KINDS, rule_of

ZONES = (
    *("Africa/Cairo", "Africa/Casablanca", "Africa/Johannesburg", "Africa/Lagos", "America/Anchorage"),
    *("America/Argentina/Buenos_Aires", "America/Bogota", "America/Chicago", "America/Denver", "America/Halifax"),
    *("America/Havana", "America/Los_Angeles", "America/Mexico_City", "America/New_York", "America/Santiago"),
    *("America/Sao_Paulo", "America/St_Johns", "Asia/Amman", "Asia/Beirut", "Asia/Dubai", "Asia/Jerusalem"),
    *("Asia/Kathmandu", "Asia/Kolkata", "Asia/Shanghai", "Asia/Singapore", "Asia/Tehran", "Asia/Tokyo"),
    *("Atlantic/Azores", "Australia/Adelaide", "Australia/Lord_Howe", "Australia/Sydney", "Europe/Berlin"),
    *("Europe/Dublin", "Europe/Lisbon", "Europe/London", "Europe/Moscow", "Pacific/Auckland", "Pacific/Chatham"),
    *("Pacific/Honolulu", "Pacific/Kiritimati", "Etc/GMT+12"),
)
# Around these days clocks are changed somewhere, or the year is.
EDGES = (
    *(date(2026, 2, 15), date(2026, 3, 8), date(2026, 3, 22), date(2026, 3, 29), date(2026, 4, 5), date(2026, 4, 24)),
    *(date(2026, 9, 6), date(2026, 9, 27), date(2026, 10, 4), date(2026, 10, 25), date(2026, 11, 1)),
    *(date(2026, 12, 31), date(2028, 2, 29)),
)
# No series has dates in a row that are longer than this and change places where the clocks change.
_LEAST_MINUTES = 150


def any_event(rng: random.Random, subject: str, first: date, last: date) -> Asked:
    """One that has a part in the period, or would have, did its series not end before."""
    day = first + rng.randrange(-1, (last - first).days + 2) * DAY
    is_series = rng.random() < 0.4
    if rng.random() < 0.2:
        asked = _all_day(rng, subject, day, rng.choice(ZONES))
    else:
        asked = _timed(rng, subject, day, _LEAST_MINUTES if is_series else 0)
    return _repeated(rng, asked, day) if is_series else asked


def _all_day(rng: random.Random, subject: str, day: date, zone: str) -> Asked:
    return Asked(subject, day, day + rng.randrange(0, 4) * DAY, zone, zone)


def _timed(rng: random.Random, subject: str, day: date, least: int) -> Asked:
    """Of a series neither end is at a time that comes twice or never on its first day."""
    while True:
        zone = rng.choice(ZONES)
        start = datetime.combine(day, time(rng.randrange(24), rng.randrange(12) * 5))
        # The hours after midnight are those in which clocks are changed.
        start = start.replace(hour=rng.randrange(4)) if rng.random() < 0.5 else start
        end_zone = rng.choice(ZONES) if rng.random() < 0.15 else zone
        length = timedelta(minutes=least + rng.choice((0, 15, 30, 45, 60, 90, 240, 1440, 3000)))
        end = (moment_of(start, zone) + length).astimezone(zone_of(end_zone)).replace(tzinfo=None, fold=0)
        if moment_of(end, end_zone) >= moment_of(start, zone):
            return Asked(subject, start, end, zone, end_zone)


def _repeated(rng: random.Random, asked: Asked, day: date) -> Asked:
    """The same as a series that has this day among its dates, unless it ends before."""
    pattern, begin = _pattern(rng, day)
    limits = _range(rng, begin, day)
    rule = rule_of(msgspec.convert({"pattern": pattern, "range": limits}, Recurrence))
    first = rrulestr(rule, dtstart=datetime.combine(begin, time()))[0].date()
    limits["startDate"] = first.isoformat()
    later = first - asked.first_day
    made = Asked(asked.subject, asked.start + later, asked.end + later, asked.zone, asked.end_zone)
    made.recurrence, made.rule = {"pattern": pattern, "range": limits}, rule
    return made


def _pattern(rng: random.Random, day: date) -> tuple[dict[str, Any], date]:
    """Of Graph, and a day near its first date: the day itself some intervals before."""
    kind = rng.choice(KINDS)
    interval = rng.choice((1, 1, 2) if kind.endswith("Yearly") else (1, 1, 2, 3, 5))
    back = rng.randrange(3) * interval
    pattern: dict[str, Any] = {"type": kind, "interval": interval}
    if kind == "daily":
        return pattern, day - rng.randrange(30) * interval * DAY
    if kind == "weekly":
        days = {DAYS[day.weekday()], *rng.sample(DAYS, rng.choice((0, 0, 1, 4)))}
        pattern |= {"daysOfWeek": sorted(days), "firstDayOfWeek": DAYS[day.weekday()]}
        return pattern, day - back * 7 * DAY
    months = day.year * 12 + day.month - 1 - back * (12 if kind.endswith("Yearly") else 1)
    begin = date(months // 12, months % 12 + 1, 1)
    if kind.endswith("Yearly"):
        pattern["month"] = day.month
    if kind.startswith("absolute"):
        is_last = day.day == monthrange(day.year, day.month)[1]
        pattern["dayOfMonth"] = 31 if is_last and rng.random() < 0.5 else day.day
    else:
        pattern |= _nth(rng, day) | {"firstDayOfWeek": rng.choice(DAYS)}
    return pattern, begin


def _nth(rng: random.Random, day: date) -> dict[str, Any]:
    """The day as the n-th or the last of some days of the week in its month."""
    names = {DAYS[day.weekday()], *(DAYS[:5] if rng.random() < 0.2 and day.weekday() < 5 else ())}
    length = monthrange(day.year, day.month)[1]
    alike = [n for n in range(1, length + 1) if DAYS[date(day.year, day.month, n).weekday()] in names]
    place = alike.index(day.day)
    is_last = place == len(alike) - 1 and (place > 3 or rng.random() < 0.5)
    if not is_last and place > 3:
        names, place = {DAYS[day.weekday()]}, (day.day - 1) // 7
    index = "last" if is_last or place > 3 else INDEXES[place]
    return {"daysOfWeek": sorted(names), "index": index}


def _range(rng: random.Random, begin: date, day: date) -> dict[str, Any]:
    kind = rng.choice(("noEnd", "numbered", "endDate"))
    limits: dict[str, Any] = {"type": kind, "startDate": begin.isoformat()}
    if kind == "numbered":
        limits["numberOfOccurrences"] = rng.randrange(1, 60)
    if kind == "endDate":
        limits["endDate"] = max(begin + 31 * DAY, day + rng.randrange(-5, 60) * DAY).isoformat()
    return limits


def is_plain(asked: Asked) -> bool:
    """Whether both ends are at times of one zone that come once on that day."""
    ends = [(at, asked.zone) for at in (asked.start, asked.end) if isinstance(at, datetime)]
    is_odd = any(is_ambiguous(at, zone) or is_skipped(at, zone) for at, zone in ends)
    return asked.zone == asked.end_zone and not is_odd
