"""Events in full: when, where, who, state, and the text as its readers see it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.errors import by_reason
from outlook_mcp.answers.frame import framed_blocks
from outlook_mcp.answers.hidden_text import hidden_in_names, removed_notes, text_or_why
from outlook_mcp.answers.links import link_line
from outlook_mcp.answers.people import full_name
from outlook_mcp.answers.subjects import subject_line
from outlook_mcp.calendar.answers.listing import place_of
from outlook_mcp.calendar.answers.when import SHOWN_AS, foreign_time, short_day, time_within_day, unknown_zone_note
from outlook_mcp.calendar.models import Attendee, Event
from outlook_mcp.calendar.reading import ReadEvent, ReadEvents
from outlook_mcp.calendar.times import event_time
from outlook_mcp.errors.counting import and_more, counted
from outlook_mcp.graph.models import Address
from outlook_mcp.graph.recurrence_words import recurrence_words
from outlook_mcp.text.characters import one_line
from outlook_mcp.text.links import real_url

_LONGEST_SUBJECT = 250
_LONGEST_PLACE = 200
_LONGEST_LINK = 2_000
_MOST_PEOPLE = 60
_MOST_LINKS = 10
_ANSWERS = {
    "accepted": "yes",
    "organizer": "organizer",
    "tentativelyAccepted": "perhaps",
    "declined": "no",
    "notResponded": "no answer",
    "none": "no answer",
}


def read_events_answer(context: AnswerContext, found: ReadEvents, offset: int = 0) -> str:
    """Events one below the other, and why others could not be read."""
    blocks = [event_block(context, item) for item in found.items]
    answer = framed_blocks(blocks, "event", offset, read_on_with=context.read_on_with)
    failed = by_reason((one_line(handle, 60), context.error_text(error)) for handle, error in found.failed)
    return "\n".join([answer, *(f"{', '.join(handles)}: {reason}" for handles, reason in failed)])


def event_block(context: AnswerContext, item: ReadEvent) -> str:
    """One event, not marked as data; its text follows the first empty line."""
    event = item.event
    context = context if item.ids is None else replace(context, handles=item.ids)
    if item.is_hidden:
        return f"[{context.handle(event.id)}] (private)\nWhen: {_when(context, item)}"
    subject = subject_line(event.subject, _LONGEST_SUBJECT)
    lines = [f"[{context.handle(event.id)}] {subject}", f"When: {_when(context, item)}"]
    lines += _changed_dates(context, item)
    if place := place_of(event, _LONGEST_PLACE):
        lines.append(f"Where: {place}")
    lines += [*_join_line(event), *_people_lines(context, event), *_state_lines(item)]
    names = [event.subject, event.location.display_name if event.location else None]
    people = [person.email_address for person in (event.organizer, *event.attendees) if person]
    names += [address.name for address in people if address]
    notes = [*removed_notes(item.text), *hidden_in_names(names, "subject, place or names")]
    if notes:
        lines.append(f"Note: {'; '.join(notes)}")
    return "\n".join([*lines, "", text_or_why(item.text), *_link_lines(item)])


def _when(context: AnswerContext, item: ReadEvent) -> str:
    """`Mon 30 Nov 2026 09:15-09:30 Europe/Berlin (15:15 Asia/Tokyo), one date of a series: every weekday, …`"""
    zone = context.zone
    time = event_time(item.event, zone)
    if time is None:
        return "no time that can be read"
    shown = f"{short_day(time.first_day)} {time_within_day(time, time.first_day)}"
    if time.unknown_zone:
        shown += f" {unknown_zone_note(time)}"
    elif not time.is_all_day:
        shown += f" {context.zone_name}"
        own = foreign_time(item.event, time)
        shown += f" ({own} is its own zone)" if own else ""
    return shown + _series_text(context, item)


def _may_differ(item: ReadEvent) -> str:
    return " (single dates may differ)" if item.changed_dates is None else ""


def _series_text(context: AnswerContext, item: ReadEvent) -> str:
    event = item.event
    words = recurrence_words(item.series.recurrence) if item.series else ""
    if event.type == "seriesMaster":
        return f"; the first of a series, {words or 'whose dates are not told'}{_may_differ(item)}"
    if not event.series_master_id:
        return ""
    kind = "a changed date" if event.type == "exception" else "one date"
    series = f"; {kind} of the series {context.handle(event.series_master_id)}"
    return f"{series}, {words}" if words else series


def _changed_dates(context: AnswerContext, item: ReadEvent) -> Iterator[str]:
    """`Changed dates: Mon 7 Dec 2026 is Tue 8 Dec 2026 14:00-15:00`, and those that do not take place."""
    found = item.changed_dates
    if found is None:
        return
    more = f" ({counted(found.more, 'other')}, past or far ahead, not listed)" if found.more else ""
    if found.changed:
        shown = "; ".join(_changed_date(context, item.event, day, event) for day, event in found.changed)
        yield f"Changed dates: {shown}{'' if found.left_out else more}"
    if found.left_out:
        yield f"Left out: {', '.join(short_day(day) for day in found.left_out)}{more}"
    elif more and not found.changed:
        yield f"Changed or left out from today on: none{more}"


def _changed_date(context: AnswerContext, series: Event, day: date | None, event: Event) -> str:
    time = event_time(event, context.zone)
    when = f"{short_day(time.first_day)} {time_within_day(time, time.first_day)}" if time else "changed"
    shown = f"{short_day(day)} is {when}" if day else when
    if event.is_private and not series.is_private:
        return f"{shown} (private)"
    if event.subject != series.subject:
        shown += f", {subject_line(event.subject, _LONGEST_SUBJECT)}"
    place = place_of(event, _LONGEST_PLACE)
    return f"{shown}, {place}" if place and place != place_of(series, _LONGEST_PLACE) else shown


def _join_line(event: Event) -> list[str]:
    """The address is one of the organizer's choice, so its real host stands there."""
    address = real_url(event.join_url) if event.join_url else None
    if address:
        return [f"Join: {one_line(address, _LONGEST_LINK)}"]
    return ["Join: it is held online, but has no address to join by"] if event.is_online_meeting else []


def _link_lines(item: ReadEvent) -> list[str]:
    """The numbered links of the text: of many meetings the address to join by is one of them alone."""
    links = [link for link in item.text.links if link.url != item.event.join_url]
    more = len(links) - _MOST_LINKS
    shown = [one_line(link_line(link), _LONGEST_LINK) for link in links[:_MOST_LINKS]]
    return ["Links:", *shown, *([f"and {more} more"] if more > 0 else [])] if shown else []


def _people_lines(context: AnswerContext, event: Event) -> list[str]:
    lines = []
    organizer = event.organizer.email_address if event.organizer else None
    if event.attendees or not event.is_organizer:
        lines.append(f"Organizer: {_name(context, organizer or Address())}")
    for label, kind in (("Required", "required"), ("Optional", "optional"), ("Rooms", "resource")):
        people = [person for person in event.attendees if (person.type or "required").lower() == kind]
        if people:
            lines.append(f"{label}: {_answers(context, event, people)}")
    if event.hide_attendees:
        lines.append("The people invited do not see each other.")
    return lines


def _answers(context: AnswerContext, event: Event, people: Sequence[Attendee]) -> str:
    shown = [_attendee(context, event, person) for person in people[:_MOST_PEOPLE]]
    return ", ".join(shown) + and_more(len(people), _MOST_PEOPLE)


def _attendee(context: AnswerContext, event: Event, person: Attendee) -> str:
    """Exchange tells the answers of all to the organizer alone; the user's own stands beside the event."""
    address = person.email_address or Address()
    name = _name(context, address)
    is_unknown = person.is_unanswered
    if not event.is_organizer and context.is_me(address.address):
        return f"{name} ({_ANSWERS.get(event.response, 'no answer')})"
    if not event.is_organizer and is_unknown:
        return name
    if person.is_room and is_unknown:
        return f"{name} (not booked yet)"
    return f"{name} ({_ANSWERS.get(person.response, 'no answer')})"


def _name(context: AnswerContext, person: Address) -> str:
    return "me" if context.is_me(person.address) else full_name(person)


def _state_lines(item: ReadEvent) -> list[str]:
    event = item.event
    states = []
    if event.is_cancelled:
        states.append("called off by its organizer")
    if event.is_unanswered:
        asked = "" if event.response_requested else "; its organizer asks for no answer"
        who = "the owner of the calendar has" if item.is_foreign else "I have"
        states.append(f"{who} not answered{asked}")
    elif not event.is_organizer and event.response in ("accepted", "tentativelyAccepted", "declined"):
        whose = "answer of the owner of the calendar" if item.is_foreign else "my answer"
        states.append(f"{whose}: {_ANSWERS[event.response]}")
    shown_as = SHOWN_AS.get(event.show_as or "")
    states += [f"shown as {shown_as}"] if shown_as else []
    states += [f"{event.sensitivity}"] if event.is_private else []
    states += [f"{event.importance} importance"] if event.importance in ("low", "high") else []
    states += [f"category {one_line(name, 40)}" for name in event.categories[:8]]
    states += ["has attachments, which only Outlook opens"] if event.has_attachments else []
    if item.invitation and item.invitation.is_out_of_date:
        states.append("the message is out of date: a later one changed the meeting")
    return [f"State: {', '.join(states)}"] if states else []
