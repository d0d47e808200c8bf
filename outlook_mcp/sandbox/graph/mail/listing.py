"""Pages of messages: $filter, $orderby and $search on rows, nextLink, $count and $expand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from outlook_mcp.sandbox.graph.core.errors import access_denied, bad_request
from outlook_mcp.sandbox.graph.mail.attachment_json import expanded
from outlook_mcp.sandbox.graph.mail.call import MailCall
from outlook_mcp.sandbox.graph.mail.extended import (
    MESSAGE_SIZE,
    MULTIPLE,
    SINGLE,
    TRANSPORT_HEADERS,
    Computed,
    expanded_properties,
)
from outlook_mcp.sandbox.graph.mail.extensions import expanded_extensions
from outlook_mcp.sandbox.graph.mail.invitation import EVENT_OF_MESSAGE, expanded_event
from outlook_mcp.sandbox.graph.mail.message_json import message_json, selected_properties, transport_headers
from outlook_mcp.sandbox.graph.mail.properties import MESSAGE
from outlook_mcp.sandbox.graph.mail.search import compile_search
from outlook_mcp.sandbox.graph.mail.search_folders import folder_condition
from outlook_mcp.sandbox.query import (
    Condition,
    Expansion,
    compile_filter,
    compile_order,
)
from outlook_mcp.sandbox.query.errors import unknown_expansion
from outlook_mcp.sandbox.store import Folder, StoredMessage, StoreError
from outlook_mcp.sandbox.store.mail.insertion import owner_token

DEFAULT_PAGE = 10
_SEARCH_LIMIT = 1_000
_TOKEN = re.compile(r"[0-9]{1,9}")
_NEWEST_FIRST = "m.received DESC, m.id DESC"
_LAST_SENT_FIRST = "m.sent DESC, m.id DESC"
_EXPANSIONS = ("attachments", "extensions", SINGLE.lower(), MULTIPLE.lower())
_PROTECTED_FROM_BASIC = {"body/content", "bodypreview", "singlevalueextendedproperties"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What to read; `limit` bounds the whole listing, not a page.

    `sifted` imitates a search of Exchange that reads more messages than it returns: each page but the last is one
    message short, and `$skip` in its nextLink is higher than the number of messages sent.
    """

    condition: Condition
    order: str
    limit: int | None = None
    sifted: bool = False


def plan(call: MailCall, folder: Folder | None) -> Plan:
    """What a list request asks for. Raises QueryError and GraphFault."""
    options = call.options
    place = _outside_recoverable_items(call) if folder is None else folder_condition(call.mailbox, folder)
    if options.search is not None:
        return Plan(place & _search(call, options.search), _LAST_SENT_FIRST, _SEARCH_LIMIT)
    condition, filtered = place, None
    if options.filter:
        chosen, filtered = compile_filter(options.filter, MESSAGE, lambda name: _folder_key(call, name))
        if call.basic_only and not _PROTECTED_FROM_BASIC.isdisjoint(filtered):
            raise access_denied()
        condition = place & chosen
    order = compile_order(options.orderby, MESSAGE, filtered, "m.id") if options.orderby else _NEWEST_FIRST
    return Plan(condition, order, sifted=filtered is not None and set(filtered) != {"receiveddatetime"})


def _outside_recoverable_items(call: MailCall) -> Condition:
    """Recoverable items are listed and found in their own folder only."""
    return Condition(
        "m.folder <> coalesce((SELECT f.id FROM folder f WHERE f.mailbox = ?"
        " AND f.well_known = 'recoverableitemsdeletions'), 0)",
        (call.account.key,),
    )


def page(call: MailCall, folder: Folder | None) -> dict[str, Any]:
    """The JSON of one page, without its context."""
    chosen = plan(call, folder)
    select = selected_properties(call)
    check_expansions(call, call.options.expand)
    start, size = _window(call, chosen)
    found = call.mailbox.messages.select(
        chosen.condition.sql, chosen.condition.parameters, chosen.order, size + 1, start
    )
    answer: dict[str, Any] = {}
    if call.options.count:
        answer["@odata.count"] = total(call, chosen)
    has_more = len(found) > size and (chosen.limit is None or start + size < chosen.limit)
    sent = max(1, size - 1) if has_more and chosen.sifted else size
    answer["value"] = [full_json(call, stored, select, call.options.expand) for stored in found[:sent]]
    if has_more:
        answer["@odata.nextLink"] = _next_link(call, chosen, start, sent)
    return answer


def total(call: MailCall, chosen: Plan) -> int:
    number = call.mailbox.messages.total(chosen.condition.sql, chosen.condition.parameters)
    return number if chosen.limit is None else min(number, chosen.limit)


def full_json(
    call: MailCall, stored: StoredMessage, select: frozenset[str] | None, expansions: Sequence[Expansion]
) -> dict[str, Any]:
    """A message with what $expand adds."""
    answer = message_json(call, stored, select)
    for expansion in expansions:
        if expansion.name == "attachments":
            answer |= _collection(call, stored, "attachments", expanded(call, stored, expansion))
            continue
        if EVENT_OF_MESSAGE.fullmatch(expansion.name):
            answer |= expanded_event(call, stored)
            continue
        if expansion.name == "extensions":
            answer |= _collection(call, stored, "extensions", expanded_extensions(call, stored, expansion))
            continue
        extended = call.mailbox.messages.extended([stored.key]).get(stored.key, [])
        name, properties = expanded_properties(expansion, extended, _computed(call, stored))
        if properties:
            answer |= _collection(call, stored, name, properties)
    return answer


def _collection(call: MailCall, stored: StoredMessage, name: str, values: list[dict[str, Any]]) -> dict[str, Any]:
    """What belongs to a message, with its context in front, as in
    https://learn.microsoft.com/graph/api/multivaluelegacyextendedproperty-get.
    """
    context = call.context(f"messages('{quote(call.id_of(stored))}')/{name}")
    return {f"{name}@odata.context": context, name: values}


def check_expansions(call: MailCall, expansions: Sequence[Expansion]) -> None:
    for expansion in expansions:
        if expansion.name not in _EXPANSIONS and not EVENT_OF_MESSAGE.fullmatch(expansion.name):
            raise unknown_expansion(expansion.name, "message")
        call.need_full_read()


def _computed(call: MailCall, stored: StoredMessage) -> Computed:
    return {
        MESSAGE_SIZE: lambda: str(stored.row["size"]),
        TRANSPORT_HEADERS: lambda: "".join(f"{name}: {value}\r\n" for name, value in transport_headers(call, stored)),
    }


def _search(call: MailCall, search: str) -> Condition:
    for name, given in (("orderBy", call.options.orderby), ("filter", call.options.filter)):
        if given is not None:
            code = f"SearchWith{name[0].upper()}{name[1:]}"
            raise bad_request(f"The query parameter '${name}' is not supported with '$search'.", code)
    call.need_full_read()
    return compile_search(search, owner_token(call.account.key))


def _next_link(call: MailCall, chosen: Plan, start: int, sent: int) -> str:
    if not chosen.sifted:
        return call.link(skip=str(start + sent), skiptoken=None)
    return call.link(skip=str(call.options.skip + sent + 1), skiptoken=str(start + sent))


def _window(call: MailCall, chosen: Plan) -> tuple[int, int]:
    """The offset and the size of the page; the $skiptoken of a nextLink goes before its $skip."""
    size = call.options.top or call.prefer.page_size or DEFAULT_PAGE
    start = call.options.skip
    if (token := call.options.raw.get("$skiptoken")) is not None:
        if not _TOKEN.fullmatch(token):
            raise bad_request("Badly formed token.")
        start = int(token)
    if chosen.limit is not None:
        size = max(0, min(size, chosen.limit - start))
    return start, size


def _folder_key(call: MailCall, name: str) -> int | None:
    try:
        return call.mailbox.folders.by_id(name).key
    except StoreError:
        return None
