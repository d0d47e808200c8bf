"""The JSON of a new event, and of a change of one: only what differs from what is there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from outlook_mcp.calendar.changes.comparison import has_fields
from outlook_mcp.calendar.changes.fields import EventFields, EventToChange, PeopleToInvite, Person, kinds_in
from outlook_mcp.calendar.online_block import with_block_of
from outlook_mcp.calendar.periods import is_clock_time
from outlook_mcp.calendar.recurrence.dates import first_date
from outlook_mcp.calendar.recurrence.rules import parse_rule
from outlook_mcp.calendar.times import EventTime, event_time
from outlook_mcp.calendar.writing_times import WrittenSpan, written_span, zone_named
from outlook_mcp.errors import InvalidInput
from outlook_mcp.errors.counting import counted
from outlook_mcp.graph.recurrence import Recurrence, recurrence_json
from outlook_mcp.text.characters import one_line
from outlook_mcp.text.written_body import body_to_html

MOST_ATTENDEES = 500
_LONGEST_SUBJECT = 255
_NO_REPEAT = frozenset({"none", "no", "never"})
_PAGE_BODY = re.compile(r"<body[^>]*>(.*)</body>", re.DOTALL | re.IGNORECASE)
# Written together: a change of one of them sets all.
_TIMES = frozenset({"start", "end", "isAllDay", "recurrence"})


@dataclass(slots=True)
class Composed:
    """`json` is what Graph is sent. `span` is when the event is then, None where that stays."""

    json: dict[str, Any] = field(default_factory=dict)
    span: WrittenSpan | None = None


class Composer:
    """Writes events of one mailbox, whose owner has `address` and reads times in `zone`."""

    def __init__(
        self, people: PeopleToInvite, *, address: str, zone: ZoneInfo, now: datetime, unknown_zone: str = ""
    ) -> None:
        self._people = people
        self._unknown_zone = unknown_zone
        self._address = address.lower()
        self._zone = zone
        self.now = now

    async def new_event(self, fields: EventFields) -> Composed:
        """Raises InvalidInput for what is missing or wrong."""
        if not (fields.subject or "").strip() or not fields.start:
            raise InvalidInput("A new event needs a subject and a start.", next_step="Ask the user for them.")
        zone = self._zone_of(fields)
        span = written_span(fields.start, fields.end, zone, self.now)
        composed = Composed(self._plain_fields(fields), span)
        composed.json.update(span.json())
        if fields.repeat and not _is_none(fields.repeat):
            composed.json["recurrence"] = recurrence_json(_series(fields.repeat, span))
        if fields.body is not None:
            composed.json["body"] = {"contentType": "html", "content": await body_to_html(fields.body)}
        if fields.attendees is not None and (people := await self._attendees(fields.attendees, None)):
            composed.json["attendees"] = people
            _place_in_rooms(composed.json, people)
        if fields.online:
            composed.json["isOnlineMeeting"] = True
        return composed

    async def changed_fields(self, event: EventToChange, fields: EventFields) -> Composed:
        """What differs from the event as it is. Raises InvalidInput."""
        composed = Composed(_differing(event, self._plain_fields(fields)))
        self._change_time(composed, event, fields)
        self._change_series(composed, event, fields)
        times = {name: value for name, value in composed.json.items() if name in _TIMES}
        is_same_zone = not fields.zone or zone_named(fields.zone) == event.zone_in(self._zone)
        if times and is_same_zone and has_fields(event, times):
            composed = Composed({name: value for name, value in composed.json.items() if name not in _TIMES})
        if fields.body is not None:
            html, old = await body_to_html(fields.body), event.body
            is_html = old is None or old.content_type.lower() == "html"
            kept = with_block_of((old and old.content) or "", html, is_html=is_html, join_url=event.join_url)
            if _within_body((old and old.content) or "") != _within_body(kept):
                composed.json["body"] = {"contentType": "html", "content": kept}
        if fields.attendees is not None:
            people = await self._attendees(fields.attendees, event)
            if kinds_in(people) != {key: kind for key, kind in event.kinds.items() if key != self._address}:
                composed.json["attendees"] = people
                if not (event.location and event.location.display_name):
                    _place_in_rooms(composed.json, people)
        if fields.online is False and event.is_online_meeting:
            raise InvalidInput("A meeting that is held online stays so: Outlook does not turn it off again.")
        if fields.online and not event.is_online_meeting:
            composed.json["isOnlineMeeting"] = True
        return composed

    def _zone_of(self, fields: EventFields) -> ZoneInfo:
        """The zone in which times are written. Raises InvalidInput where that would be one that is not known."""
        if fields.zone:
            return zone_named(fields.zone)
        if self._unknown_zone:
            raise InvalidInput(
                f"The time zone of the mailbox, {one_line(self._unknown_zone, 60)}, is not known here.",
                next_step="Ask the user for theirs, and give it as `zone`, such as Europe/Berlin.",
            )
        return self._zone

    def _plain_fields(self, fields: EventFields) -> dict[str, Any]:
        written: dict[str, Any] = {}
        if fields.subject is not None:
            written["subject"] = " ".join(fields.subject.split())
            if len(written["subject"]) > _LONGEST_SUBJECT:
                told = counted(len(written["subject"]), "character")
                raise InvalidInput(f"The subject has {told}; at most {_LONGEST_SUBJECT} fit.")
        if fields.place is not None:
            written["location"] = {"displayName": " ".join(fields.place.split())}
        if fields.show_as is not None:
            written["showAs"] = fields.show_as
        if fields.private is not None:
            written["sensitivity"] = "private" if fields.private else "normal"
        if fields.reminder_minutes is not None:
            # A negative number is how callers write that there is to be none.
            written["isReminderOn"] = fields.reminder_minutes >= 0
            if fields.reminder_minutes >= 0:
                written["reminderMinutesBeforeStart"] = fields.reminder_minutes
        return written

    def _change_time(self, composed: Composed, event: EventToChange, fields: EventFields) -> None:
        if fields.start is None and fields.end is None:
            if fields.zone is not None:
                raise InvalidInput("`zone` says in which zone `start` is written.", next_step="Give `start` with it.")
            return
        now = self._known_time(event)
        reading_zone = self._zone_of(fields)
        begin = fields.start or _written_start(now, reading_zone)
        if is_clock_time(begin) and not now.is_all_day:
            begin = f"{now.start.astimezone(reading_zone):%Y-%m-%d} {begin.strip()}"
        length = now.end.astimezone(UTC) - now.start.astimezone(UTC)
        if now.is_all_day:
            length = timedelta(days=(now.last_day - now.first_day).days + 1)
        span = written_span(begin, fields.end, reading_zone, self.now, length=length)
        if fields.end is None and span.is_all_day != now.is_all_day:
            span = written_span(begin, None, reading_zone, self.now)
        if not fields.zone and event.own_zone_name:
            span = _in_zone(span, event.zone_in(self._zone), event.own_zone_name)
        composed.span = span
        composed.json.update(span.json())

    def _known_time(self, event: EventToChange) -> EventTime:
        time = event_time(event, self._zone)
        if time is None or time.unknown_zone or event.has_unknown_zone:
            raise InvalidInput(
                "The time zone of this event is not known here, so its time cannot be changed.",
                next_step="Let the user change it in Outlook.",
            )
        return time

    def _change_series(self, composed: Composed, event: EventToChange, fields: EventFields) -> None:
        if fields.repeat is None:
            if composed.span is not None and event.series is not None:
                # The time of the whole series: Graph wants its recurrence in the same change.
                composed.json["recurrence"] = recurrence_json(self._same_days(composed.span, event))
            return
        if event.series_master_id:
            raise InvalidInput(
                "This is one date of a series, so it does not repeat itself.",
                next_step="Give the id of the series, which event_read tells, or from_here=true.",
            )
        if _is_none(fields.repeat):
            composed.json["recurrence"] = None
            return
        span = composed.span or self._present_span(event)
        composed.span = span
        composed.json.update(span.json())
        composed.json["recurrence"] = recurrence_json(_series(fields.repeat, span))

    def _same_days(self, span: WrittenSpan, event: EventToChange) -> Recurrence:
        series = event.series
        assert series is not None
        if span.first_day != series.range.first_day:
            raise InvalidInput(
                f"The series begins on {series.range.first_day}, and this start is on {span.first_day}.",
                next_step="Give a start on that day, or `repeat` with the rule of the new days.",
            )
        return series

    def _present_span(self, event: EventToChange) -> WrittenSpan:
        now = self._known_time(event)
        zone = event.zone_in(self._zone)
        name = event.own_zone_name or zone.key
        if now.is_all_day:
            return WrittenSpan(start=now.start, end=now.end, zone_name=name, is_all_day=True)
        return WrittenSpan(start=now.start.astimezone(zone), end=now.end.astimezone(zone), zone_name=name)

    async def _attendees(self, written: Sequence[str], event: EventToChange | None) -> list[dict[str, Any]]:
        """Everybody once, without the owner of the calendar; rooms stay rooms."""
        kinds = event.kinds if event else {}
        found: dict[str, dict[str, Any]] = {}
        for entry in written:
            is_optional = entry.strip().startswith("?") or entry.strip().endswith("?")
            for person in await self._people.people_named([entry.strip().strip("?").strip()]):
                key = person.address.lower()
                if key == self._address:
                    continue
                kind = "optional" if is_optional else "resource" if kinds.get(key) == "resource" else "required"
                found.setdefault(key, {"emailAddress": _person_json(person), "type": kind})
        if len(found) > MOST_ATTENDEES:
            raise InvalidInput(f"Outlook invites at most {MOST_ATTENDEES} people.", next_step="Invite a group.")
        new = [person["emailAddress"]["address"] for key, person in found.items() if key not in kinds]
        await self._people.check_addresses(new)
        for room in await self._people.rooms_among(new):
            found[room.address.lower()] = {"emailAddress": _person_json(room), "type": "resource"}
        return list(found.values())


def _place_in_rooms(json: dict[str, Any], attendees: Sequence[dict[str, Any]]) -> None:
    """An event without a place takes place in its rooms, as Outlook writes it."""
    rooms = [person["emailAddress"] for person in attendees if person["type"] == "resource"]
    if rooms and "location" not in json:
        json["location"] = {"displayName": "; ".join(room.get("name") or room["address"] for room in rooms)}


def _within_body(html: str) -> str:
    """What stands in the body of a page: Exchange puts one around what it is given."""
    found = _PAGE_BODY.search(html)
    return (found[1] if found else html).strip()


def _differing(event: EventToChange, written: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in written.items() if not has_fields(event, {name: value})}


def _person_json(person: Person) -> dict[str, str]:
    return {"address": person.address, "name": person.name} if person.name else {"address": person.address}


def _series(rule: str, span: WrittenSpan) -> Recurrence:
    """Raises InvalidInput when the event is on none of the dates of its rule."""
    if span.is_second_of_doubled_hour:
        raise InvalidInput("A series cannot begin in the second of two equal hours.", next_step="Begin it a day later.")
    zone = span.start.tzinfo
    start = span.first_day if span.is_all_day else span.start.replace(tzinfo=None)
    series = parse_rule(rule, start, zone if isinstance(zone, ZoneInfo) else None)
    first = first_date(series)
    if first != span.first_day:
        step = f"Begin it on {first:%a} {first}." if first else "Give a later end."
        raise InvalidInput(f"{span.first_day:%a} {span.first_day} is no date of this rule.", next_step=step)
    return series


def _is_none(rule: str) -> bool:
    return rule.strip().casefold() in _NO_REPEAT


def _written_start(now: EventTime, zone: ZoneInfo) -> str:
    return f"{now.first_day}" if now.is_all_day else now.start.astimezone(zone).isoformat(timespec="minutes")


def _in_zone(span: WrittenSpan, zone: ZoneInfo, name: str) -> WrittenSpan:
    """The span by the clock of another zone: its moments stay, and the days of one that is all day."""
    if span.is_all_day:
        return WrittenSpan(start=span.start, end=span.end, zone_name=name, is_all_day=True)
    return WrittenSpan(start=span.start.astimezone(zone), end=span.end.astimezone(zone), zone_name=name)
