"""Events of a list, and events that were read as fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.fields import (
    Failure,
    Fields,
    PersonFields,
    Untrusted,
    all_words,
    failures,
    person_fields,
    words,
)
from outlook_mcp.answers.frame import texts_on_page
from outlook_mcp.calendar.answers.listing import events_on_page, place_of
from outlook_mcp.calendar.answers.reading import event_block
from outlook_mcp.calendar.event_ids import EventIds
from outlook_mcp.calendar.event_list import EventList, TimedEvent
from outlook_mcp.calendar.models import Attendee, Event
from outlook_mcp.calendar.reading import ReadEvent, ReadEvents
from outlook_mcp.calendar.times import EventTime, event_time
from outlook_mcp.graph.models import Address
from outlook_mcp.graph.recurrence_words import recurrence_words
from outlook_mcp.text.links import real_url

_LONGEST_LINK = 2_000
_MOST_LISTED, _MOST_READ = 10, 60


class AttendeeFields(PersonFields, frozen=True, kw_only=True):
    """`response` is none, organizer, accepted, tentativelyAccepted, declined or notResponded; `type` is required,
    optional or resource."""

    response: str = ""
    type: str = ""


class EventWords(Untrusted, frozen=True, kw_only=True):
    """What its organizer and attendees wrote. Of many attendees the first are named, and `more_attendees` counted.

    `text` is what the page that was asked for has of the body. `series` says by which rule it is repeated. Where there
    is an `unknown_zone`, the times are those of its clocks.
    """

    subject: str = ""
    place: str = ""
    calendar: str = ""
    organizer: PersonFields | None = None
    attendees: list[AttendeeFields] = []
    more_attendees: int = 0
    categories: list[str] = []
    join_url: str = ""
    unknown_zone: str = ""
    series: str = ""
    text: str = ""


class EventTimes(Fields, frozen=True, kw_only=True):
    """From `start` to `end`; of an all-day event the first moment of its first day and of the day after its last."""

    start: datetime
    end: datetime
    all_day: bool = False


class EventFields(Fields, frozen=True, kw_only=True):
    """An event; of a private one of somebody else only the time. `response` is the answer of the owner of the calendar,
    `show_as` how their time is shown. `series_id` is the series that it is a date of. What is only prepared has no id.
    """

    id: str = ""
    times: EventTimes | None = None
    series_id: str = ""
    kind: str = ""
    mine: bool = False
    cancelled: bool = False
    private: bool = False
    hidden: bool = False
    online: bool = False
    response: str = ""
    unanswered: bool = False
    show_as: str = ""
    has_files: bool = False
    hidden_characters: int = 0
    untrusted: EventWords = EventWords()


class FreeTime(Fields, frozen=True, kw_only=True):
    """A time that nothing takes."""

    start: datetime
    end: datetime


class UnreadCalendar(Untrusted, frozen=True, kw_only=True):
    """A calendar, without a name the one of the mailbox, and why it could not be read."""

    calendar: str = ""
    error: str


class ListWords(Untrusted, frozen=True, kw_only=True):
    """The calendar that was looked at, where it is another than the default one; those that could not be read."""

    calendar: str = ""
    unread: list[UnreadCalendar] = []


class EventsListed(Fields, frozen=True, kw_only=True):
    """The events of the period from `start` to `end`. `complete`: these are all; else more begin at `read_to` or later.

    `without_time` counts events for which there is no time.
    """

    start: datetime
    end: datetime
    events: list[EventFields]
    complete: bool
    read_to: datetime | None = None
    without_time: int = 0
    free: list[FreeTime] = []
    untrusted: ListWords = ListWords()


class EventsRead(Fields, frozen=True, kw_only=True):
    """The events of this page; the next begins at `next_offset`."""

    events: list[EventFields]
    failed: list[Failure] = []
    next_offset: int | None = None


def events_fields(context: AnswerContext, found: EventList) -> EventsListed:
    """The events of a period, and whether that is all of them."""
    free = [FreeTime(start=start, end=end) for day in sorted(found.free) for start, end in found.free[day]]
    events, rest = events_on_page(context, found)
    read_to = rest or found.read_to
    return EventsListed(
        start=found.period.start,
        end=found.period.end,
        events=[_timed(context, item) for item in events],
        complete=read_to is None and not found.unread,
        read_to=read_to,
        without_time=found.untimed,
        free=free,
        untrusted=ListWords(
            calendar=words(found.calendar),
            unread=[
                UnreadCalendar(calendar=words(name), error=context.error_text(error)) for name, error in found.unread
            ],
        ),
    )


def read_events_fields(context: AnswerContext, found: ReadEvents, offset: int = 0) -> EventsRead:
    """Events in full, and why others could not be read."""
    texts, following = texts_on_page([event_block(context, item) for item in found.items], offset)
    return EventsRead(
        events=[_read_event(context, found.items[number], text) for number, text in texts.items()],
        failed=failures(context, found.failed),
        next_offset=following,
    )


def event_fields(context: AnswerContext, event: Event, *, is_own: bool = True, text: str = "") -> EventFields:
    """An event of the calendar that `context` has the ids of; `is_own`: it is the caller's. `text` is what is read."""
    time = event_time(event, context.zone)
    return _event(context, event, time, _words(event, time, text=text), is_own=is_own)


def times_of(time: EventTime) -> EventTimes:
    """When an event is."""
    return EventTimes(start=time.start, end=time.end, all_day=time.is_all_day)


def _timed(context: AnswerContext, item: TimedEvent) -> EventFields:
    context = _with_ids(context, item.ids)
    if item.is_hidden:
        return _hidden(context, item.event, item.time)
    told = _words(item.event, item.time, calendar=item.calendar)
    return _event(context, item.event, item.time, told, is_own=not item.is_foreign)


def _read_event(context: AnswerContext, item: ReadEvent, text: str) -> EventFields:
    event, context = item.event, _with_ids(context, item.ids)
    time = event_time(event, context.zone)
    if item.is_hidden:
        return _hidden(context, event, time)
    series = recurrence_words(item.series.recurrence) if item.series and item.series.recurrence else ""
    return _event(
        context,
        event,
        time,
        _words(event, time, series=series, text=text if item.text.text else ""),
        item.text.hidden_chars,
        is_own=not item.is_foreign,
    )


def _with_ids(context: AnswerContext, ids: EventIds | None) -> AnswerContext:
    return context if ids is None else replace(context, handles=ids)


def _hidden(context: AnswerContext, event: Event, time: EventTime | None) -> EventFields:
    return EventFields(id=context.handle(event.id), times=times_of(time) if time else None, private=True, hidden=True)


def _event(
    context: AnswerContext,
    event: Event,
    time: EventTime | None,
    untrusted: EventWords,
    hidden_characters: int = 0,
    *,
    is_own: bool = True,
) -> EventFields:
    return EventFields(
        id=context.handle(event.id) if event.id else "",
        times=times_of(time) if time else None,
        series_id=context.handle(event.series_master_id) if event.series_master_id else "",
        kind=words(event.type),
        mine=bool(event.is_organizer) and is_own,
        cancelled=bool(event.is_cancelled),
        private=event.is_private,
        online=bool(event.is_online_meeting),
        response=words(event.response),
        unanswered=event.is_unanswered,
        show_as=words(event.show_as),
        has_files=bool(event.has_attachments),
        hidden_characters=hidden_characters,
        untrusted=untrusted,
    )


def _words(
    event: Event,
    time: EventTime | None,
    *,
    calendar: str = "",
    series: str = "",
    text: str = "",
) -> EventWords:
    organizer = event.organizer.email_address if event.organizer else None
    return EventWords(
        subject=words(event.subject),
        place=place_of(event, 200),
        calendar=words(calendar),
        organizer=person_fields(organizer) if organizer else None,
        attendees=_attendees(event.attendees[:_MOST_LISTED]),
        more_attendees=max(0, len(event.attendees) - _MOST_LISTED),
        categories=all_words(event.categories),
        join_url=words(real_url(event.join_url) if event.join_url else "", _LONGEST_LINK),
        unknown_zone=words(time.unknown_zone) if time else "",
        series=series,
        text=text,
    )


def _attendees(people: Sequence[Attendee]) -> list[AttendeeFields]:
    named = [(person, person_fields(person.email_address or Address())) for person in people]
    return [
        AttendeeFields(name=shown.name, address=shown.address, response=words(person.response), type=words(person.type))
        for person, shown in named
    ]
