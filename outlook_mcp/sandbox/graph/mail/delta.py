"""Delta queries: what changed in one folder since the last round."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import Any

from starlette.responses import Response

from outlook_mcp.sandbox.graph.core.delta import (
    DEFAULT_PAGE,
    badly_formed_token,
    refuse_options,
    state_is_gone,
    token_link,
    token_of,
)
from outlook_mcp.sandbox.graph.core.errors import bad_request, not_imitated_value
from outlook_mcp.sandbox.graph.mail.call import MailCall
from outlook_mcp.sandbox.graph.mail.listing import check_expansions, full_json
from outlook_mcp.sandbox.graph.mail.message_json import selected_properties
from outlook_mcp.sandbox.graph.mail.properties import MESSAGE
from outlook_mcp.sandbox.query import ALL, Condition, Expansion, compile_filter
from outlook_mcp.sandbox.query.odata import Combination, Comparison, Node, parse_filter
from outlook_mcp.sandbox.query.options import read_expansions
from outlook_mcp.sandbox.store import Folder
from outlook_mcp.sandbox.store.mail.changes import Change, ChangeKind

# The only $orderby that is documented; the order of an answer is not promised.
_ONLY_ORDER = "receiveddatetime desc"
# With $deltatoken=latest the first round tells nothing of what is in the folder already.
_FROM_NOW = "latest"
_CHECKSUM = 8  # bytes


@dataclass(frozen=True, slots=True)
class _State:
    """The state of a round: changes up to `position` are sent; only removals after `removals_after` are told.

    The round before ended with the change `since`; the other fields are parameters of the first request.
    """

    folder: str
    position: int
    removals_after: int
    since: int
    filter: str | None
    select: str | None
    expand: str
    kind: ChangeKind | None

    def token(self) -> str:
        written = json.dumps(asdict(self)).encode()
        return base64.urlsafe_b64encode(_checksum(written) + written).decode("ascii").rstrip("=")

    @classmethod
    def of(cls, token: str) -> _State:
        """Raises GraphFault for a token that was not made here."""
        try:
            read = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except ValueError as error:
            raise badly_formed_token() from error
        written = read[_CHECKSUM:]
        if _checksum(written) != read[:_CHECKSUM]:
            raise badly_formed_token()
        return cls(**json.loads(written))


def _checksum(written: bytes) -> bytes:
    return hashlib.blake2b(written, digest_size=_CHECKSUM).digest()


async def message_delta(call: MailCall) -> Response:
    """Pages end in a nextLink, a finished round in a deltaLink; 410 when the token is too old."""
    folder = call.path_folder()
    if folder is None:
        raise bad_request("Change tracking is not supported against 'microsoft.graph.message'.")
    if folder.search is not None:
        raise not_imitated_value("change tracking of a search folder")
    _refuse_options(call)
    state = _state(call, folder)
    size = call.prefer.page_size or call.options.top or DEFAULT_PAGE
    condition = _condition(state.filter)
    changes = call.mailbox.changes.after(
        folder,
        state.position,
        removals_after=state.removals_after,
        limit=size + 1,
        condition=condition.sql,
        parameters=condition.parameters,
        kind=state.kind,
        since=state.since,
    )
    expansions = read_expansions(state.expand)
    check_expansions(call, expansions)
    select = selected_properties(call)
    if state.select:
        select = frozenset(state.select.split(","))
    body: dict[str, Any] = {"@odata.context": call.type_context("Collection(message)")}
    body["value"] = [_change_json(call, change, select, expansions) for change in changes[:size]]
    return call.json_answer({**body, **_link(call, state, changes, size)})


def _link(call: MailCall, state: _State, changes: list[Change], size: int) -> dict[str, str]:
    if len(changes) > size:
        position = changes[size - 1].position
        return token_link(call, replace(state, position=position).token(), has_more=True)
    position = max([state.position, state.removals_after, *(change.position for change in changes)])
    finished = replace(state, position=position, removals_after=position, since=position)
    return token_link(call, finished.token(), has_more=False)


def _state(call: MailCall, folder: Folder) -> _State:
    token = token_of(call)
    if token is None or token == _FROM_NOW:
        select = selected_properties(call)
        newest = call.mailbox.changes.position()
        start = newest if token else 0
        return _State(
            folder=folder.id,
            position=start,
            removals_after=newest,
            since=start,
            filter=call.options.filter,
            select=",".join(sorted(select)) if select else None,
            expand=call.options.raw.get("$expand", ""),
            kind=_kind(call),
        )
    state = _State.of(token)
    if state.folder != folder.id or not call.mailbox.changes.remembers(state.removals_after):
        raise state_is_gone(call)
    return state


def _kind(call: MailCall) -> ChangeKind | None:
    match call.options.raw.get("changetype"):
        case None:
            return None
        case "created" | "updated" | "deleted" as kind:
            return kind
        case other:
            raise bad_request(f"The value '{other}' of the query parameter 'changeType' is not supported.")


def _change_json(
    call: MailCall, change: Change, select: frozenset[str] | None, expansions: tuple[Expansion, ...]
) -> dict[str, Any]:
    if change.message is not None:
        return {"@odata.type": "#microsoft.graph.message", **full_json(call, change.message, select, expansions)}
    gone = change.immutable_id if call.prefer.immutable_ids else change.id
    return {"@odata.type": "#microsoft.graph.message", "@removed": {"reason": "deleted"}, "id": gone}


def _refuse_options(call: MailCall) -> None:
    refuse_options(call, "Messages", "search", "skip")
    order = (call.options.orderby or _ONLY_ORDER).lower().split()
    if order != _ONLY_ORDER.split():
        raise bad_request("Change tracking supports only 'receivedDateTime desc' in $orderby.")


def _condition(text: str | None) -> Condition:
    if not text:
        return ALL
    if not _is_lower_bound(parse_filter(text)):
        raise bad_request("Change tracking supports only 'receivedDateTime ge' and 'receivedDateTime gt' in $filter.")
    return compile_filter(text, MESSAGE)[0]


def _is_lower_bound(node: Node) -> bool:
    match node:
        case Comparison(path, ">=" | ">"):
            return path.lower() == "receiveddatetime"
        case Combination("AND", left, right):
            return _is_lower_bound(left) and _is_lower_bound(right)
        case _:
            return False
