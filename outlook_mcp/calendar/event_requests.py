"""The Graph requests for events and calendars of one mailbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from outlook_mcp.calendar.models import EVENT_LISTING, EVENT_SEARCH, Event
from outlook_mcp.calendar.periods import EventPeriod
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.models import Page
from outlook_mcp.text.dates import graph_time

# Graph gives 10 without $top, and at most 1,000.
_PAGE_SIZE = 100
_MOST_EVENTS = 1000
# Graph matches all-day events, which have no zone, as days of UTC. No zone is further from it than 14 hours.
_MARGIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FoundEvents:
    """The events that have a part in a period, or begin within a day of it. `is_whole` is False when there are more,
    all of which begin after those that were read."""

    events: Sequence[Event]
    is_whole: bool = True


class EventRequests:
    """Reads the calendars of one mailbox: about 1,000 events of a period."""

    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def view_of(self, calendar: Any, period: EventPeriod, *, with_preview: bool = False) -> FoundEvents:
        """The events of a period, series taken apart into their dates, in the order of their starts.

        `calendar` is the SDK's builder of the owner of the default calendar, or of one calendar.
        """
        # Without $orderby single events come first, and a list that is cut would lose the series.
        query = {
            "startDateTime": graph_time(period.start - _MARGIN),
            "endDateTime": graph_time(period.end + _MARGIN),
            "$select": EVENT_SEARCH if with_preview else EVENT_LISTING,
            "$orderby": "start/dateTime",
            "$top": _PAGE_SIZE,
        }
        page = await self._graph.answer_to(self._graph.request(calendar.calendar_view, query=query), Page[Event])
        found = {event.id: event for event in page.value}
        while page.next_link and len(found) < _MOST_EVENTS:
            # A page may repeat an event of the one before.
            page = await self._graph.next_page(page.next_link, Page[Event])
            found.update((event.id, event) for event in page.value)
        return FoundEvents(list(found.values()), is_whole=page.next_link is None)
