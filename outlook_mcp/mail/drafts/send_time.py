"""When a message is to be sent, as models and people write it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, tzinfo

from outlook_mcp.errors import InvalidInput
from outlook_mcp.text.coming_times import is_day, parse_coming
from outlook_mcp.text.dates import day_and_time
from outlook_mcp.text.spans_of_time import with_digits

# Exchange takes any time; what lies further ahead is more likely a mistake than meant.
_LATEST = timedelta(days=366)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LATER = re.compile(
    r"(?:in\s+)?(?P<number>\d{1,5})\s*(?P<unit>s|m|h|d|w)(?:ec(?:ond)?s?|in(?:ute)?s?|ours?|rs?|ays?|eeks?)?",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"(?:at\s+)?(?P<hour>\d{1,2}):(?P<minute>\d\d)", re.IGNORECASE)


def parse_send_time(written: str, now: datetime, zone: tzinfo) -> datetime:
    """The moment, in the user's `zone`, as is a time without an offset.

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
            next_step="Write it as 2026-12-01T09:00 (in the user's time zone), 2h, 08:00 or tomorrow 8am. "
            'What waits to be sent is taken back by "cancel".',
        )
    if moment <= now:
        raise InvalidInput("The time to send at is over.", next_step="Leave `at` out to send now.")
    if moment > now + _LATEST:
        raise InvalidInput("The time to send at is more than a year ahead.")
    return moment.astimezone(zone)


def shown_send_time(moment: datetime) -> str:
    """Day, minute and time zone.

    >>> shown_send_time(datetime(2026, 12, 1, 9, 0, tzinfo=UTC))
    'Tue 1 Dec 2026 09:00 UTC'
    """
    return f"{day_and_time(moment, moment.tzinfo or UTC)} {moment.tzname()}"


def _moment(text: str, now: datetime, zone: tzinfo) -> datetime | None:
    """None for a day without a time, too."""
    if later := _LATER.fullmatch(re.sub(r" from now$", "", with_digits(text.lower()))):
        return now + timedelta(**{_UNITS[later["unit"].lower()]: int(later["number"])})
    local = now.astimezone(zone)
    try:
        if clock := _CLOCK.fullmatch(text):
            return _next(time(int(clock["hour"]), int(clock["minute"])), local)
        found = parse_coming(text, local)
    except (InvalidInput, ValueError):
        return None
    return None if is_day(found) else found.start


def _next(wanted: time, local: datetime) -> datetime:
    """The next time that a clock shows this."""
    moment = datetime.combine(local.date(), wanted, local.tzinfo)
    return moment if moment > local else moment + timedelta(days=1)
