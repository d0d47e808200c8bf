"""Delta queries on small collections: each round compares the states of all items with those told before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from starlette.responses import Response

from outlook_mcp.sandbox.graph.core.call import Call
from outlook_mcp.sandbox.graph.core.errors import GraphFault
from outlook_mcp.sandbox.store.core.rounds import Rounds

_PAGE = 50


@dataclass(frozen=True, slots=True)
class Round:
    """`asked` is what the first request asked for.

    `known` maps the ids of items that the caller was told of to their states; `left` are ids of those still to be told
    in this round, None at its begin.
    """

    asked: Mapping[str, Any] = field(default_factory=dict)
    known: Mapping[str, str] = field(default_factory=dict)
    left: tuple[str, ...] | None = None


def round_of(call: Call, rounds: Rounds) -> Round | None:
    """The round that the token of the query goes on with; None for a first request. 410 for a token not known."""
    token = call.options.raw.get("$deltatoken") or call.options.raw.get("$skiptoken")
    if token is None:
        return None
    kept = rounds.state(token)
    if kept is None:
        raise GraphFault(410, "SyncStateNotFound", "The sync state generation is not found.")
    return Round(kept["asked"], kept["known"], None if kept["left"] is None else tuple(kept["left"]))


def delta_answer(
    call: Call,
    rounds: Rounds,
    state: Round,
    type_name: str,
    states: Mapping[str, str],
    shown: Callable[[str], Mapping[str, Any]],
) -> Response:
    """The next page of a round: the whole collection at first, later what is new, changed or gone.

    `states` maps the id of each item that is there to its state, which differs after every change; `shown` gives the
    properties of one.
    """
    waiting = state.left
    if waiting is None:
        changed = [item for item, now in states.items() if state.known.get(item) != now]
        waiting = (*changed, *(item for item in state.known if item not in states))
    size = call.prefer.page_size or call.options.top or _PAGE
    told, left = waiting[:size], waiting[size:]
    known = {item: then for item, then in state.known.items() if item not in told}
    known |= {item: states[item] for item in told if item in states}
    values = [
        {
            "@odata.type": f"#microsoft.graph.{type_name}",
            **(shown(item) if item in states else {"id": item, "@removed": {"reason": "deleted"}}),
        }
        for item in told
    ]
    token = rounds.keep(asdict(replace(state, known=known, left=left or None)))
    url = f"{call.request.url.scheme}://{call.request.url.netloc}{call.request.url.path}"
    name, parameter = ("nextLink", "skiptoken") if left else ("deltaLink", "deltatoken")
    link = {f"@odata.{name}": f"{url}?${parameter}={token}"}
    context = call.type_context(f"Collection({type_name})")
    return call.json_answer({"@odata.context": context, "value": values, **link})
