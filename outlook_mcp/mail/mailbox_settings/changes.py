"""What a caller wants to set, in the words of the tool, and the same as Graph writes it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, tzinfo
from difflib import get_close_matches
from typing import Any
from zoneinfo import available_timezones

from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.recurrence import DAYS
from outlook_mcp.identity.time_zone import known_time_zone
from outlook_mcp.mail.categories import COLOURS
from outlook_mcp.text.coming_times import is_day, parse_coming

# Where mail of a sender goes; `none` lets Outlook decide.
_INBOXES = ("focused", "other", "none")
AUDIENCES: dict[str, str] = {"none": "none", "contacts": "contactsOnly", "all": "all"}
AUDIENCE_NAMES = {graph_name: name for name, graph_name in AUDIENCES.items()}
DELETE = "delete"
_HOURS = re.compile(r"(?P<days>[a-z ,-]+?)\s+(?P<start>\d{1,2}:\d\d)\s*(?:-|to)\s*(?P<end>\d{1,2}:\d\d)", re.IGNORECASE)
_LOCALE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}")
_LONGEST_ADDRESS = 320
_LONGEST_CATEGORY = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsChange:
    """The arguments of the tool; None leaves a setting as it is."""

    auto_reply: bool | None = None
    start: str | None = None
    end: str | None = None
    internal: str | None = None
    external: str | None = None
    audience: str | None = None
    time_zone: str | None = None
    hours: str | None = None
    language: str | None = None
    signature: str | None = None
    sender: str | None = None
    inbox: str | None = None
    category: str | None = None
    color: str | None = None

    @property
    def is_empty(self) -> bool:
        return all(getattr(self, name) is None for name in self.__slots__)

    @property
    def changes_replies(self) -> bool:
        given = (self.auto_reply, self.start, self.end, self.internal, self.external, self.audience)
        return any(value is not None for value in given)

    def check(self) -> None:
        """Raises InvalidInput for arguments that do not go together."""
        if (self.start or self.end) and not self.auto_reply:
            raise InvalidInput("start and end are those of automatic replies.", next_step="Give auto_reply=true too.")
        if self.start and not self.end:
            raise InvalidInput("Automatic replies that have a start need an end.", next_step="Give `end` too.")
        if (self.sender is None) != (self.inbox is None):
            raise InvalidInput(
                "sender and inbox go together: where mail of that address goes.",
                next_step='inbox="none" lets Outlook decide again.',
            )
        if self.sender is not None and ("@" not in self.sender or len(self.sender) > _LONGEST_ADDRESS):
            raise InvalidInput("sender has to be one address.")
        if self.inbox is not None and self.inbox not in _INBOXES:
            raise InvalidInput(f"`inbox` is one of {', '.join(_INBOXES)}.")
        if self.audience is not None and self.audience not in AUDIENCES:
            raise InvalidInput(f"`audience`, those outside who get a reply, is one of {', '.join(AUDIENCES)}.")
        if self.color is not None and self.category is None:
            raise InvalidInput("color is that of a category.", next_step="Give `category` too.")
        if self.category is not None and not 0 < len(self.category.strip()) <= _LONGEST_CATEGORY:
            raise InvalidInput(f"A category's name has 1 to {_LONGEST_CATEGORY} characters.")


@dataclass(frozen=True, slots=True)
class ReplyTimes:
    """When automatic replies are sent, in UTC."""

    start: datetime
    end: datetime

    def fields(self) -> dict[str, Any]:
        """As Graph writes them."""
        return {"scheduledStartDateTime": _zoned(self.start), "scheduledEndDateTime": _zoned(self.end)}


def reply_times(start: str | None, end: str, zone: tzinfo, now: datetime) -> ReplyTimes:
    """From `start`, else from now, to `end`; a day as end is that whole day. Raises InvalidInput.

    >>> times = reply_times("2026-12-01", "2026-12-04", UTC, datetime(2026, 11, 30, tzinfo=UTC))
    >>> times.start.isoformat(), times.end.isoformat()
    ('2026-12-01T00:00:00+00:00', '2026-12-05T00:00:00+00:00')
    """
    local = now.astimezone(zone)
    begins = now.astimezone(UTC).replace(microsecond=0) if start is None else _moment(start, local)
    ends = _moment(end, local, is_end=True)
    if ends <= now:
        raise InvalidInput("The end of the automatic replies has passed already.")
    if ends <= begins:
        raise InvalidInput("Automatic replies have to end after they start.")
    return ReplyTimes(begins, ends)


def time_zone_name(written: str) -> str:
    """The name as it is written. Raises InvalidInput for one that is neither of Windows nor of the IANA database.

    >>> time_zone_name("Europe/Berlin")
    'Europe/Berlin'
    """
    name = written.strip()
    if name and known_time_zone(name) is not None:
        return name
    close = get_close_matches(name, available_timezones(), n=3, cutoff=0.6)
    step = f"Did you mean {', '.join(close)}?" if close else "Give a name such as Europe/Berlin."
    raise InvalidInput(f"There is no time zone {name[:40]!r}.", next_step=step)


def language_tag(written: str) -> str:
    """The tag as it is written. Raises InvalidInput for what cannot be one."""
    if not _LOCALE.fullmatch(written.strip()):
        raise InvalidInput(f"{written[:40]!r} is not a language.", next_step="Give a tag such as en-GB.")
    return written.strip()


def working_hours(written: str, zone_name: str) -> dict[str, Any]:
    """Graph's workingHours. Raises InvalidInput.

    >>> hours = working_hours("mon-wed, fri 09:00-17:30", "UTC")
    >>> hours["daysOfWeek"], hours["startTime"], hours["endTime"]
    (['monday', 'tuesday', 'wednesday', 'friday'], '09:00:00.0000000', '17:30:00.0000000')
    """
    found = _HOURS.fullmatch(written.strip())
    days = _days(found["days"]) if found else []
    try:
        start, end = (time.fromisoformat(found[name].zfill(5)) for name in ("start", "end")) if found else (None, None)
    except ValueError:
        start = end = None
    if not days or start is None or end is None or start >= end:
        raise InvalidInput(f"{written[:60]!r} is no working week.", next_step="Write it as mon-fri 09:00-17:00.")
    return {
        "daysOfWeek": days,
        "startTime": f"{start:%H:%M}:00.0000000",
        "endTime": f"{end:%H:%M}:00.0000000",
        "timeZone": {"name": zone_name},
    }


def preset_of(colour: str) -> str:
    """Graph's name of a colour; `none` stays. Raises InvalidInput with all of them.

    >>> preset_of("Dark Steel"), preset_of("none")
    ('preset11', 'none')
    """
    wanted = " ".join(colour.replace("_", " ").replace("grey", "gray").casefold().split())
    if wanted == "none":
        return "none"
    spelled = {name.replace(" ", ""): number for number, name in enumerate(COLOURS)}
    number = spelled.get(wanted.replace(" ", "").replace("-", ""))
    if number is None:
        raise InvalidInput(
            f"There is no colour {colour[:40]!r}.", next_step=f"There are: none, {', '.join(COLOURS)}, or {DELETE}."
        )
    return f"preset{number}"


def colour_of(preset: str | None) -> str:
    """The name of a colour of Graph.

    >>> colour_of("preset0"), colour_of("none")
    ('red', 'no colour')
    """
    number = (preset or "").removeprefix("preset")
    return COLOURS[int(number)] if number.isdecimal() and int(number) < len(COLOURS) else "no colour"


def free_preset(taken: Sequence[str | None]) -> str:
    """A colour that no category has yet; the first one when all are taken."""
    presets = [f"preset{number}" for number in range(len(COLOURS))]
    return next((preset for preset in presets if preset not in taken), presets[0])


def _moment(written: str, now: datetime, *, is_end: bool = False) -> datetime:
    period = parse_coming(written, now)
    return (period.end if is_end and is_day(period) else period.start).astimezone(UTC)


def _zoned(moment: datetime) -> dict[str, str]:
    return {"dateTime": moment.strftime("%Y-%m-%dT%H:%M:%S"), "timeZone": "UTC"}


def _days(written: str) -> list[str]:
    """Full names in the order of the week; none when one of them is unknown."""
    numbers: set[int] = set()
    for part in re.split(r"[,\s]+", re.sub(r"\s*-\s*", "-", written.strip().lower())):
        first, dash, last = part.partition("-")
        ends = [_day_number(name) for name in ((first, last) if dash else (first, first))]
        if None in ends:
            return []
        begin, end = (number for number in ends if number is not None)
        numbers |= {number % 7 for number in range(begin, end + 1 if end >= begin else end + 8)}
    return [DAYS[number] for number in sorted(numbers)]


def _day_number(name: str) -> int | None:
    return next((number for number, day in enumerate(DAYS) if len(name) >= 2 and day.startswith(name)), None)
