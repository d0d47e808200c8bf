"""calendarView/delta: what changed in a period of a calendar since the last round."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.responses import Response

from outlook_mcp.sandbox.graph.calendar.call import CalendarCall
from outlook_mcp.sandbox.graph.calendar.event_json import BY_NAME, event_json
from outlook_mcp.sandbox.graph.calendar.listing import period_of
from outlook_mcp.sandbox.graph.core.errors import GraphFault, bad_request
from outlook_mcp.sandbox.store.core import times

_PAGE = 50


@dataclass(frozen=True, slots=True)
class _Round:
    """`known` maps the events that the caller was told of to their states; `left` are ids of those still to be told."""

    after: str
    before: str
    known: Mapping[str, str]
    left: tuple[str, ...] | None = None


async def view_delta(call: CalendarCall) -> Response:
    """The whole period at first, later what was changed, added or removed. The period stays that of the first round.

    The dates of a series come as in calendarView, one by one.
    """
    _refuse_options(call)
    state = _state(call)
    calendar = call.calendar()
    events = call.events.view(calendar, times.read_time(state.after), times.read_time(state.before))
    now = {call.id_of(event): event for event in events}
    if state.left is None:
        changed = [own for own, event in now.items() if state.known.get(own) != event.change_key]
        waiting = (*changed, *(own for own in state.known if own not in now))
    else:
        waiting = state.left
    size = call.prefer.page_size or call.options.top or _PAGE
    told, left = waiting[:size], waiting[size:]
    known = {own: key for own, key in state.known.items() if own not in told}
    known |= {own: now[own].change_key for own in told if own in now}
    values = [
        _shown(event_json(call, now[own])) if own in now else {"id": own, "@removed": {"reason": "deleted"}}
        for own in told
    ]
    token = _kept(call, _Round(state.after, state.before, known, left or None))
    url = f"{call.request.url.scheme}://{call.request.url.netloc}{call.request.url.path}"
    name, parameter = ("nextLink", "skiptoken") if left else ("deltaLink", "deltatoken")
    link = {f"@odata.{name}": f"{url}?${parameter}={token}"}
    return call.json_answer({"@odata.context": call.type_context("Collection(event)"), "value": values, **link})


def _refuse_options(call: CalendarCall) -> None:
    for name in ("select", "filter", "orderby", "search"):
        if getattr(call.options, name):
            message = f"Change tracking over the 'CalendarView' resource does not support the parameter '${name}'."
            raise bad_request(message, "ErrorInvalidUrlQuery")


def _state(call: CalendarCall) -> _Round:
    token = call.options.raw.get("$deltatoken") or call.options.raw.get("$skiptoken")
    if token is None:
        after, before = period_of(call)
        return _Round(_written(after), _written(before), {})
    row = call.sources.database.row(
        "SELECT state FROM event_round WHERE mailbox = ? AND token = ?", (call.account.key, token)
    )
    if row is None:
        raise GraphFault(410, "SyncStateNotFound", "The sync state generation is not found.")
    kept = json.loads(row["state"])
    return _Round(kept["after"], kept["before"], kept["known"], None if kept["left"] is None else tuple(kept["left"]))


def _kept(call: CalendarCall, state: _Round) -> str:
    """The token under which the state is found again, as often as it is asked for."""
    token = secrets.token_urlsafe(16)
    values = {"after": state.after, "before": state.before, "known": dict(state.known), "left": state.left}
    call.sources.database.execute(
        "INSERT INTO event_round (mailbox, token, state) VALUES (?, ?, ?)",
        (call.account.key, token, json.dumps(values)),
    )
    return token


def _written(moment: datetime) -> str:
    return times.write_time(moment)


def _shown(value: dict[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in value.items() if name not in BY_NAME}
