"""The event of an iCalendar object (RFC 5545), as far as meeting messages need it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from outlook_mcp.sandbox.mime.content_lines import ContentLine, components, read_content_lines
from outlook_mcp.sandbox.mime.time_zone_rules import ZoneRules, read_zone
from outlook_mcp.sandbox.windows_zones import WINDOWS_ZONES

# Those of meeting messages (RFC 5546): an invitation or update, a cancellation, an answer, an answer with another time.
MEETING_METHODS = frozenset({"REQUEST", "CANCEL", "REPLY", "COUNTER"})
# Zones as Outlook names them; others are known by their IANA names.
_WINDOWS_ZONES = {name.lower(): zone for name, zone in WINDOWS_ZONES.items()}
# A time without a zone is one of whoever reads it (RFC 5545, 3.3.5): of the zone that mailboxes begin with here.
_OWN_ZONE = "W. Europe Standard Time"
_DURATION = re.compile(r"([+-]?)P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", re.ASCII)
_OFFSET = re.compile(r"\(?(?:UTC|GMT)([+-])(\d{1,2}):?(\d\d)?\)?(?:\s.*)?", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class CalendarTime:
    """`moment` is the time in `zone`, without its offset; `zone` is as it was written."""

    moment: datetime
    zone: str
    is_date: bool

    def after(self, duration: timedelta) -> CalendarTime:
        """The time so much later."""
        return CalendarTime(self.moment + duration, self.zone, self.is_date)

    def in_zone(self, zone: str) -> CalendarTime:
        """The time by the clock of another zone; a date, and a time in or for an unknown zone, stays as it is."""
        own, other = zone_of(self.zone), zone_of(zone)
        if self.is_date or own is None or other is None:
            return self
        try:
            moved = self.moment.replace(tzinfo=own).astimezone(other)
        except (OverflowError, ValueError):
            return self
        return CalendarTime(moved.replace(tzinfo=None), zone, False)


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """The first event: its lines, and the METHOD of the whole object in upper case, empty where there is none.

    `zones` are those that the object brings along, by name.
    """

    method: str
    lines: tuple[ContentLine, ...]
    zones: Mapping[str, ZoneRules] = field(default_factory=dict)

    def first_line(self, name: str) -> ContentLine | None:
        return next((line for line in self.lines if line.name == name), None)

    def lines_of(self, name: str) -> list[ContentLine]:
        return [line for line in self.lines if line.name == name]

    def text(self, name: str) -> str:
        """The text of a property, empty where there is none."""
        line = self.first_line(name)
        return line.text if line else ""

    def time(self, name: str) -> CalendarTime | None:
        """None where the property is missing or no time; in UTC where the object alone knows its zone."""
        line = self.first_line(name)
        time = _time(line) if line else None
        if time is None or time.is_date or time.zone not in self.zones or zone_of(time.zone) is not None:
            return time
        moment = self.zones[time.zone].utc(time.moment)
        return time if moment is None else CalendarTime(moment, "UTC", False)


def event_times(event: CalendarEvent) -> tuple[CalendarTime | None, CalendarTime | None]:
    """Start and end (RFC 5545, 3.6.1). Without end and duration a day lasts a day, and a time ends when it starts."""
    start, end = event.time("DTSTART"), event.time("DTEND")
    if start is None or end is not None:
        return start, end or start
    days, hours = _duration(event.text("DURATION")) or (timedelta(days=1 if start.is_date else 0), timedelta())
    try:
        # Days are those of the calendar, hours pass by: a clock that is set meanwhile changes nothing of them.
        return start, start.after(days).in_zone("UTC").after(hours).in_zone(start.zone)
    except OverflowError:
        return start, start


def read_event(text: str) -> CalendarEvent | None:
    """None where the text holds no event; what is nested in the event, such as an alarm, is left out."""
    method, inside = "", [""]
    lines: list[ContentLine] = []
    every_line = list(read_content_lines(text))
    zones = _zones(every_line)
    for line in every_line:
        if line.name == "BEGIN":
            inside.append(line.value.strip().upper())
        elif line.name == "END":
            if inside[-1] == "VEVENT":
                return CalendarEvent(method, tuple(lines), zones)
            inside = inside[:-1] or [""]
        elif line.name == "METHOD" and "VEVENT" not in inside:
            method = line.value.strip().upper()
        elif inside[-1] == "VEVENT":
            lines.append(line)
    return CalendarEvent(method, tuple(lines), zones) if "VEVENT" in inside else None


def read_events(text: str) -> Iterator[CalendarEvent]:
    """Every event of a calendar file, each with the zones of the file."""
    zones = "".join(f"{zone}\n" for zone in components(text, "VTIMEZONE"))
    for part in components(text, "VEVENT"):
        event = read_event(f"{zones}{part}")
        if event is not None:
            yield event


def _zones(lines: Sequence[ContentLine]) -> dict[str, ZoneRules]:
    """The zones of the object; they may stand behind the event that uses them."""
    found: dict[str, ZoneRules] = {}
    inside: list[ContentLine] | None = None
    for line in lines:
        is_zone = line.value.strip().upper() == "VTIMEZONE"
        if line.name == "BEGIN" and is_zone:
            inside = []
        elif line.name == "END" and is_zone and inside is not None:
            name, rules = read_zone(inside)
            found[name], inside = rules, None
        elif inside is not None:
            inside.append(line)
    return found


def zone_of(name: str) -> tzinfo | None:
    """The zone of a Windows or IANA name, also behind a prefix, or of an offset from UTC; None for any other.

    >>> zone_of("W. Europe Standard Time"), zone_of("/x.example/Europe/Berlin"), zone_of("Mars/Base")
    (zoneinfo.ZoneInfo(key='Europe/Berlin'), zoneinfo.ZoneInfo(key='Europe/Berlin'), None)
    """
    if offset := _OFFSET.fullmatch(name.strip()):
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        is_possible = minutes < 24 * 60
        return timezone(timedelta(minutes=minutes if offset[1] == "+" else -minutes)) if is_possible else None
    known = _WINDOWS_ZONES.get(name.lower())
    steps = name.strip("/").split("/")
    for tried in (known or name, "/".join(steps[-2:]), "/".join(step.title() for step in steps[-2:])):
        try:
            return ZoneInfo(tried)
        except (KeyError, ValueError, OSError):
            continue
    return None


def _duration(written: str) -> tuple[timedelta, timedelta] | None:
    """Weeks and days, then hours and what is shorter."""
    found = _DURATION.fullmatch(written.strip().upper())
    if not found or found[1] == "-" or not any(found.groups()[1:]):
        return None
    weeks, days, hours, minutes, seconds = (int(number or 0) for number in found.groups()[1:])
    try:
        return timedelta(weeks=weeks, days=days), timedelta(hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        return None


def _time(line: ContentLine) -> CalendarTime | None:
    written = line.value.strip()
    try:
        moment = datetime.fromisoformat(written)
        is_date = len(written) == len("20260301")
        zone = "UTC" if moment.tzinfo or is_date else line.parameters.get("TZID") or _OWN_ZONE
        moment = moment.astimezone(UTC) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        return None
    return CalendarTime(moment.replace(tzinfo=None), zone, is_date)
