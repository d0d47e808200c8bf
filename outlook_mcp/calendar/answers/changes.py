"""What was saved, prepared, sent or deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.frame import framed
from outlook_mcp.answers.people import address_words
from outlook_mcp.answers.subjects import subject_line
from outlook_mcp.calendar.answers.when import SHOWN_AS, foreign_time, short_day, time_within_day
from outlook_mcp.calendar.calendar_names import calendar_name
from outlook_mcp.calendar.calendars import OneCalendar
from outlook_mcp.calendar.changes.fields import EventToChange
from outlook_mcp.calendar.changes.results import Deleted, Prepared, Saved, Sent, Shown
from outlook_mcp.calendar.changes.rooms import rooms_of
from outlook_mcp.calendar.times import event_time, is_before
from outlook_mcp.errors.counting import counted
from outlook_mcp.graph.recurrence_words import recurrence_words
from outlook_mcp.text.characters import one_line

_LONGEST_TEXT = 200
_LONGEST_BODY = 12_000
_MOST_CONFLICTS = 8
_KINDS = {"optional": " (optional)", "resource": " (room)"}
_NOT_ONLINE = "It was to be held online, but this mailbox makes no online meetings: it has no address to join by."
_NOBODY = "Nobody else was told."
_ALL_DATES = " (all dates of the series)"
_NOT_YET = "Not saved yet: what was changed or left out on single dates of the series would be lost."


def saved_answer(context: AnswerContext, result: Saved | Prepared | Sent) -> str:
    """What was saved, or what is prepared and how it is made."""
    if isinstance(result, Sent):
        return sent_event_answer(context, result)
    if result.calendar is not None:
        context = replace(context, handles=result.calendar.ids)
    return _prepared_answer(context, result) if isinstance(result, Prepared) else _saved_answer(context, result)


def sent_event_answer(context: AnswerContext, sent: Sent) -> str:
    """What was done and who gets mail."""
    told = f"Mail goes to {_addresses(sent.told, address_words)}." if sent.told else _NOBODY
    event = sent.event
    what = subject_line(event.subject if event else None, _LONGEST_TEXT)
    # What is in another mailbox has another id, which a list of that calendar tells.
    name = f"{context.handle(sent.event_id)} " if sent.event_id and not sent.mailbox else ""
    where = f" in the calendar {calendar_name(sent.mailbox)}" if sent.mailbox else ""
    lines = [f"{sent.what.capitalize()}{where}: {framed(f'{name}{what}{_when_text(context, event)}')}", told]
    if sent.proposed is not None:
        start, end = (moment.astimezone(context.zone) for moment in (sent.proposed.start, sent.proposed.end))
        lines.append(f"Proposed instead: {short_day(start.date())} {start:%H:%M}-{end:%H:%M} {context.zone_name}.")
    told_rooms = rooms_of(event) & {address.lower() for address in sent.told} if event else set()
    if sent.what == "sent" and told_rooms:
        rooms = _addresses(sorted(told_rooms), address_words)
        lines.append(f"Not booked yet: {rooms}. A room answers by itself in a moment; event_read tells.")
    if sent.was_verified:
        lines.append("Its answer was lost; a look afterwards shows that it was made, once.")
    if sent.is_not_online:
        lines.append(_NOT_ONLINE)
    if sent.what in ("accepted", "tentatively accepted", "declined") and not sent.told:
        lines.append("The organizer asks for no answer, so it is noted in this calendar alone.")
    return "\n".join(lines)


def deleted_answer(context: AnswerContext, deleted: Deleted) -> str:
    """What was deleted, and why others were not."""
    named = [one_line(handle, 60) + (_ALL_DATES if handle in deleted.series else "") for handle, _ in deleted.done]
    lines = [f"Deleted: {', '.join(named)}. {_NOBODY}"]
    if theirs := [one_line(handle, 60) for handle, is_theirs in deleted.done if is_theirs]:
        lines.append(f"The organizers of {', '.join(theirs)} were not told; event_send with decline tells them.")
    lines += [f"Not deleted {one_line(handle, 60)}: {context.error_text(error)}" for handle, error in deleted.failed]
    return "\n".join(lines)


def _saved_answer(context: AnswerContext, saved: Saved) -> str:
    is_new = saved.shown.before is None
    event = saved.event
    shown = Shown(body=saved.shown.body, before=saved.shown.before, after=event, conflicts=saved.shown.conflicts)
    where = _in_calendar(saved.calendar)
    done = "Created" if is_new else "Changed"
    lines = [f"{done} {context.handle(event.id)}{_of_all(saved.shown.before)}{where}. {_NOBODY}"]
    lines.append(framed("\n".join(_change_lines(context, shown))))
    if saved.lost:
        lines.append(f"The old series ends before it; lost: {saved.lost}.")
    if saved.shown.body.get("isOnlineMeeting") and not event.is_online_meeting:
        lines.append(_NOT_ONLINE)
    if saved.was_verified:
        lines.append("Its answer was lost; a look afterwards shows that it was made, once.")
    return "\n".join(lines)


def _prepared_answer(context: AnswerContext, prepared: Prepared) -> str:
    parts = []
    for code, shown in prepared.changes:
        before = shown.before
        what = f"a change of {context.handle(before.id)}{_of_all(before)}" if before else "a new meeting"
        lines = [f"Prepared {code}: {what}", *_change_lines(context, shown)]
        parts.append("\n".join(lines))
    tells = any(shown.told for _, shown in prepared.changes)
    how = 'event_send(id="{}", action="send")' if tells else 'event_save(id="{}")'
    calls = " then ".join(how.format(code) for code, _ in prepared.changes)
    lines = ["Not saved and nobody told yet: others would get mail." if tells else _NOT_YET]
    if prepared.calendar is not None and prepared.calendar.name:
        whose = f", in the name of {one_line(prepared.calendar.owner, 100)}" if prepared.calendar.owner else ""
        lines.append(f"It is to be{_in_calendar(prepared.calendar)}{whose}.")
    lines.append(framed("\n\n".join(parts)))
    if prepared.lost:
        lines.append(f"The old series ends before it; lost: {prepared.lost}.")
    lines.append(f"Show all of it to the user. Once they agree: {calls}, within 24 hours.")
    return "\n".join(lines)


def _change_lines(context: AnswerContext, shown: Shown) -> Iterator[str]:
    before, after = shown.before, shown.after
    fields = (("Subject", _subject), ("When", _when), ("Repeats", _repeats), ("Where", _place), ("Shown as", _shown_as))
    for label, text_of in fields:
        now = text_of(context, after)
        old = text_of(context, before) if before else now
        note = _past_note(context, after) if label == "When" and (before is None or now != old) else ""
        if now != old:
            usual = "busy" if label == "Shown as" else "(nothing)"
            yield f"{label}: {old or usual} -> {now or usual}{note}"
        elif now and (before is None or label in ("Subject", "When")):
            yield f"{label}: {now}{note}"
    if "isReminderOn" in shown.body or "reminderMinutesBeforeStart" in shown.body:
        old = f"{_reminder(before)} -> " if before else ""
        yield f"Reminder: {old}{_reminder(after)}"
    if "sensitivity" in shown.body and (before or after.is_private):
        yield f"Private: {'yes' if after.is_private else 'no'}"
    if shown.body.get("isOnlineMeeting") and after.is_online_meeting:
        yield "Online: yes"
    yield from _people_lines(shown)
    for item in shown.conflicts[:_MOST_CONFLICTS]:
        when = time_within_day(item.time, item.time.first_day)
        what = "(private)" if item.is_hidden else one_line(item.event.subject or "", 80)
        yield f"At that time: {context.handle(item.event.id)} {when} {what}"
    if shown.restored:
        what = "Becomes regular again" if shown.body.get("recurrence", True) else "Is lost"
        yield f"{what}: {', '.join(shown.restored)}"
    if shown.text or (before and shown.text is not None):
        if shown.old_text:
            yield from _text_lines("Text before", shown.old_text)
        yield from _text_lines("Text", shown.text)


def _text_lines(label: str, text: str) -> Iterator[str]:
    """Lines of the text itself stand further in, so that none of them can be taken for a line of this answer."""
    cut = f" (first {_LONGEST_BODY:,} of {counted(len(text), 'character')})" if len(text) > _LONGEST_BODY else ""
    lines = text[:_LONGEST_BODY].splitlines() or ["(empty)"]
    if len(lines) == 1:
        yield f"{label}{cut}: {one_line(lines[0], _LONGEST_BODY)}"
        return
    yield f"{label}{cut}:"
    yield from (f"  {one_line(line, _LONGEST_BODY)}".rstrip() for line in lines)


def _reminder(event: EventToChange) -> str:
    return f"{event.reminder_minutes_before_start} min before" if event.is_reminder_on else "none"


def _of_all(before: EventToChange | None) -> str:
    """The words for a change of a whole series; empty for any other change."""
    return _ALL_DATES if before and before.recurrence else ""


def _in_calendar(calendar: OneCalendar | None) -> str:
    return f" in the calendar {calendar_name(calendar.name)}" if calendar and calendar.name else ""


def _people_lines(shown: Shown) -> Iterator[str]:
    kinds = {
        person.email_address.address: _KINDS.get(person.type or "", "")
        for person in shown.after.attendees
        if person.email_address
    }
    groups = (("Is invited", shown.invited), ("Is told", shown.updated), ("Is called off for", shown.called_off))
    for label, addresses in groups:
        if addresses:
            yield f"{label}: {_addresses([address + kinds.get(address, '') for address in addresses])}"
    if shown.outside:
        yield f"Outside the organisation: {_addresses(shown.outside)}"
    if shown.booked:
        yield f"Taken at that time, and will decline: {_addresses(shown.booked)}"
    if shown.never_written_to:
        yield f"Never written to: {_addresses(shown.never_written_to)}"


def _address_line(address: str) -> str:
    return one_line(address, 100)


def _addresses(addresses: Sequence[str], shown: Callable[[str], str] = _address_line) -> str:
    """All of them: whoever agrees has to see everybody. Outside of marks of data `shown` is `address_words`."""
    many = f" ({counted(len(addresses), 'address')})" if len(addresses) > 8 else ""
    return ", ".join(map(shown, addresses)) + many


def _subject(context: AnswerContext, event: EventToChange) -> str:
    return subject_line(event.subject, _LONGEST_TEXT)


def _when(context: AnswerContext, event: EventToChange) -> str:
    time = event_time(event, context.zone)
    if time is None:
        return "no time that can be read"
    shown = f"{short_day(time.first_day)} {time_within_day(time, time.first_day)}"
    if time.is_all_day:
        return shown
    own = foreign_time(event, time)
    return f"{shown} {context.zone_name}{f' ({own})' if own else ''}"


def _past_note(context: AnswerContext, event: EventToChange) -> str:
    """Whoever reckons with dates may be wrong by a year."""
    time = event_time(event, context.zone)
    is_past = time is not None and not time.unknown_zone and is_before(time.end, context.now)
    return " (in the past)" if is_past and not event.recurrence else ""


def _when_text(context: AnswerContext, event: EventToChange | None) -> str:
    if event is None or not event.start:
        return ""
    series = f"; all dates of the series, {_repeats(context, event)}" if event.recurrence else ""
    return f", {_when(context, event)}{series}"


def _repeats(context: AnswerContext, event: EventToChange) -> str:
    return recurrence_words(event.recurrence) if event.recurrence else ""


def _place(context: AnswerContext, event: EventToChange) -> str:
    return one_line((event.location and event.location.display_name) or "", _LONGEST_TEXT)


def _shown_as(context: AnswerContext, event: EventToChange) -> str:
    return SHOWN_AS.get(event.show_as or "", "")
