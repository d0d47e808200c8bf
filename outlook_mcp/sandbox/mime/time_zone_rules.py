"""Zones that an invitation brings along (VTIMEZONE, RFC 5545, 3.6.5), for names that nobody else knows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from outlook_mcp.sandbox.mime.content_lines import ContentLine

_OFFSET = re.compile(r"([+-])(\d\d)(\d\d)(\d\d)?", re.ASCII)
_BY_DAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class Observance:
    """STANDARD or DAYLIGHT: from when on, in local time, which offset from UTC holds; each year anew with a rule.

    A rule is the month, the weekday from Monday as 0, and which one in the month, from its end when negative.
    """

    begins: datetime
    offset: timedelta
    rule: tuple[int, int, int] | None = None
    until: datetime | None = None
    dates: tuple[datetime, ...] = ()

    def last_onset(self, moment: datetime) -> datetime | None:
        """When it began last before or at the local time; None when it had not begun."""
        onsets = [onset for onset in (self.begins, *self.dates, *self._by_rule(moment.year)) if onset <= moment]
        return max(onsets, default=None)

    def _by_rule(self, year: int) -> Iterable[datetime]:
        if self.rule is None:
            return
        for tried in (year - 1, year):
            onset = _nth_weekday(self.begins, tried, *self.rule)
            if onset is not None and onset >= self.begins and (self.until is None or onset <= self.until):
                yield onset


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
    written = (part.partition("=") for part in values.get("RRULE", "").upper().split(";"))
    rule = {name: value for name, _, value in written}
    dates = (_local_time(text) for line in lines if line.name == "RDATE" for text in line.items)
    return Observance(
        begins,
        lasts if offset[1] == "+" else -lasts,
        _yearly(rule),
        _local_time(rule.get("UNTIL", "")),
        tuple(date for date in dates if date is not None),
    )


def _yearly(rule: dict[str, str]) -> tuple[int, int, int] | None:
    day, month = _BY_DAY.fullmatch(rule.get("BYDAY", "")), rule.get("BYMONTH", "")
    if rule.get("FREQ") != "YEARLY" or day is None or not month.isdecimal() or not 1 <= int(month) <= 12:
        return None
    return int(month), _DAYS.index(day[2]), int(day[1] or 1)


def _nth_weekday(begins: datetime, year: int, month: int, weekday: int, number: int) -> datetime | None:
    """The onset in a year, at the time of day of the first one; None where the month has no such day."""
    try:
        start = begins.replace(year=year, month=month, day=1)
        following = start.replace(year=year + month // 12, month=month % 12 + 1)
        if number > 0:
            found = start + timedelta(days=(weekday - start.weekday()) % 7 + 7 * (number - 1))
        else:
            last = following - timedelta(days=1)
            found = last - timedelta(days=(last.weekday() - weekday) % 7 + 7 * (-number - 1))
    except (ValueError, OverflowError):
        return None
    return found if found.month == month else None


def _local_time(written: str) -> datetime | None:
    try:
        return datetime.fromisoformat(written.strip()).replace(tzinfo=None)
    except ValueError:
        return None
