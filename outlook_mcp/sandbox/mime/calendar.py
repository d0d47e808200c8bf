"""The event of an iCalendar object (RFC 5545), as far as meeting messages need it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from outlook_mcp.sandbox.mime.content_lines import ContentLine, read_content_lines

# Those of meeting messages (RFC 5546): an invitation or update, a cancellation, an answer, an answer with another time.
MEETING_METHODS = frozenset({"REQUEST", "CANCEL", "REPLY", "COUNTER"})
# Zones as Outlook names them (Unicode CLDR, windowsZones.xml); others are known by their IANA names.
_WINDOWS_ZONES = {
    "utc": "UTC",
    "aus eastern standard time": "Australia/Sydney",
    "central europe standard time": "Europe/Budapest",
    "central european standard time": "Europe/Warsaw",
    "central standard time": "America/Chicago",
    "china standard time": "Asia/Shanghai",
    "eastern standard time": "America/New_York",
    "gmt standard time": "Europe/London",
    "india standard time": "Asia/Kolkata",
    "mountain standard time": "America/Denver",
    "pacific standard time": "America/Los_Angeles",
    "romance standard time": "Europe/Paris",
    "tokyo standard time": "Asia/Tokyo",
    "w. europe standard time": "Europe/Berlin",
}


@dataclass(frozen=True, slots=True)
class CalendarTime:
    """`moment` is the time in `zone`, without its offset; `zone` is as it was written, UTC where none was."""

    moment: datetime
    zone: str
    is_date: bool

    def in_zone(self, zone: str) -> CalendarTime:
        """The same time in another zone; a date, and a time in or for an unknown zone, stays as it is."""
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
    """The first event: its lines, and the METHOD of the whole object in upper case, empty where there is none."""

    method: str
    lines: tuple[ContentLine, ...]

    def first_line(self, name: str) -> ContentLine | None:
        return next((line for line in self.lines if line.name == name), None)

    def lines_of(self, name: str) -> list[ContentLine]:
        return [line for line in self.lines if line.name == name]

    def text(self, name: str) -> str:
        """The text of a property, empty where there is none."""
        line = self.first_line(name)
        return line.text if line else ""

    def time(self, name: str) -> CalendarTime | None:
        """None where the property is missing or no time."""
        line = self.first_line(name)
        return _time(line) if line else None


def read_event(text: str) -> CalendarEvent | None:
    """None where the text holds no event; what is nested in the event, such as an alarm, is left out."""
    method, inside = "", [""]
    lines: list[ContentLine] = []
    for line in read_content_lines(text):
        if line.name == "BEGIN":
            inside.append(line.value.strip().upper())
        elif line.name == "END":
            if inside[-1] == "VEVENT":
                return CalendarEvent(method, tuple(lines))
            inside = inside[:-1] or [""]
        elif line.name == "METHOD" and "VEVENT" not in inside:
            method = line.value.strip().upper()
        elif inside[-1] == "VEVENT":
            lines.append(line)
    return CalendarEvent(method, tuple(lines)) if "VEVENT" in inside else None


def zone_of(name: str) -> ZoneInfo | None:
    """The zone of a Windows or IANA name, None where it is neither.

    >>> zone_of("W. Europe Standard Time"), zone_of("Mars/Base")
    (zoneinfo.ZoneInfo(key='Europe/Berlin'), None)
    """
    try:
        return ZoneInfo(_WINDOWS_ZONES.get(name.lower(), name))
    except (KeyError, ValueError, OSError):
        return None


def _time(line: ContentLine) -> CalendarTime | None:
    written = line.value.strip()
    try:
        moment = datetime.fromisoformat(written)
        zone = "UTC" if moment.tzinfo else line.parameters.get("TZID") or "UTC"
        moment = moment.astimezone(UTC) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        return None
    return CalendarTime(moment.replace(tzinfo=None), zone, len(written) == len("20260301"))
