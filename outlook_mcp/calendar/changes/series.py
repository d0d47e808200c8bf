"""A series that is changed from one of its dates on, and what the change of a series undoes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from outlook_mcp.calendar.changes.composing import Composed, Composer
from outlook_mcp.calendar.changes.fields import EventFields, EventToChange
from outlook_mcp.calendar.changes.requests import EventWriting
from outlook_mcp.calendar.event_ids import original_day
from outlook_mcp.calendar.online_block import without_block
from outlook_mcp.calendar.recurrence.dates import dates_before, dates_of
from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.recurrence import Range, Recurrence, recurrence_json
from outlook_mcp.identity.time_zone import resolve_time_zone
from outlook_mcp.text.dates import day_heading

_MOST_NAMED = 20
_LOOKED_BACK = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class SeriesDivision:
    """`end` is the change that ends the old series, `rest` the new one, `lost` what does not go over to it.

    `undoes`: what was changed or left out on single dates is among that.
    """

    end: dict[str, Any]
    rest: Composed
    lost: str
    undoes: bool = False


async def divided(
    series: EventToChange, fields: EventFields, day: date, composer: Composer, writing: EventWriting
) -> SeriesDivision:
    """The series ended before `day`, and a new one with the change from `day` on.

    Raises InvalidInput when it has no date before.
    """
    recurrence = series.series
    if recurrence is None:
        raise InvalidInput("This is no series whose dates are known here.", next_step="Change single dates.")
    if series.has_unknown_zone:
        raise InvalidInput(
            "The time zone of this series is not known here, so it cannot be divided.", next_step="Change single dates."
        )
    before = dates_before(recurrence, day)
    if not before:
        raise InvalidInput(
            "This is the first date of the series.", next_step="Give the id of the series, which event_read tells."
        )
    end_range = Range(type="endDate", start_date=recurrence.range.start_date, end_date=before[-1].isoformat())
    ended = recurrence_json(Recurrence(pattern=recurrence.pattern, range=end_range))
    rest_range = _rest_of(recurrence.range, day, len(before))
    rest_series = Recurrence(pattern=recurrence.pattern, range=rest_range)
    copied = _moved_to(series, day, rest_series)
    rest = await composer.changed_fields(copied, fields)
    body = _copied_fields(copied) | rest.json
    if "recurrence" not in rest.json:
        body["recurrence"] = recurrence_json(rest_series)
    if body["recurrence"] is None:
        del body["recurrence"]
    # Those before this date too: the old series is written anew when it ends.
    restored = await dates_restored(series, writing, composer.now)
    lost = ["answers that people gave"] if any(not person.is_unanswered for person in series.attendees) else []
    lost += ["attached files"] if series.has_attachments else []
    lost += ["the address to join by, for which it gets a new one"] if series.is_online_meeting else []
    lost += [f"what was changed or left out on {', '.join(restored)}"] if restored else []
    told = ", ".join(lost) or "nothing"
    return SeriesDivision({"recurrence": ended}, Composed(body, rest.span), told, undoes=bool(restored))


def _rest_of(limits: Range, day: date, gone: int) -> Range:
    if limits.type == "numbered":
        left = (limits.number_of_occurrences or 0) - gone
        if left < 1:
            raise InvalidInput("The series has no date from this one on.")
        return Range(type="numbered", start_date=day.isoformat(), number_of_occurrences=left)
    return _from_day(limits, day)


def _from_day(limits: Range, day: date) -> Range:
    """The range from another day on, with the same end."""
    return msgspec.structs.replace(limits, start_date=day.isoformat(), recurrence_time_zone=None)


def _moved_to(series: EventToChange, day: date, rest: Recurrence) -> EventToChange:
    """The series as if it began on this day, at the same time of day in its own zone."""
    assert series.start is not None
    assert series.end is not None
    zone = resolve_time_zone(series.own_zone_name or "UTC")
    first = series.first_day_in(zone)
    assert first is not None
    moved = timedelta(days=(day - first).days)
    times = {}
    for name, given in (("start", series.start), ("end", series.end)):
        moment = given.moment
        assert moment is not None
        local = (moment if series.is_all_day else moment.astimezone(zone)) + moved
        zone_name = given.time_zone if series.is_all_day else (series.own_zone_name or "UTC")
        times[name] = msgspec.structs.replace(
            given, date_time=f"{local:%Y-%m-%dT%H:%M:%S}", time_zone=zone_name or "UTC"
        )
    return msgspec.structs.replace(series, recurrence=msgspec.to_builtins(rest), etag=None, **times)


def _copied_fields(event: EventToChange) -> dict[str, Any]:
    """What a new series takes over. The address to join by is that of the old meeting."""
    copied: dict[str, Any] = {
        "subject": event.subject or "",
        "start": _time_json(event.start),
        "end": _time_json(event.end),
        "isAllDay": bool(event.is_all_day),
        "showAs": event.show_as or "busy",
        "sensitivity": event.sensitivity or "normal",
        "location": {"displayName": (event.location and event.location.display_name) or ""},
    }
    if event.is_reminder_on is not None:
        copied["isReminderOn"] = event.is_reminder_on
        copied["reminderMinutesBeforeStart"] = event.reminder_minutes_before_start or 0
    if event.body and event.body.content:
        is_html = event.body.content_type.lower() == "html"
        content = without_block(event.body.content, is_html=is_html, join_url=event.join_url)
        copied["body"] = {"contentType": event.body.content_type, "content": content}
    if event.attendees:
        copied["attendees"] = [
            {"emailAddress": msgspec.to_builtins(person.email_address), "type": person.type or "required"}
            for person in event.attendees
        ]
    if event.is_online_meeting:
        copied["isOnlineMeeting"] = True
    return copied


def _time_json(given: Any) -> dict[str, str]:
    return {"dateTime": given.date_time, "timeZone": given.time_zone or "UTC"}


async def dates_restored(
    series: EventToChange, writing: EventWriting, now: datetime, *, until: date | None = None
) -> list[str]:
    """The dates, up to `until`, that were changed or left out, and that a change of the series puts back.

    Of a series that began long ago the last year and the years ahead are looked at, which is said.
    """
    recurrence = series.series
    if recurrence is None:
        return []
    zone = resolve_time_zone(series.own_zone_name or "UTC")
    begin = series.start.moment if series.start else None
    since = now - _LOOKED_BACK if begin is not None and begin < now - _LOOKED_BACK else None
    instances = await writing.instances(series, since=since)
    regular = {event.first_day_in(zone) for event in instances if event.type != "exception"}
    changed = [event for event in instances if event.type == "exception"]
    originals = {_original_day(event, series) for event in changed}
    last = max((day for day in [*regular, *originals] if day), default=recurrence.range.first_day)
    left_out = []
    for day in dates_of(recurrence):
        if day > last:
            break
        if since is not None and day <= since.date():
            continue
        if day not in regular and day not in originals:
            left_out.append(day)
    found = [(day, "changed") for day in originals if day] + [(day, "left out") for day in left_out]
    kept = [(day, what) for day, what in sorted(found) if until is None or day <= until]
    named = [f"{day_heading(day, date.min)} ({what})" for day, what in kept]
    more = len(named) - _MOST_NAMED
    earlier = [f"any before {day_heading(since.date(), date.min)}, which were not looked at"] if since else []
    return [*named[:_MOST_NAMED], *([f"{more} more"] if more > 0 else []), *earlier]


def _original_day(event: EventToChange, series: EventToChange) -> date | None:
    """The day on which a changed date would be, by the clock of the series."""
    if day := original_day(event.id):
        return day
    zone = resolve_time_zone(series.own_zone_name or "UTC")
    if event.original_start:
        moment = datetime.fromisoformat(event.original_start[:19]).replace(tzinfo=UTC)
        return moment.date() if series.is_all_day else moment.astimezone(zone).date()
    return event.first_day_in(zone)
