"""The Graph requests that write events, and those that look at what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

import anyio

from outlook_mcp.calendar.calendars import calendar_builder
from outlook_mcp.calendar.changes.comparison import has_fields
from outlook_mcp.calendar.changes.fields import EVENT_TO_CHANGE, EventToChange
from outlook_mcp.calendar.event_ids import no_event
from outlook_mcp.calendar.models import CalendarId, EventId
from outlook_mcp.errors import GraphError, NotFound, OutcomeUnknown, OutlookError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import is_graph_id
from outlook_mcp.graph.models import Page, ZonedTime
from outlook_mcp.text.dates import graph_time

Action = Literal["accept", "tentativelyAccept", "decline", "cancel"]
_INSTANCE = ("id", "type", "subject", "start", "end", "isAllDay", "originalStartTimeZone")
_PAGE = 200
_MOST_PAGES = 10
# calendarView and instances answer 400 above 1,825 days.
_LONGEST = timedelta(days=1800)
_NEAR = timedelta(days=1)
_LATEST = 50


class EventWriting:
    """Writes into one calendar of the client's mailbox, None for the default one.

    What is written is looked for again after `look_again_s` seconds.
    """

    def __init__(self, graph: GraphClient, *, look_again_s: float, calendar_id: CalendarId | None = None) -> None:
        self.graph = graph
        self.look_again_s = look_again_s
        self._calendar = calendar_builder(graph, calendar_id)

    async def event(self, event_id: EventId) -> EventToChange:
        """Raises NotFound."""
        return await self.graph.answer_to(
            self.graph.request(self._item(event_id), query={"$select": EVENT_TO_CHANGE}), EventToChange
        )

    def creation_of(self, body: Mapping[str, Any]) -> Any:
        """The request for a new event. The same one with the same `transactionId` makes no second event."""
        return self.graph.request(self._calendar.events, "POST", json=body)

    def change_of(self, event_id: EventId, body: Mapping[str, Any], etag: str | None) -> Any:
        """The request for a change of the event as it was with this etag."""
        headers = {"If-Match": etag} if etag else None
        return self.graph.request(self._item(event_id), "PATCH", json=body, headers=headers)

    def deletion_of(self, event: EventToChange) -> Any:
        headers = {"If-Match": event.etag} if event.etag else None
        return self.graph.request(self._item(event.id), "DELETE", headers=headers)

    def action_on(self, event_id: EventId, action: Action, body: Mapping[str, Any]) -> Any:
        """The request that answers or cancels a meeting."""
        item = self._item(event_id)
        builder = {
            "accept": item.accept,
            "tentativelyAccept": item.tentatively_accept,
            "decline": item.decline,
            "cancel": item.cancel,
        }[action]
        return self.graph.request(builder, "POST", json=body)

    async def instances(self, series: EventToChange, *, since: datetime | None = None) -> list[EventToChange]:
        """The dates of the series as they are, at most those of five years from its start or a later moment on."""
        begin = since or (series.start or ZonedTime(date_time="")).moment
        if begin is None:
            return []
        query = {
            "startDateTime": graph_time(begin - _NEAR),
            "endDateTime": graph_time(begin + _LONGEST),
            "$select": _INSTANCE,
            "$top": _PAGE,
        }
        request = self.graph.request(self._item(series.id).instances, query=query)
        page = await self.graph.answer_to(request, Page[EventToChange])
        found = {event.id: event for event in page.value}
        for _ in range(_MOST_PAGES):
            if not page.next_link:
                break
            page = await self.graph.next_page(page.next_link, Page[EventToChange])
            found.update((event.id, event) for event in page.value)
        return list(found.values())

    async def created(self, transaction_id: str) -> EventToChange | None:
        """The event that was made with this transaction id, among the newest ones."""
        for pause in (0.0, self.look_again_s):
            await anyio.sleep(pause)
            query = {"$select": EVENT_TO_CHANGE, "$orderby": "createdDateTime desc", "$top": _LATEST}
            page = await self.graph.answer_to(
                self.graph.request(self._calendar.events, query=query), Page[EventToChange]
            )
            for event in page.value:
                if event.transaction_id == transaction_id:
                    return event
        return None

    async def changed(self, event_id: EventId, body: Mapping[str, Any]) -> EventToChange | None:
        """The event when it has these fields; None when it has not, also after a while."""
        for pause in (0.0, self.look_again_s):
            await anyio.sleep(pause)
            event = await self.event(event_id)
            if has_fields(event, body):
                return event
        return None

    async def is_gone(self, event_id: EventId) -> bool:
        """Whether the event is called off or in the calendar no more, also after a while."""
        for pause in (0.0, self.look_again_s):
            await anyio.sleep(pause)
            try:
                event = await self.event(event_id)
            except NotFound:
                return True
            if event.is_cancelled:
                return True
        return False

    def _item(self, event_id: EventId) -> Any:
        if not is_graph_id(event_id):
            raise no_event(event_id)
        return self.graph.me.events.by_event_id(event_id)


def is_open(error: OutlookError) -> bool:
    """Whether it leaves open if the request was carried out."""
    return isinstance(error, OutcomeUnknown) or (isinstance(error, GraphError) and not error.outcome_is_known)
