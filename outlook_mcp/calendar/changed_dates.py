"""The dates of a series that are not as its pattern says: changed, moved or left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from outlook_mcp.calendar.event_ids import original_day
from outlook_mcp.calendar.models import Event, EventId
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import is_graph_id
from outlook_mcp.graph.models import WireModel

# Graph gives both only of a series that is asked for by its id, and only when they are selected.
_SPECIAL = ("id", "cancelledOccurrences", "exceptionOccurrences")
_CHANGED = ("id", "type", "subject", "start", "end", "originalStartTimeZone", "isAllDay", "location", "sensitivity")
_MOST_OF_A_KIND = 20


@dataclass(frozen=True, slots=True)
class ChangedDates:
    """Dates of a series that were moved, changed or left out, from today on and in order.

    `changed` are events with the day on which each would be, None where that is not known. `more` counts the others,
    earlier or later.
    """

    changed: Sequence[tuple[date | None, Event]] = ()
    left_out: Sequence[date] = ()
    more: int = 0


class Occurrence(WireModel, frozen=True, kw_only=True):
    """One date that was changed, of which Graph may tell no more than the id."""

    id: EventId


class _Special(WireModel, frozen=True, kw_only=True):
    """`cancelled_occurrences` are such as `OID.AAMkAD….2026-11-16`."""

    cancelled_occurrences: list[str] | None = None
    exception_occurrences: list[Occurrence] | None = None

    def left_out(self) -> list[date]:
        return sorted(day for written in self.cancelled_occurrences or () if (day := _day(written[-10:])))

    def changed(self) -> list[tuple[date | None, EventId]]:
        found = [(original_day(item.id), item.id) for item in self.exception_occurrences or () if is_graph_id(item.id)]
        return sorted(found, key=lambda pair: pair[0] or date.max)


async def changed_dates_of(
    graph: GraphClient, series: Sequence[EventId], today: date
) -> Mapping[EventId, ChangedDates]:
    """By the id of the series; without those of which Graph does not tell them."""
    if not series:
        return {}
    events, query = graph.me.events, {"$select": _SPECIAL}
    answers = await graph.answers_to([graph.request(events.by_event_id(own), query=query) for own in series])
    told = {own: answer.decode(_Special) for own, answer in zip(series, answers, strict=True) if answer.is_success}
    left_out = {own: [day for day in special.left_out() if day >= today] for own, special in told.items()}
    changed = {own: _from(special.changed(), today) for own, special in told.items()}
    read = await _events_of(graph, [event_id for some in changed.values() for _, event_id in some])
    return {
        own: ChangedDates(
            changed=[(day, read[event_id]) for day, event_id in changed[own] if event_id in read],
            left_out=left_out[own][:_MOST_OF_A_KIND],
            more=len(special.left_out()) - len(left_out[own][:_MOST_OF_A_KIND])
            + len(special.changed()) - len(changed[own]),
        )
        for own, special in told.items()
    }  # fmt: skip


def _from(changed: Sequence[tuple[date | None, EventId]], today: date) -> list[tuple[date | None, EventId]]:
    """A date that was moved from yesterday to tomorrow counts as past."""
    return [(day, event_id) for day, event_id in changed if day is None or day >= today][:_MOST_OF_A_KIND]


async def _events_of(graph: GraphClient, ids: Sequence[EventId]) -> dict[EventId, Event]:
    if not ids:
        return {}
    query = {"$select": _CHANGED}
    answers = await graph.answers_to([graph.request(graph.me.events.by_event_id(own), query=query) for own in ids])
    return {own: answer.decode(Event) for own, answer in zip(ids, answers, strict=True) if answer.is_success}


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None
