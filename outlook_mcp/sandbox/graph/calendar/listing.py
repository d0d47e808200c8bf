"""Lists of events: /events, /calendarView and /events/{id}/instances."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response

from outlook_mcp.sandbox.graph.calendar.call import CalendarCall
from outlook_mcp.sandbox.graph.calendar.event_json import BY_NAME, PROPERTIES, event_json
from outlook_mcp.sandbox.graph.calendar.times import read_moment
from outlook_mcp.sandbox.graph.core.collections import page_answer, refuse_expansions, selected
from outlook_mcp.sandbox.graph.core.errors import GraphFault, bad_request, not_imitated_value
from outlook_mcp.sandbox.query.errors import unknown_property
from outlook_mcp.sandbox.query.odata import Combination, Comparison, Node, TextMatch, parse_filter
from outlook_mcp.sandbox.store.calendar.rows import SERIES, StoredEvent

_MOST_DAYS = timedelta(days=1825)
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


async def list_events(call: CalendarCall) -> Response:
    """Single events and series, never the dates of series."""
    return _answer_with_events(call, call.events.masters_in(call.calendar()), "events")


async def calendar_view(call: CalendarCall) -> Response:
    after, before = period_of(call)
    return _answer_with_events(call, call.events.view(call.calendar(), after, before), "calendarView")


async def list_instances(call: CalendarCall) -> Response:
    after, before = period_of(call)
    series = call.event()
    if series.kind != SERIES:
        raise bad_request("The item is not a recurring master.", "ErrorInvalidRequest")
    dates = call.events.occurrences(series, before.date() + timedelta(days=1))
    found = [event for event in dates if event.overlaps(after, before)]
    return _answer_with_events(call, found, "instances")


def entity(call: CalendarCall, event: StoredEvent, status: int = 200) -> Response:
    """One event; what comes only by name is left out without a $select."""
    refuse_expansions(call, "event")
    select = call.options.selected(PROPERTIES, "event")
    value = _shown(event_json(call, event), select)
    headers = {"Location": call.location("events", event)} if status == 201 else {}
    return call.json_answer({"@odata.context": call.context("events/$entity", select), **value}, status, headers)


def _answer_with_events(call: CalendarCall, events: Sequence[StoredEvent], name: str) -> Response:
    if call.options.search is not None:
        raise bad_request("The query parameter '$search' is not supported.", "ErrorInvalidUrlQuery")
    values = [event_json(call, event) for event in events]
    if call.options.filter:
        tree = parse_filter(call.options.filter)
        values = [value for value in values if _fits(tree, value)]
    values = _in_order(call, values)
    # Real pages of a view may repeat an event.
    repeats = name == "calendarView"
    return page_answer(call, name, values, PROPERTIES, "event", shown=_shown, repeats=repeats)


def _shown(value: Mapping[str, Any], select: frozenset[str] | None) -> dict[str, Any]:
    chosen = selected(value, select)
    # The link to join comes only with `isOnlineMeeting` selected too.
    if select is not None and "isOnlineMeeting" not in select:
        chosen.pop("onlineMeeting", None)
    return {name: part for name, part in chosen.items() if name not in BY_NAME or (select and name in select)}


def period_of(call: CalendarCall) -> tuple[datetime, datetime]:
    """The bounds of the query: UTC where they have no offset, whatever zone the caller prefers."""
    raw = call.options.raw
    if "startdatetime" not in raw or "enddatetime" not in raw:
        names = "StartDateTime and EndDateTime"
        message = f"This request requires a time window specified by the query string parameters {names}."
        raise bad_request(message, "ErrorInvalidParameter")
    after = read_moment(raw["startdatetime"], "StartDateTime")
    before = read_moment(raw["enddatetime"], "EndDateTime")
    if before < after:
        raise bad_request("The end of the period is before its start.", "ErrorInvalidParameter")
    if before - after > _MOST_DAYS:
        raise bad_request("Your request can't be completed. The range between the start and end dates is greater than"
                          " the allowed range. Maximum number of days: 1825", "ErrorInvalidRequest")  # fmt: skip
    return after, before


def _in_order(call: CalendarCall, values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without $orderby single events come before the dates of series."""
    for term in reversed((call.options.orderby or "").split(",")):
        path, _, direction = term.strip().partition(" ")
        if path:
            values.sort(key=lambda value: str(_value_at(path, value) or ""), reverse=direction.strip() == "desc")
    return values


def _value_at(path: str, value: Mapping[str, Any]) -> Any:
    first, _, rest = path.partition("/")
    spelled = {name.lower(): name for name in PROPERTIES}
    name = spelled.get(first.lower())
    if name is None:
        raise unknown_property(first, "event")
    found = value.get(name)
    for part in rest.split("/") if rest else ():
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _fits(node: Node, value: Mapping[str, Any]) -> bool:
    match node:
        case Combination("AND", left, right):
            return _fits(left, value) and _fits(right, value)
        case Combination("OR", left, right):
            return _fits(left, value) or _fits(right, value)
        case Comparison(path, comparison, (literal,)) if comparison in _COMPARISONS:
            return _COMPARISONS[comparison](*_comparable(_value_at(path, value), literal.text))
        case TextMatch(_, path, _) if path.lower() in ("body/content", "bodypreview"):
            raise _failed()
        case TextMatch(function, "subject", text):
            subject = value.get("subject")
            if subject is None:
                raise _failed()
            return _matches(function, subject.casefold(), text.casefold())
        case _:
            raise not_imitated_value("query option '$filter' of this form for event")


def _failed() -> GraphFault:
    """What Graph answers to a filter that Exchange cannot follow."""
    return GraphFault(500, "ErrorInternalServerError", "An internal server error occurred. The operation failed.")


def _matches(function: str, text: str, wanted: str) -> bool:
    tests = {"contains": text.__contains__, "startswith": text.startswith, "endswith": text.endswith}
    return bool(tests[function](wanted))


def _comparable(known: Any, literal: str) -> tuple[str, str]:
    """Booleans, texts without case, and times without their fractions."""
    if isinstance(known, bool):
        return str(known).lower(), literal.lower()
    text = str(known or "")
    if text[:4].isdecimal() and "T" in text:
        return text[:19], literal.replace("Z", "")[:19].ljust(19, "0") if len(literal) > 10 else f"{literal}T00:00:00"
    return text.casefold(), literal.casefold()
