"""Free times: the best ones, what speaks against each, and whose calendar could not be seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.frame import framed_names
from outlook_mcp.answers.people import address_words
from outlook_mcp.calendar.answers.when import hour, short_day
from outlook_mcp.calendar.finding import FoundTimes
from outlook_mcp.calendar.free_times import GoodTime
from outlook_mcp.calendar.periods import EventPeriod
from outlook_mcp.errors.counting import and_more, counted
from outlook_mcp.text.characters import one_line

_LONGEST_ADDRESS = 100
_LONGEST_NAME = 80
_MOST_NAMED = 6
_MOST_CALENDARS = 6
_MOST_RANGES = 24


def free_times_answer(context: AnswerContext, found: FoundTimes) -> str:
    """The best times first, then all that are good for everybody, then what is not known."""
    others = counted(len(found.people) - 1, "other")
    period = _period_words(context, found.period)
    head = f"{found.minutes} min for the user and {others}, {period}, {context.zone_name}."
    if len(found.people) == 1:
        head = f"{found.minutes} min for the user, {period}, {context.zone_name}."
    who = "all who can be seen" if any(person.unseen for person in found.people) else "all"
    free = "all free" if who == "all" else f"{who} are free"
    named = [f"{one_line(name, _LONGEST_NAME)!r} is {address_words(address)}" for name, address in found.named.items()]
    lines = [head, *([f"{', '.join(named)}."] if named else []), *_best_lines(context, found.best, free)]
    if not found.best:
        lines.append("No time in this period is long enough.")
    if found.common:
        lines.append(f"{free.capitalize()} in working hours: {_ranges(context, found.common)}.")
    elif found.best:
        lines.append(f"Never are {who} free in their working hours.")
    return "\n".join([*lines, *_zone_lines(context, found), *_unknown_lines(found)])


def _period_words(context: AnswerContext, period: EventPeriod) -> str:
    """`Mon 30 Nov 2026 to Sun 6 Dec 2026`, with the times of day where only a part of the last day is looked at."""
    start, end = period.start.astimezone(context.zone), period.end.astimezone(context.zone)
    last, until = short_day(period.last_day), f" {end:%H:%M}" if end.hour or end.minute else ""
    if start.date() != period.last_day:
        return f"{short_day(start.date())} to {last}{until}"
    return f"{last} {start:%H:%M} to{until}" if until else last


def _best_lines(context: AnswerContext, times: Sequence[GoodTime], free: str) -> Iterator[str]:
    for number, time in enumerate(times, 1):
        start, end = time.start.astimezone(context.zone), time.end.astimezone(context.zone)
        until = f"{end:%H:%M}" if end.date() == start.date() else f"{short_day(end.date(), start.date())} {end:%H:%M}"
        yield f"{number}. {short_day(start.date())} {start:%H:%M}-{until}: {_against(context, time) or free}"


def _against(context: AnswerContext, time: GoodTime) -> str:
    said = {
        "busy": time.busy,
        "perhaps busy": time.perhaps_busy,
        "at night": time.at_night,
        "outside working hours": [address for address in time.outside_hours if address not in time.at_night],
        "at lunch or focus time": time.kept,
    }
    return "; ".join(f"{what}: {_names(context, who)}" for what, who in said.items() if who)


def _names(context: AnswerContext, addresses: Sequence[str]) -> str:
    shown = ["the user" if context.is_me(address) else _short(context, address) for address in addresses[:_MOST_NAMED]]
    return ", ".join(shown) + and_more(len(addresses), _MOST_NAMED)


def _short(context: AnswerContext, address: str) -> str:
    """A colleague by the part before the `@`."""
    name, _, domain = address.rpartition("@")
    is_colleague = domain.lower() == context.mailbox_address.rpartition("@")[2].lower()
    return one_line(name if is_colleague else address, _LONGEST_ADDRESS)


def _ranges(context: AnswerContext, ranges: Sequence[tuple[datetime, datetime]]) -> str:
    """`Mon 30 Nov 9-11:30, 13-17; Tue 1 9-12`."""
    days: dict[date, list[str]] = {}
    first: date | None = None
    for start, end in ((pair[0].astimezone(context.zone), pair[1].astimezone(context.zone)) for pair in ranges):
        first = first or start.date()
        days.setdefault(start.date(), []).append(f"{hour(start)}-{hour(end)}")
    shown = [f"{short_day(day, first)} {', '.join(found)}" for day, found in days.items()]
    more = sum(map(len, days.values())) - _MOST_RANGES
    return "; ".join(shown[:_MOST_RANGES]) + ("; and more" if more > 0 and len(shown) > _MOST_RANGES else "")


def _zone_lines(context: AnswerContext, found: FoundTimes) -> Iterator[str]:
    """By whose clock the best time is another one."""
    at = found.best[0].start if found.best else found.period.start
    here = at.astimezone(context.zone)
    clocks: dict[str, list[str]] = {}
    for person in found.people:
        if person.unseen or person.hours is None or person.address in found.assumed:
            continue
        there = at.astimezone(person.hours.zone)
        if there.utcoffset() != here.utcoffset():
            day = "" if there.date() == here.date() else f" {short_day(there.date(), here.date())}"
            clocks.setdefault(f"{there:%H:%M}{day} in {person.hours.zone}", []).append(person.address)
    for clock, people in clocks.items():
        yield f"{here:%H:%M} here is {clock}: {_names(context, people)}."


def _unknown_lines(found: FoundTimes) -> Iterator[str]:
    if found.counted:
        yield f"The user's other calendars count too: {framed_names(found.counted, most=_MOST_CALENDARS)}."
    if found.unread:
        yield f"Not looked at are calendars of the user: {framed_names(found.unread, most=_MOST_CALENDARS)}."
    unseen: dict[str, list[str]] = {}
    for person in found.people:
        if person.unseen:
            unseen.setdefault(person.unseen, []).append(one_line(person.address, _LONGEST_ADDRESS))
    for why, people in unseen.items():
        yield f"Not looked at ({why}): {', '.join(people)}. Ask them."
    if found.assumed:
        shown = ", ".join(one_line(address, _LONGEST_ADDRESS) for address in found.assumed[:_MOST_NAMED])
        more = and_more(len(found.assumed), _MOST_NAMED)
        yield f"Working hours not known, taken as Mon-Fri 9-17:30 here: {shown}{more}."
