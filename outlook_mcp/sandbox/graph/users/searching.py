"""GET /users: the users of the caller's tenant, found by words of their names and addresses.

https://learn.microsoft.com/graph/search-query-parameter#using-search-on-directory-object-collections
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from starlette.responses import Response

from outlook_mcp.sandbox.graph.core.call import Call
from outlook_mcp.sandbox.graph.core.errors import GraphFault, authorization_denied, bad_request, not_imitated_value
from outlook_mcp.sandbox.graph.users.profiles import properties_of, user_json
from outlook_mcp.sandbox.query.odata import Combination, Comparison, Negation, Node, Quantified, TextMatch, parse_filter
from outlook_mcp.sandbox.store.core.accounts import Account, Accounts

_PAGE = 100
_CLAUSE = re.compile(r'"(\w+):([^"]*)"')
_BETWEEN = re.compile(r"\s+(AND|OR)\s+")
_SEARCHED = {"displayname": "displayName", "mail": "mail", "userprincipalname": "userPrincipalName"}
# Those by which users are filtered and ordered here.
_FILTERED = {**_SEARCHED, "givenname": "givenName", "surname": "surname"}
_PERSONAL = "9188040d-6c67-4c5b-b112-36a304b66dad"


async def list_users(call: Call, accounts: Accounts) -> Response:
    """Only advanced queries search, and they have to say so in a header."""
    if call.caller.tid == _PERSONAL:
        raise authorization_denied()
    is_advanced = call.request.headers.get("consistencylevel", "").lower() == "eventual"
    if call.options.search is not None and not is_advanced:
        raise bad_request(
            "Request with $search query parameter only works through MSGraph with a special request header:"
            " 'ConsistencyLevel: eventual'",
            "Request_UnsupportedQuery",
        )
    found = [account for account in accounts.all_accounts() if account.tid == call.caller.tid]
    if call.options.search is not None:
        found = [account for account in found if _is_found(account, call.options.search)]
    if call.options.filter:
        chosen = parse_filter(call.options.filter)
        found = [account for account in found if _is_chosen(account, chosen, is_advanced=is_advanced)]
    values = [user_json(call, account) for account in _ordered(found, call.options.orderby)]
    end = call.options.skip + (call.options.top or _PAGE)
    body: dict[str, Any] = {"@odata.context": call.type_context("users")}
    if call.options.count and is_advanced:
        body["@odata.count"] = len(values)
    if end < len(values):
        body["@odata.nextLink"] = call.link(skip=str(end))
    body["value"] = values[call.options.skip : end]
    return call.json_answer(body)


def _is_found(account: Account, search: str) -> bool:
    """`"displayName:anna" OR "mail:anna"`: a name by the beginnings of its words, others by their own beginning."""
    parts = _BETWEEN.split(search.strip())
    is_so = False
    for position, part in enumerate(parts):
        if position % 2:
            continue
        clause = _CLAUSE.fullmatch(part)
        if clause is None or clause[1].lower() not in _SEARCHED:
            raise bad_request("Syntax error: character in $search is not valid.", "Request_UnsupportedQuery")
        is_match = _has_clause(account, _SEARCHED[clause[1].lower()], clause[2])
        is_so = is_match if position == 0 else _joined(is_so, parts[position - 1], is_match)
    return is_so


def _joined(left: bool, operator: str, right: bool) -> bool:
    return left and right if operator == "AND" else left or right


def _has_clause(account: Account, name: str, text: str) -> bool:
    if name != "displayName":
        return account.upn.casefold().startswith(text.casefold())
    words = re.findall(r"\w+", account.display_name.casefold())
    return all(any(word.startswith(wanted) for word in words) for wanted in re.findall(r"\w+", text.casefold()))


def _is_chosen(account: Account, node: Node, *, is_advanced: bool) -> bool:
    """Names and addresses that begin with a text or are one of some; joined by and and or; more in advanced queries."""
    match node:
        case Combination(operator, left, right):
            chosen = [_is_chosen(account, part, is_advanced=is_advanced) for part in (left, right)]
            return all(chosen) if operator == "AND" else any(chosen)
        case Negation(operand) if is_advanced:
            return not _is_chosen(account, operand, is_advanced=is_advanced)
        case TextMatch("startswith", path, start):
            return _value(account, path).startswith(start.casefold())
        case TextMatch("endswith", path, end) if is_advanced:
            return _value(account, path).endswith(end.casefold())
        case Comparison(path, "=" | "IN", values):
            return _value(account, path) in {value.text.casefold() for value in values}
        case Quantified(path):
            _value(account, path)
    raise _unsupported()


def _value(account: Account, path: str) -> str:
    """A name or an address. Raises GraphFault for what else users have, and have not."""
    name = _FILTERED.get(path.lower())
    if name is None:
        if path.partition("/")[0].lower() in {known.lower() for known in properties_of(account)}:
            raise not_imitated_value(f"$filter by '{path}' of users")
        raise _unsupported()
    return str(properties_of(account)[name] or "").casefold()


def _unsupported() -> GraphFault:
    return bad_request("Unsupported or invalid query filter clause specified.", "Request_UnsupportedQuery")


def _ordered(accounts: Iterable[Account], order: str | None) -> list[Account]:
    """By display name, as Graph lists users, or by what `order` says."""
    name, _, direction = (order or "displayName").strip().partition(" ")
    if name.lower() not in _FILTERED or direction.strip().lower() not in ("", "asc", "desc"):
        raise not_imitated_value(f"$orderby '{order}' of users")
    return sorted(accounts, key=lambda account: _value(account, name), reverse=direction.strip().lower() == "desc")
