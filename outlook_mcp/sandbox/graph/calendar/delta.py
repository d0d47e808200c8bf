"""calendarView/delta: what changed in a period of a calendar since the last round."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from outlook_mcp.sandbox.graph.calendar.call import CalendarCall
from outlook_mcp.sandbox.graph.calendar.event_json import BY_NAME, event_json
from outlook_mcp.sandbox.graph.calendar.listing import period_of
from outlook_mcp.sandbox.graph.core.delta import Round, delta_answer, refuse_options, round_of
from outlook_mcp.sandbox.store.core import times
from outlook_mcp.sandbox.store.core.rounds import Rounds


async def view_delta(call: CalendarCall) -> Response:
    """The whole period at first, later what was changed, added or removed. The period stays that of the first round.

    The dates of a series come as in calendarView, one by one.
    """
    refuse_options(call, "CalendarView", "orderby", "filter", "select", "expand", "search", "top")
    rounds = Rounds(call.sources.database, call.account)
    state = round_of(call, rounds) or Round(_period(call))
    after, before = (times.read_time(state.asked[name]) for name in ("after", "before"))
    events = {call.id_of(event): event for event in call.events.view(call.calendar(), after, before)}
    states = {own: event.change_key for own, event in events.items()}
    return delta_answer(call, rounds, state, "event", states, lambda own: _shown(event_json(call, events[own])))


def _period(call: CalendarCall) -> dict[str, str]:
    after, before = period_of(call)
    return {"after": times.write_time(after), "before": times.write_time(before)}


def _shown(value: dict[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in value.items() if name not in BY_NAME}
