"""Local times that do not exist, or do so twice, since the clocks are put forward or set back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from outlook_mcp.errors import InvalidInput
from outlook_mcp.text.dates import day_and_time


def local_time(moment: datetime, zone: ZoneInfo) -> datetime:
    """The moment, which has to exist in the zone and to do so once. Raises InvalidInput."""
    if is_skipped(moment):
        before, after = (offset_change.astimezone(zone) for offset_change in _around(moment))
        raise InvalidInput(
            f"{day_and_time(moment.replace(tzinfo=UTC), UTC)} does not exist in {zone.key}: the clocks go from "
            f"{before:%H:%M} to {after:%H:%M}.",
            next_step=f"Ask the user, and write a time before {before:%H:%M} or from {after:%H:%M} on.",
        )
    if is_doubled(moment):
        first, second = (moment.replace(fold=fold).isoformat(timespec="minutes") for fold in (0, 1))
        raise InvalidInput(
            f"{day_and_time(moment.replace(tzinfo=UTC), UTC)} comes twice in {zone.key}, as the clocks are set back.",
            next_step=f"Ask the user which is meant, and write {first} for the first or {second} for the second.",
        )
    return moment


def is_doubled(moment: datetime) -> bool:
    """Whether the clocks show this local time twice.

    >>> is_doubled(datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin")))
    True
    """
    return _change_at(moment) < timedelta()


def is_skipped(moment: datetime) -> bool:
    """Whether the clocks jump over this local time.

    >>> is_skipped(datetime(2026, 3, 29, 2, 30, tzinfo=ZoneInfo("Europe/Berlin")))
    True
    """
    return _change_at(moment) > timedelta()


def _change_at(moment: datetime) -> timedelta:
    """How far the clocks are put forward at this local time; 0 at any other, and for a time without a zone."""
    before, after = (moment.replace(fold=fold).utcoffset() or timedelta() for fold in (0, 1))
    return after - before


def _around(moment: datetime) -> tuple[datetime, datetime]:
    """The local time at which the clocks jump, and the one to which they do, as moments of two offsets.

    The jump is found to the minute between the two readings of a time that does not exist.
    """
    low, high = moment.replace(fold=1).astimezone(UTC), moment.replace(fold=0).astimezone(UTC)
    zone = moment.tzinfo
    offset = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    jump = (high + timedelta(seconds=30)).replace(second=0, microsecond=0)
    before = jump.astimezone(UTC) + (offset or timedelta())
    return before.replace(tzinfo=zone, fold=0), jump.astimezone(zone)
