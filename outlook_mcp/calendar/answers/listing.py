"""A list of events: one line each, by day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.frame import framed
from outlook_mcp.answers.subjects import subject_line
from outlook_mcp.calendar.answers.attendance import Attendance
from outlook_mcp.calendar.answers.when import foreign_time, hour, short_day, time_within_day, unknown_zone_note
from outlook_mcp.calendar.calendar_names import calendar_name
from outlook_mcp.calendar.event_list import EventList, TimedEvent
from outlook_mcp.calendar.models import Event
from outlook_mcp.calendar.periods import EventPeriod
from outlook_mcp.errors.counting import counted
from outlook_mcp.text.characters import one_line
from outlook_mcp.text.dates import day_heading

_LONGEST_SUBJECT = 80
_LONGEST_PLACE = 40
_LONGEST_CALENDAR = 40
# No tokeniser makes more tokens than bytes; the rest of an answer is far below what is left of 23,000.
_MOST_BYTES = 21_000
_PROVIDERS = {"teamsforbusiness": "Teams", "skypeforbusiness": "Skype", "skypeforconsumer": "Skype"}
_LEGEND = {
    "!": "overlaps another",
    "?": "invitation not answered",
    "~": "tentative",
    "x": "called off",
    "n": "declined",
    "p": "private",
    "f": "shown as free",
    "o": "out of office",
    "e": "works elsewhere",
}


def events_answer(context: AnswerContext, found: EventList) -> str:
    """The events of a period by day, what the marks mean, and whether that is all of them."""
    if not found.events and not found.free:
        return _ending(context, found, 0, None)
    listing = _Listing(context, found)
    lines = listing.lines()
    return f"{framed(chr(10).join(lines))}\n{listing.legend()}{_ending(context, found, listing.shown, listing.rest)}"


def events_on_page(context: AnswerContext, found: EventList) -> tuple[Sequence[TimedEvent], datetime | None]:
    """The events that the answer has room for, and when the first begins that it has no room for, if there is one."""
    listing = _Listing(context, found)
    listing.lines()
    return found.events[: listing.shown], listing.rest


@dataclass(slots=True)
class _Listing:
    """`shown` counts the events in the lines, `rest` is when the first begins that has no room among them."""

    context: AnswerContext
    found: EventList
    used: set[str] = field(default_factory=set)
    shown: int = 0
    rest: datetime | None = None

    @property
    def is_mixed(self) -> bool:
        return self.found.calendar is None and any(item.calendar for item in self.found.events)

    def lines(self) -> list[str]:
        overlapping = _overlapping(self.found.events)
        people = Attendance(self.context)
        lines: list[str] = []
        size = 0
        today = self.context.now.astimezone(self.context.zone).date()
        for day, items in _by_day(self.found):
            heading = day_heading(day, today) + self._free(day)
            for item in items:
                marks = _marks(item.event, is_overlapping=item.event.id in overlapping)
                line = self._line(item, day, marks, people)
                size += len(line.encode()) + len(heading) + 2
                if size > _MOST_BYTES:
                    self.rest = item.time.start
                    return lines
                lines += [heading, line] if heading else [line]
                heading = ""
                self.used.update(marks)
                self.shown += 1
            if heading:
                lines.append(heading)
        return lines

    def legend(self) -> str:
        marks = ", ".join(f"{mark} {meaning}" for mark, meaning in _LEGEND.items() if mark in self.used)
        return f"{marks}. " if marks else ""

    def _free(self, day: date) -> str:
        """`; free 9-9:15, 11-12`."""
        free = ", ".join(f"{hour(start)}-{hour(end)}" for start, end in self.found.free.get(day, ()))
        return f"; free {free}" if free else ""

    def _line(self, item: TimedEvent, day: date, marks: str, people: Attendance) -> str:
        event = item.event
        context = self.context if item.ids is None else replace(self.context, handles=item.ids)
        calendar = f" [{one_line(item.calendar, _LONGEST_CALENDAR)}]" if item.calendar and self.is_mixed else ""
        when = time_within_day(item.time, day)
        if item.is_hidden:
            return f"{context.handle(event.id)} {when}{f' {marks}' if marks else ''} (private){calendar}"
        own = foreign_time(event, item.time) or unknown_zone_note(item.time)
        where = place_of(event)
        who = people.line_of(event, is_own=not item.is_foreign)
        return (
            f"{context.handle(event.id)} {when}{f' ({own})' if own else ''}{f' {marks}' if marks else ''} "
            f"{subject_line(event.subject, _LONGEST_SUBJECT)}"
            f"{f', {where}' if where else ''}{f'; {who}' if who else ''}{calendar}"
        )


def place_of(event: Event, longest: int = _LONGEST_PLACE) -> str:
    """Where it is; of an online meeting without another place, by what it is held."""
    place = one_line((event.location and event.location.display_name) or "", longest)
    if not event.is_online_meeting:
        return place
    provider = _PROVIDERS.get((event.online_meeting_provider or "").lower(), "online")
    return provider if not place or provider.lower() in place.lower() else place


def _marks(event: Event, *, is_overlapping: bool) -> str:
    is_out = event.show_as == "oof" and not event.is_cancelled
    set_marks = {
        "!": is_overlapping,
        "?": event.is_unanswered,
        "x": bool(event.is_cancelled),
        "n": event.response == "declined",
        "~": event.response == "tentativelyAccepted" or (event.show_as == "tentative" and not event.is_unanswered),
        "p": event.is_private,
        "f": event.show_as == "free" and not event.is_cancelled,
        "o": is_out,
        "e": event.show_as == "workingElsewhere",
    }
    return "".join(mark for mark, is_set in set_marks.items() if is_set)


def _overlapping(items: Sequence[TimedEvent]) -> set[str]:
    """The ids of events that take time when another one of the same person does.

    All-day events would be in the way of all others.
    """
    open_: list[TimedEvent] = []
    found: set[str] = set()
    for item in items:
        if item.time.is_all_day or not item.event.takes_time:
            continue
        open_ = [other for other in open_ if other.time.overlaps(item.time)]
        clashing = [other for other in open_ if other.owner == item.owner]
        if clashing:
            found.update([item.event.id, *(other.event.id for other in clashing)])
        open_.append(item)
    return found


def _by_day(found: EventList) -> Iterator[tuple[date, list[TimedEvent]]]:
    """The events below the day they begin on, and those that began before the period below its first day.

    A day without an event is there where it has free times.
    """
    days: dict[date, list[TimedEvent]] = {day: [] for day in found.free}
    first = found.period.start.date()
    for item in found.events:
        days.setdefault(max(item.time.first_day, first), []).append(item)
    yield from sorted(days.items())


def _ending(context: AnswerContext, found: EventList, shown: int, rest: datetime | None) -> str:
    """`Times in Europe/Berlin. All 30 events from Mon 30 Nov to Sun 6 Dec 2026.`"""
    what = f"{_with_text(found)} {_period_words(found.period)}{_of_calendar(found)}"
    zone = f"Times in {context.zone_name}. " if shown or found.free else ""
    begin = rest or found.read_to
    if begin is not None:
        goes_on = f"start={begin:%Y-%m-%dT%H:%M}, end={_end_argument(found)}"
        said = f"The first {counted(shown, 'event')}{what}; more follow: go on with {goes_on}."
    elif found.unread or found.untimed:
        said = f"{counted(shown, 'event')}{what}."
    elif shown > 1:
        said = f"All {counted(shown, 'event')}{what}."
    else:
        said = f"{'The only' if shown else 'No'} event{what}."
    if found.free_minutes:
        said += f" Free are times of {found.free_minutes} min or more in working hours; a day that shows none has none."
    for name, error in found.unread:
        which = calendar_name(name) if name else "of the mailbox"
        said += f" The calendar {which} is missing: {context.error_text(error)}"
    if found.untimed:
        said += f" {counted(found.untimed, 'event')} could not be read, as Graph gave no time."
    return zone + said


def _period_words(period: EventPeriod) -> str:
    """`from Mon 30 Nov 2026 to Sun 6 Dec 2026`, with the times of day where it is not of whole days."""
    first, last = short_day(period.start.date()), short_day(period.last_day)
    if period.start.time() == period.end.time() == time():
        return f"on {first}" if first == last else f"from {first} to {last}"
    end = f"{period.end:%H:%M}" if period.end.time() != time() else "24:00"
    return f"from {first} {period.start:%H:%M} to {f'{last} ' if first != last else ''}{end}"


def _of_calendar(found: EventList) -> str:
    """Which calendar was looked at."""
    if found.calendar is None:
        return " in the calendars that could be read" if found.unread else " in all calendars"
    return f" in the calendar {calendar_name(found.calendar)}" if found.calendar else " in the default calendar"


def _end_argument(found: EventList) -> str:
    """The end of the period as a caller writes it: a day belongs to it."""
    end = found.period.end
    return f"{end:%Y-%m-%dT%H:%M}" if end.time() != time() else found.period.last_day.isoformat()


def _with_text(found: EventList) -> str:
    if not found.text:
        return ""
    return f" of {found.looked_at:,} with these words in subject, place, people or the beginning of the text"
