"""What all delta queries share, and those on small collections.

A round of a small collection compares the states of all its items with those told before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from starlette.responses import Response

from outlook_mcp.sandbox.graph.core.call import Call
from outlook_mcp.sandbox.graph.core.errors import GraphFault, bad_request
from outlook_mcp.sandbox.store.core.rounds import Rounds

DEFAULT_PAGE = 50
# As `Rounds` makes them.
_TOKEN = re.compile(r"[\w-]{22}", re.ASCII)


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
    token = token_of(call)
    if token is None:
        return None
    if not _TOKEN.fullmatch(token):
        raise badly_formed_token()
    kept = rounds.state(token)
    if kept is None:
        raise state_is_gone(call)
    return Round(kept["asked"], kept["known"], None if kept["left"] is None else tuple(kept["left"]))


def token_of(call: Call) -> str | None:
    """The token of the query; an empty one asks for a first round, as none does."""
    return call.options.raw.get("$deltatoken") or call.options.raw.get("$skiptoken") or None


def token_link(call: Call, token: str, *, has_more: bool) -> dict[str, str]:
    """The link to the next page of a round, or to the next round. Tokens carry the other parameters of the query."""
    url = call.request.url
    name, parameter = ("nextLink", "skiptoken") if has_more else ("deltaLink", "deltatoken")
    return {f"@odata.{name}": f"{url.scheme}://{url.netloc}{url.path}?${parameter}={token}"}


def refuse_options(call: Call, resource: str, *names: str) -> None:
    """Raises GraphFault for a query option that change tracking has not.

    The words are those of public reports for 'CalendarView' and 'Contacts' (https://learn.microsoft.com/graph/api/
    event-delta and contact-delta say which options there are).
    """
    asked = call.options.raw.keys() & {f"${name}" for name in names}
    if asked == {"$top"}:
        raise bad_request(
            f"The '$top' parameter is not supported with change tracking over the '{resource}' resource as page size"
            " cannot be guaranteed. Express page size preferences using the Prefer: odata.maxpagesize= header instead.",
            "ErrorInvalidUrlQuery",
        )
    if asked:
        refused = ", ".join(f"${name}" for name in names)
        raise bad_request(
            f"The following parameters are not supported with change tracking over the '{resource}' resource:"
            f" '{refused}'.",
            "ErrorInvalidUrlQuery",
        )


def badly_formed_token() -> GraphFault:
    return bad_request("Badly formed token.")


def state_is_gone(call: Call) -> GraphFault:
    """410 with the address of a new first round (https://learn.microsoft.com/graph/delta-query-overview)."""
    return GraphFault(
        410,
        "SyncStateNotFound",
        "The sync state generation is not found; a full synchronization is required.",
        {"Location": call.link(deltatoken="", skiptoken=None)},
    )


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
    size = call.prefer.page_size or DEFAULT_PAGE
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
    context = call.type_context(f"Collection({type_name})")
    return call.json_answer(
        {"@odata.context": context, "value": values, **token_link(call, token, has_more=bool(left))}
    )
