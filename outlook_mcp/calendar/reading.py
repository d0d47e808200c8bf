"""Events in full, named by their own ids or by those of invitations in the mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from outlook_mcp.calendar.changed_dates import ChangedDates, changed_dates_of
from outlook_mcp.calendar.event_ids import EventIds, no_event
from outlook_mcp.calendar.models import EVENT_FULL, SERIES, Event, EventId, Invitation
from outlook_mcp.errors import AccessDenied, NotFound, OutlookError, RequestRejected
from outlook_mcp.graph.batch import BatchAnswer
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import is_graph_id
from outlook_mcp.text.html import ConvertedText, convert_body

EXPAND_EVENT = "microsoft.graph.eventMessage/event"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadEvent:
    """One event, its text as its readers see it, and the recurrence of the series that it is or is a date of.

    `invitation` is the message by whose id it was found. `ids` shorten its id. `is_foreign`: it is in the
    calendar of somebody else, of whose private events (`is_hidden`) only the time is told. `changed_dates` are those of
    a series, None where they are not known.
    """

    event: Event
    text: ConvertedText
    series: Event | None = None
    changed_dates: ChangedDates | None = None
    invitation: Invitation | None = None
    ids: EventIds | None = None
    is_hidden: bool = False
    is_foreign: bool = False


@dataclass(frozen=True, slots=True)
class ReadEvents:
    """What was read, and for each id that could not be the reason."""

    items: Sequence[ReadEvent]
    failed: Sequence[tuple[str, OutlookError]] = ()


class EventReader:
    """Reads the events of one mailbox. `is_foreign`: it belongs to somebody else.

    Of the dates of a series those from `today` on are told.
    """

    def __init__(self, graph: GraphClient, ids: EventIds, today: date, *, is_foreign: bool = False) -> None:
        self._graph = graph
        self._ids = ids
        self._today = today
        self._is_foreign = is_foreign

    async def read_events(self, handles: Sequence[str]) -> ReadEvents:
        """In the order of the handles, each once."""
        wanted = list(dict.fromkeys(handle.strip() for handle in handles))
        found: dict[str, tuple[Event, Invitation | None] | OutlookError] = {}
        full = {handle: self._full_id(handle) for handle in wanted}
        known = {handle: item_id for handle, item_id in full.items() if not isinstance(item_id, OutlookError)}
        found.update((handle, error) for handle, error in full.items() if isinstance(error, OutlookError))
        found.update(await self._events(known))
        if not self._is_foreign:
            # Whoever shares a calendar has not shared the mail.
            missing = {
                handle: known[handle] for handle, item in found.items() if handle in known and _may_be_mail(item)
            }
            found.update(await self._invited(missing))
        failed = [(handle, item) for handle in wanted if isinstance(item := found[handle], OutlookError)]
        read = [item for handle in wanted if not isinstance(item := found[handle], OutlookError)]
        series = await self._series([event for event, _ in read])
        masters = [event.id for event, _ in read if event.type == "seriesMaster"]
        changed = await changed_dates_of(self._graph, masters, self._today)
        items = [await self._item(event, invitation, series, changed) for event, invitation in read]
        return ReadEvents(items, failed)

    async def _item(
        self,
        event: Event,
        invitation: Invitation | None,
        series: Mapping[EventId, Event],
        changed: Mapping[EventId, ChangedDates],
    ) -> ReadEvent:
        is_hidden = self._is_foreign and event.is_private
        return ReadEvent(
            event=event,
            text=ConvertedText("") if is_hidden else await _text_of(event),
            series=series.get(event.series_master_id or event.id),
            changed_dates=changed.get(event.id),
            invitation=invitation,
            ids=self._ids,
            is_hidden=is_hidden,
            is_foreign=self._is_foreign,
        )

    def _full_id(self, handle: str) -> EventId | OutlookError:
        try:
            full = self._ids.full(handle)
        except OutlookError as error:
            return error
        return full if is_graph_id(full) else no_event(handle)

    async def _events(self, ids: dict[str, EventId]) -> dict[str, tuple[Event, Invitation | None] | OutlookError]:
        events = self._graph.me.events
        query = {"$select": EVENT_FULL}
        requests = [self._graph.request(events.by_event_id(event_id), query=query) for event_id in ids.values()]
        answers = await self._graph.answers_to(requests) if requests else []
        return {handle: _event_in(answer) for handle, answer in zip(ids, answers, strict=True)}

    async def _invited(self, ids: dict[str, EventId]) -> dict[str, tuple[Event, Invitation | None] | OutlookError]:
        """The events of the messages that have these ids. There is no $select for the properties of an invitation."""
        messages = self._graph.me.messages
        query = {"$expand": EXPAND_EVENT}
        requests = [self._graph.request(messages.by_message_id(item_id), query=query) for item_id in ids.values()]
        answers = await self._graph.answers_to(requests) if requests else []
        return {handle: _invited_in(handle, answer) for handle, answer in zip(ids, answers, strict=True)}

    async def _series(self, events: Sequence[Event]) -> dict[EventId, Event]:
        """The series of dates, by their ids, and those among the events themselves."""
        known = {event.id: event for event in events if event.recurrence}
        wanted = dict.fromkeys(event.series_master_id for event in events if event.series_master_id)
        asked = [series_id for series_id in wanted if series_id not in known]
        query = {"$select": SERIES}
        requests = [
            self._graph.request(self._graph.me.events.by_event_id(series_id), query=query) for series_id in asked
        ]
        answers = await self._graph.answers_to(requests) if requests else []
        # A date can be read without its series, which then is not told.
        read = {
            series_id: answer.decode(Event)
            for series_id, answer in zip(asked, answers, strict=True)
            if answer.is_success
        }
        return known | read


def _event_in(answer: BatchAnswer) -> tuple[Event, Invitation | None] | OutlookError:
    try:
        return answer.decode(Event), None
    except OutlookError as error:
        return error


def _may_be_mail(item: object) -> bool:
    """Graph answers 404, or 400, to the id of a message where that of an event is expected."""
    return isinstance(item, NotFound | RequestRejected)


def _invited_in(handle: str, answer: BatchAnswer) -> tuple[Event, Invitation | None] | OutlookError:
    try:
        invitation = answer.decode(Invitation, permission="Mail.Read")
    except AccessDenied:
        return NotFound(
            f"There is no event {handle[:40]!r} in this calendar, and mail may not be read here.",
            next_step="Use an id as calendar_list shows it.",
        )
    except (NotFound, RequestRejected):
        return NotFound(
            f"There is no event {handle[:40]!r} in this calendar, and no invitation.",
            next_step="It may have been moved or deleted; list again.",
        )
    except OutlookError as error:
        return error
    if invitation.is_delegated:
        return NotFound(
            "This message is about a meeting in the calendar of somebody else, as whose delegate the user got it.",
            next_step="Read it with mail_read, which tells whose; calendar_list has it with `calendar`.",
        )
    if invitation.event is None:
        return NotFound(
            "The calendar has no event of this message: it was declined, removed or never entered."
            if invitation.odata_type.lower().startswith("#microsoft.graph.eventmessage")
            else "This message is not about a meeting.",
            next_step="Read it with mail_read.",
        )
    return invitation.event, msgspec.structs.replace(invitation, event=None)


async def _text_of(event: Event) -> ConvertedText:
    if event.body is None:
        return ConvertedText("")
    return await convert_body(event.body.content, event.body.content_type)
