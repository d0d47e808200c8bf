"""The best times for several people, from when they are busy and when they work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from outlook_mcp.calendar.periods import EventPeriod
from outlook_mcp.calendar.schedules import BusyTime, PersonsTimes

_STEP = timedelta(minutes=15)
_MOST_TIMES = 5
_MOST_A_DAY = 2
# How much worse a time is for each person whom something speaks against. To miss somebody is worse than all else.
_BUSY, _AT_NIGHT, _OUTSIDE_HOURS, _PERHAPS_BUSY, _KEPT = 1000, 400, 100, 20, 5
_NIGHT = (time(7), time(21))
_LUNCH = (time(12), time(13))


@dataclass(frozen=True, slots=True)
class GoodTime:
    """A time, and the addresses of those whom something speaks against it; all empty when nothing does."""

    start: datetime
    end: datetime
    busy: Sequence[str] = ()
    perhaps_busy: Sequence[str] = ()
    outside_hours: Sequence[str] = ()
    kept: Sequence[str] = ()
    at_night: Sequence[str] = ()

    @property
    def penalty(self) -> int:
        """0 for a time that is good for everybody."""
        return (
            _BUSY * len(self.busy)
            + _AT_NIGHT * len(self.at_night)
            + _OUTSIDE_HOURS * len(self.outside_hours)
            + _PERHAPS_BUSY * len(self.perhaps_busy)
            + _KEPT * len(self.kept)
        )


@dataclass(frozen=True, slots=True)
class _Grid:
    """The quarters of an hour of a period, each 0 or 1 for what speaks against it; one row for each person."""

    busy: Sequence[bytearray]
    perhaps_busy: Sequence[bytearray]
    outside_hours: Sequence[bytearray]
    kept: Sequence[bytearray]
    at_night: Sequence[bytearray]


def best_times(people: Sequence[PersonsTimes], period: EventPeriod, length: timedelta) -> list[GoodTime]:
    """Up to five, the best first, at most two a day, none overlapping another; the user is the first person.

    Times at which the user is busy come only when there are no others.
    """
    seen = [person for person in people if not person.unseen]
    candidates = sorted(_candidates(seen, period, length), key=lambda found: (found.penalty, found.start))
    user = people[0].address if people else ""
    free = [found for found in candidates if user not in found.busy] or candidates
    # Where there are others, nobody is woken.
    by_day = [found for found in free if not found.at_night]
    return _spread(by_day or free, period.start.tzinfo or UTC)


def common_times(
    people: Sequence[PersonsTimes], period: EventPeriod, least: timedelta
) -> list[tuple[datetime, datetime]]:
    """When everybody who can be seen works and is free, at least so long, in the order of the clock."""
    seen = [person for person in people if not person.unseen]
    grid, starts = _grid_of(seen, period)
    rows = [*grid.busy, *grid.perhaps_busy, *grid.outside_hours]
    found: list[tuple[datetime, datetime]] = []
    for place, start in enumerate(starts):
        if any(row[place] for row in rows):
            continue
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], start + _STEP)
        else:
            found.append((start, start + _STEP))
    return [(start, end) for start, end in found if end - start >= least]


def _candidates(people: Sequence[PersonsTimes], period: EventPeriod, length: timedelta) -> Iterator[GoodTime]:
    grid, starts = _grid_of(people, period)
    addresses = [person.address for person in people]
    count = -(-length // _STEP)
    zone = period.start.tzinfo or UTC
    step = 15 if length <= _STEP else 30

    def against(rows: Sequence[bytearray], place: int) -> list[str]:
        return [address for address, row in zip(addresses, rows, strict=True) if any(row[place : place + count])]

    for place in range(len(starts) - count + 1):
        start = starts[place]
        if start.astimezone(zone).minute % step == 0:
            yield GoodTime(
                start,
                start + length,
                against(grid.busy, place),
                against(grid.perhaps_busy, place),
                against(grid.outside_hours, place),
                against(grid.kept, place),
                against(grid.at_night, place),
            )


def _grid_of(people: Sequence[PersonsTimes], period: EventPeriod) -> tuple[_Grid, list[datetime]]:
    first, last = period.start.astimezone(UTC), period.end.astimezone(UTC)
    # On the quarters of an hour, which are the same in all zones.
    behind = timedelta(minutes=first.minute % 15, seconds=first.second, microseconds=first.microsecond)
    first += _STEP - behind if behind else timedelta()
    starts = [first + place * _STEP for place in range(max(0, (last - first) // _STEP))]
    rows = [_rows_of(person, starts) for person in people]
    return _Grid(*([row[place] for row in rows] for place in range(5))), starts


def _rows_of(person: PersonsTimes, starts: Sequence[datetime]) -> tuple[bytearray, ...]:
    busy, perhaps, outside, kept, night = (bytearray(len(starts)) for _ in range(5))
    of_kind = {"busy": busy, "tentative": perhaps, "kept": kept}
    if starts:
        for taken in person.busy:
            _mark(of_kind[taken.kind], taken, starts)
    for place, start in enumerate(starts):
        if person.hours is not None:
            outside[place] = not person.hours.include(start)
            local = start.astimezone(person.hours.zone).time()
            kept[place] |= _LUNCH[0] <= local < _LUNCH[1]
            night[place] = bool(outside[place]) and not _NIGHT[0] <= local < _NIGHT[1]
    return busy, perhaps, outside, kept, night


def _mark(row: bytearray, taken: BusyTime, starts: Sequence[datetime]) -> None:
    """Marks each quarter of an hour that has a part of this time."""
    first = max(0, (taken.start - starts[0]) // _STEP)
    end = min(len(row), -(-(taken.end - starts[0]) // _STEP))
    for place in range(first, end):
        row[place] = 1


def _spread(candidates: Sequence[GoodTime], zone: tzinfo) -> list[GoodTime]:
    chosen: list[GoodTime] = []
    for found in candidates:
        day = found.start.astimezone(zone).date()
        is_full = sum(other.start.astimezone(zone).date() == day for other in chosen) >= _MOST_A_DAY
        is_taken = any(found.start < other.end and other.start < found.end for other in chosen)
        if not is_full and not is_taken:
            chosen.append(found)
        if len(chosen) == _MOST_TIMES:
            break
    return chosen
