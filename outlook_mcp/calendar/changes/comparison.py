"""Whether an event has what was written into it, as far as Exchange gives back what it was given."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC
from html import unescape
from typing import Any

import msgspec

from outlook_mcp.calendar.changes.fields import EventToChange, kinds_in
from outlook_mcp.calendar.online_block import without_block
from outlook_mcp.graph.models import ZonedTime
from outlook_mcp.graph.recurrence import Recurrence, recurrence_json

_TAG = re.compile(r"<(?:style|head).*?</(?:style|head)>|<[^>]*>", re.DOTALL | re.IGNORECASE)


def has_fields(event: EventToChange, body: Mapping[str, Any]) -> bool:
    """Whether the event has these JSON fields.

    That a meeting was to be online says nothing beside other fields: some mailboxes make no such meetings.
    """
    compared = {name: value for name, value in body.items() if name in _COMPARED}
    if not compared:
        return bool(event.is_online_meeting)
    return all(_COMPARED[name](event, value) for name, value in compared.items())


def _is_same_time(event: EventToChange, given: ZonedTime | None, value: Mapping[str, str]) -> bool:
    wanted = msgspec.convert(value, ZonedTime)
    if given is None:
        return False
    if event.is_all_day:
        return given.date_time[:10] == wanted.date_time[:10]
    there, meant = given.moment, wanted.moment
    return there is not None and meant is not None and there.astimezone(UTC) == meant.astimezone(UTC)


def _has_attendees(event: EventToChange, value: list[dict[str, Any]]) -> bool:
    organizer = event.organizer.email_address if event.organizer else None
    own = ((organizer and organizer.address) or "").lower()
    return {address: kind for address, kind in event.kinds.items() if address != own} == kinds_in(value)


def _has_recurrence(event: EventToChange, value: dict[str, Any] | None) -> bool:
    if value is None:
        return not event.recurrence
    there = event.series
    return there is not None and recurrence_json(there) == recurrence_json(msgspec.convert(value, Recurrence))


def _has_text(event: EventToChange, value: Mapping[str, str]) -> bool:
    """Exchange writes HTML anew, so the words are compared, without those that it adds for people to join by."""
    there = (event.body.content, event.body.content_type) if event.body else ("", "html")
    texts = (there, (value["content"], value["contentType"]))
    has, wanted = (
        _words(without_block(content or "", is_html=kind.lower() == "html", join_url=event.join_url))
        for content, kind in texts
    )
    return has == wanted


def _words(html: str) -> list[str]:
    return unescape(_TAG.sub(" ", html)).split()


_COMPARED: Mapping[str, Callable[[EventToChange, Any], bool]] = {
    "subject": lambda event, value: (event.subject or "") == value,
    "location": lambda event, value: ((event.location and event.location.display_name) or "") == value["displayName"],
    "showAs": lambda event, value: event.show_as == value,
    "sensitivity": lambda event, value: event.sensitivity == value,
    "isReminderOn": lambda event, value: event.is_reminder_on == value,
    "reminderMinutesBeforeStart": lambda event, value: event.reminder_minutes_before_start == value,
    "isAllDay": lambda event, value: bool(event.is_all_day) == value,
    "start": lambda event, value: _is_same_time(event, event.start, value),
    "end": lambda event, value: _is_same_time(event, event.end, value),
    "attendees": _has_attendees,
    "recurrence": _has_recurrence,
    "body": _has_text,
}
