"""Zones that an invitation brings along (VTIMEZONE, RFC 5545, 3.6.5), for names that nobody else knows."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import MAXYEAR, MINYEAR, datetime, timedelta
from itertools import islice

from outlook_mcp.sandbox.mime.content_lines import ContentLine

_OFFSET = re.compile(r"([+-])(\d\d)(\d\d)(\d\d)?", re.ASCII)
_BY_DAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,2}", re.ASCII)
_TURN, _COUNT = re.compile(r"[1-9]\d?", re.ASCII), re.compile(r"[1-9]\d{0,3}", re.ASCII)
_MOST_LISTED = 31
_MOST_YEARS = 40
_DAYS_OF = {"YEARLY": 366, "MONTHLY": 31, "WEEKLY": 7, "DAILY": 1}
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class Rule:
    """Days of its `months` which are one of `days`, from the end of the month when negative, and a weekday of
    `weekdays`, from Monday as 0, that is the given one in the month, any for 0. Of the years, months, weeks or days
    from that of `begins` on every `interval`-th counts. `until` is the end.
    """

    frequency: str
    begins: datetime
    months: tuple[int, ...]
    days: frozenset[int]
    weekdays: frozenset[tuple[int, int]]
    until: datetime | None = None
    interval: int = 1

    def onsets(self, years: Iterable[int]) -> Iterator[datetime]:
        """The onsets in these years, in order."""
        for year in years:
            for month in self.months if MINYEAR <= year <= MAXYEAR else ():
                for day in range(1, calendar.monthrange(year, month)[1] + 1):
                    onset = self.begins.replace(year=year, month=month, day=day)
                    if onset >= self.begins and self._fits(onset):
                        yield onset

    def last_years(self, moment: datetime) -> Iterator[int]:
        """Years up to a moment, or to the end of the rule: so many that an onset before it is among them."""
        year = min(moment, self.until or moment).year
        return iter(range(year - 1 - self.interval * _DAYS_OF[self.frequency] // 366, year + 1))

    def ending_after(self, count: int) -> Rule:
        """The rule with the end that so many onsets have, where these are over in some decades."""
        found = list(islice(self.onsets(range(self.begins.year, self.begins.year + _MOST_YEARS)), count))
        return replace(self, until=found[-1]) if len(found) == count else self

    def _fits(self, onset: datetime) -> bool:
        last = calendar.monthrange(onset.year, onset.month)[1]
        from_end = onset.day - last - 1
        numbers = (0, (onset.day + 6) // 7, -((6 - from_end) // 7))
        is_weekday = any((onset.weekday(), number) in self.weekdays for number in numbers)
        is_day = not self.days or onset.day in self.days or from_end in self.days
        is_turn = self.interval == 1 or (self._period(onset) - self._period(self.begins)) % self.interval == 0
        return is_turn and is_day and (is_weekday or not self.weekdays) and (self.until is None or onset <= self.until)

    def _period(self, onset: datetime) -> int:
        """The number of the year, month, week or day. Weeks begin on Monday."""
        day = onset.toordinal()
        week = (day - 1) // 7
        return {"YEARLY": onset.year, "MONTHLY": onset.year * 12 + onset.month, "WEEKLY": week}.get(self.frequency, day)


@dataclass(frozen=True, slots=True)
class Observance:
    """STANDARD or DAYLIGHT: from when on, in local time, which offset from UTC holds; anew by its rule and dates."""

    begins: datetime
    offset: timedelta
    rule: Rule | None = None
    dates: tuple[datetime, ...] = ()

    def last_onset(self, moment: datetime) -> datetime | None:
        """When it began last before or at the local time; None when it had not begun."""
        onsets = [onset for onset in (self.begins, *self.dates, *self._by_rule(moment)) if onset <= moment]
        return max(onsets, default=None)

    def _by_rule(self, moment: datetime) -> Iterator[datetime]:
        return self.rule.onsets(self.rule.last_years(moment)) if self.rule else iter(())


@dataclass(frozen=True, slots=True)
class ZoneRules:
    """The observances of a zone."""

    observances: tuple[Observance, ...]

    def utc(self, moment: datetime) -> datetime | None:
        """The local time in UTC, both without offset; None without observances or beyond the years that there are.

        Before the first observance its offset holds.
        """
        if not self.observances:
            return None
        begun = [(onset, zone.offset) for zone in self.observances if (onset := zone.last_onset(moment)) is not None]
        first = min(self.observances, key=lambda zone: zone.begins)
        try:
            return moment - (max(begun)[1] if begun else first.offset)
        except OverflowError:
            return None


def read_zone(lines: Sequence[ContentLine]) -> tuple[str, ZoneRules]:
    """The TZID and the rules of a VTIMEZONE, whose lines are those between its BEGIN and END."""
    name, found = "", []
    inside: list[ContentLine] | None = None
    for line in lines:
        if line.name == "BEGIN":
            inside = []
        elif line.name == "END":
            found.append(_observance(inside or []))
            inside = None
        elif inside is not None:
            inside.append(line)
        elif line.name == "TZID":
            name = line.text
    return name, ZoneRules(tuple(observance for observance in found if observance is not None))


def _observance(lines: Sequence[ContentLine]) -> Observance | None:
    values = {line.name: line.value.strip() for line in reversed(lines)}
    offset, begins = _OFFSET.fullmatch(values.get("TZOFFSETTO", "")), _local_time(values.get("DTSTART", ""))
    if offset is None or begins is None:
        return None
    hours, minutes, seconds = (int(number or 0) for number in offset.groups()[1:])
    lasts = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    dates = (_local_time(text) for line in lines if line.name == "RDATE" for text in line.items)
    return Observance(
        begins,
        lasts if offset[1] == "+" else -lasts,
        _rule(values.get("RRULE", ""), begins),
        tuple(date for date in dates if date is not None),
    )


def _rule(written: str, begins: datetime) -> Rule | None:
    """None where it cannot be read."""
    parts = dict(part.split("=", 1) for part in written.upper().split(";") if "=" in part)
    by_day = [_BY_DAY.fullmatch(part) for part in _listed(parts.get("BYDAY", ""))]
    days = frozenset(int(part) for part in _listed(parts.get("BYMONTHDAY", "")) if _NUMBER.fullmatch(part))
    months = [int(part) for part in _listed(parts.get("BYMONTH", "")) if _NUMBER.fullmatch(part)]
    frequency = parts.get("FREQ", "")
    interval, count = _TURN.fullmatch(parts.get("INTERVAL", "1")), _COUNT.fullmatch(parts.get("COUNT", "1"))
    is_read = frequency in _DAYS_OF and all(by_day) and all(1 <= month <= 12 for month in months)
    if not is_read or interval is None or count is None:
        return None
    weekdays = frozenset((_DAYS.index(found[2]), int(found[1] or 0)) for found in by_day if found)
    if frequency == "WEEKLY":
        weekdays = weekdays or frozenset({(begins.weekday(), 0)})
    elif frequency != "DAILY" and not by_day:
        days = days or frozenset({begins.day})
    rule = Rule(
        frequency,
        begins,
        tuple(months or ([begins.month] if frequency == "YEARLY" else range(1, 13))),
        days,
        weekdays,
        _local_time(parts.get("UNTIL", "")),
        int(interval[0]),
    )
    return rule.ending_after(int(count[0])) if "COUNT" in parts else rule


def _listed(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()][:_MOST_LISTED]


def _local_time(written: str) -> datetime | None:
    try:
        return datetime.fromisoformat(written.strip()).replace(tzinfo=None)
    except ValueError:
        return None
