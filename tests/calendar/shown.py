"""Events to show in answers, as Graph gives them: in UTC, whatever zone they were made in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.calendar.event_ids import EventIds
from outlook_mcp.calendar.event_list import EventList, TimedEvent
from outlook_mcp.calendar.models import Event
from outlook_mcp.calendar.periods import EventPeriod
from outlook_mcp.calendar.times import event_time, midnight
from outlook_mcp.graph.handles import Handles

BERLIN = ZoneInfo("Europe/Berlin")
IDS = EventIds(Handles(bytes(range(16))))
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
CONTEXT = AnswerContext(IDS, BERLIN, NOW, "alice@contoso.example")
MONDAY = date(2026, 11, 30)
OUTSIDER = "x@talent.example"


def wire(moment: datetime) -> dict[str, str]:
    return {"dateTime": f"{moment:%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": "UTC"}


def person(name: str, address: str, response: str = "none", kind: str = "required") -> dict[str, object]:
    return {"type": kind, "status": {"response": response}, "emailAddress": {"name": name, "address": address}}


def invited(*responses: str) -> list[dict[str, object]]:
    return [
        person(f"Person {number}", f"p{number}@contoso.example", response) for number, response in enumerate(responses)
    ]


def event(
    handle: str = "48211",
    day: int = 0,
    hours: str = "10:00-11:00",
    *,
    zone: ZoneInfo = BERLIN,
    **fields: Any,
) -> Event:
    """An event `day` days after MONDAY; `hours` without times is all day, for as many days as it says."""
    if "-" in hours:
        begin, end = (
            datetime.combine(MONDAY + timedelta(days=day), time.fromisoformat(clock), zone)
            for clock in hours.split("-")
        )
        end += timedelta(days=end < begin)
        span: dict[str, Any] = {"start": wire(begin.astimezone(UTC)), "end": wire(end.astimezone(UTC))}
    else:
        begin = datetime.combine(MONDAY + timedelta(days=day), time())
        span = {"start": wire(begin), "end": wire(begin + timedelta(days=int(hours))), "isAllDay": True}
    usual = {"id": IDS.full(handle), "type": "singleInstance", "subject": "Budget", "originalStartTimeZone": zone.key}
    return msgspec.convert({**usual, **span, **fields}, Event)


def listed(*events: Event, zone: ZoneInfo = BERLIN, days: int = 7, first: date = MONDAY) -> EventList:
    """The list of a week that has these events."""
    period = EventPeriod(midnight(first, zone), midnight(first + timedelta(days=days), zone))
    timed = [TimedEvent(item, found) for item in events if (found := event_time(item, zone))]
    timed.sort(key=lambda item: item.time.start)
    return EventList(period=period, events=timed)


def in_zone(zone: ZoneInfo) -> AnswerContext:
    return replace(CONTEXT, zone=zone)
