"""When a message is to be sent, as models and people write it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, tzinfo

from outlook_mcp.errors import InvalidInput

# Exchange takes any time; what lies further ahead is more likely a mistake than meant.
_LATEST = timedelta(days=366)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LATER = re.compile(
    r"(?:in\s+)?(?P<number>\d{1,5})\s*(?P<unit>s|m|h|d|w)(?:ec(?:ond)?s?|in(?:ute)?s?|ours?|rs?|ays?|eeks?)?",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?:(?P<day>today|tomorrow|mon|tue|wed|thu|fri|sat|sun)[a-z]*)?,?\s*(?:at\s+)?(?P<hour>\d{1,2}):(?P<minute>\d\d)",
    re.I,
)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def parse_send_time(written: str, now: datetime, zone: tzinfo) -> datetime:
    """The moment in UTC. A time without an offset is in the user's `zone`.

    Raises InvalidInput for what is no time, lies behind or more than a year ahead.

    >>> now = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
    >>> parse_send_time("2h", now, UTC).isoformat()
    '2026-11-23T16:05:00+00:00'
    >>> parse_send_time("tomorrow 8:00", now, UTC).isoformat()
    '2026-11-24T08:00:00+00:00'
    >>> parse_send_time("2026-12-01T09:00:00+01:00", now, UTC).isoformat()
    '2026-12-01T08:00:00+00:00'
    """
    moment = _moment(written.strip(), now, zone)
    if moment is None:
        raise InvalidInput(
            f"{written[:40]!r} is not a time to send at.",
            next_step="Write it as 2026-12-01T09:00 (in the user's time zone), 2h, 08:00 or tomorrow 08:00.",
        )
    if moment <= now:
        raise InvalidInput("The time to send at is over.", next_step="Leave `at` out to send now.")
    if moment > now + _LATEST:
        raise InvalidInput("The time to send at is more than a year ahead.")
    return moment.astimezone(UTC)


def _moment(text: str, now: datetime, zone: tzinfo) -> datetime | None:
    if later := _LATER.fullmatch(text):
        return now + timedelta(**{_UNITS[later["unit"].lower()]: int(later["number"])})
    if clock := _CLOCK.fullmatch(text):
        return _next(clock, now.astimezone(zone))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if len(text) <= len("2026-12-01"):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _next(clock: re.Match[str], local: datetime) -> datetime | None:
    """The next time that a clock shows this, on the day that is named."""
    try:
        wanted = time(int(clock["hour"]), int(clock["minute"]))
    except ValueError:
        return None
    day, ahead = (clock["day"] or "").lower(), 0
    if day == "tomorrow":
        ahead = 1
    elif day in _DAYS:
        ahead = (_DAYS.index(day) - local.weekday()) % 7
    moment = datetime.combine(local.date() + timedelta(days=ahead), wanted, local.tzinfo)
    if moment <= local and day != "today":
        moment += timedelta(days=7 if day in _DAYS else 1)
    return moment
