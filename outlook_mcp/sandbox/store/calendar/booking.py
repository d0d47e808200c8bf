"""How a room decides on a request for a meeting: the automatic processing of Exchange with its usual settings.

https://learn.microsoft.com/powershell/module/exchange/set-calendarprocessing
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from outlook_mcp.sandbox.store.calendar.calendars import StoredCalendar
from outlook_mcp.sandbox.store.calendar.events import Events
from outlook_mcp.sandbox.store.calendar.recurrence import series_dates
from outlook_mcp.sandbox.store.calendar.rows import StoredEvent
from outlook_mcp.sandbox.store.core import times

# BookingWindowInDays, and MaximumDurationInMinutes.
_WINDOW = timedelta(days=180)
_LONGEST = timedelta(minutes=1440)
TAKEN = "The room is booked already at that time."
TOO_FAR = "The meeting ends more than 180 days from now, and the room takes no booking further ahead."
TOO_LONG = "The meeting is longer than the 24 hours that the room can be booked for."


def refusal(events: Events, calendar: StoredCalendar, event: StoredEvent, now: datetime) -> str:
    """Why the room declines this event, which stands in its calendar already; "" when it accepts it."""
    horizon = now + _WINDOW
    series = event.fields.get("recurrence")
    if event.end > horizon or (series and any(day > horizon.date() for day in series_dates(series))):
        return TOO_FAR
    if event.end - event.start > _LONGEST:
        return TOO_LONG
    dates = events.occurrences(event, horizon.date()) if series else (event,)
    near = (other for day in dates for other in events.view(calendar, day.start, day.end))
    return TAKEN if any(other.row["uid"] != event.row["uid"] for other in near) else ""


def as_booked(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What the calendar of a room keeps of a meeting: in place of the subject who called it, and no text."""
    organizer = fields["organizer"]["emailAddress"]
    return {
        **fields,
        "subject": organizer.get("name") or organizer["address"],
        "body": {"contentType": "text", "content": ""},
        "sensitivity": "normal",
        "showAs": "busy",
        "isOrganizer": False,
        "responseStatus": {"response": "accepted", "time": times.now()},
    }
