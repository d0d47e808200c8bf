"""/mailFolders/inbox/messageRules: the inbox rules, which are applied to each message that is delivered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from outlook_mcp.sandbox.graph.core.call import no_content
from outlook_mcp.sandbox.graph.core.collections import collection_answer, count_answer, entity_answer
from outlook_mcp.sandbox.graph.core.errors import bad_request, read_only
from outlook_mcp.sandbox.graph.core.refusals import id_refusals
from outlook_mcp.sandbox.graph.core.shapes import RECIPIENT, Kind, Shape, read_body
from outlook_mcp.sandbox.graph.mail.call import MailCall
from outlook_mcp.sandbox.store.core.ids import encode
from outlook_mcp.sandbox.store.mail.records import Records
from outlook_mcp.sandbox.store.mail.rule_conditions import CONDITION_NAMES
from outlook_mcp.sandbox.store.mail.rules import RULES, Rule, has_error, rules_of

_IMPORTANCE = frozenset({"low", "normal", "high"})
_TEXTS = (
    *("bodyContains", "bodyOrSubjectContains", "categories", "headerContains", "recipientContains", "senderContains"),
    "subjectContains",
)
_TYPED: Mapping[str, Kind] = {
    **{name: [str] for name in _TEXTS},
    **{name: [RECIPIENT] for name in ("fromAddresses", "sentToAddresses")},
    "importance": _IMPORTANCE,
    "sensitivity": frozenset({"normal", "personal", "private", "confidential"}),
    "messageActionFlag": frozenset(
        (
            *("any", "call", "doNotForward", "followUp", "fyi", "forward", "noResponseNecessary", "read", "reply"),
            *("replyToAll", "review"),
        )
    ),
    "withinSizeRange": Shape("sizeRange", {"minimumSize": int, "maximumSize": int}),
}
_CONDITIONS = Shape("messageRulePredicates", {**dict.fromkeys(sorted(CONDITION_NAMES - _TYPED.keys()), bool), **_TYPED})
_ACTIONS = Shape(
    "messageRuleActions",
    {
        "assignCategories": [str],
        **dict.fromkeys(("copyToFolder", "moveToFolder"), str),
        **dict.fromkeys(("delete", "markAsRead", "permanentDelete", "stopProcessingRules"), bool),
        **{name: [RECIPIENT] for name in ("forwardAsAttachmentTo", "forwardTo", "redirectTo")},
        "markImportance": _IMPORTANCE,
    },
)
# A null of these is as if they were not written.
_ALWAYS = ("sequence", "isEnabled")
_READ_ONLY = ("hasError", "id", "isReadOnly")
_RULE = Shape(
    "messageRule",
    {
        "displayName": str,
        "sequence": int,
        "isEnabled": bool,
        "conditions": _CONDITIONS,
        "exceptions": _CONDITIONS,
        "actions": _ACTIONS,
        **dict.fromkeys(_READ_ONLY, object),
    },
)
_TYPE = "messageRule"


async def list_rules(call: MailCall) -> Response:
    """In the order in which they are applied."""
    _inbox(call)
    rules = [_rule_json(call, name, rule) for name, rule in rules_of(call.mailbox).items()]
    return collection_answer(call, _path(call), rules, _RULE.fields, _TYPE)


async def count_rules(call: MailCall) -> Response:
    _inbox(call)
    return count_answer(call, len(rules_of(call.mailbox)), _TYPE)


async def get_rule(call: MailCall) -> Response:
    return _rule_answer(call, call.arguments["rule"], _rule(call))


async def create_rule(call: MailCall) -> Response:
    _inbox(call)
    fields = read_body(_RULE, await call.json())
    given = {name: value for name, value in fields.items() if name not in _READ_ONLY and value is not None}
    last = max((rule["sequence"] for rule in rules_of(call.mailbox).values()), default=0)
    rule = {"sequence": last + 1, "isEnabled": True, **given}
    _check(call, rule)
    identifier = encode(b"\x01\0\0\0" + call.mailbox.counters.next_item().to_bytes(8, "big"))
    _records(call).put_record(identifier, rule)
    return _rule_answer(call, identifier, rule, 201)


async def update_rule(call: MailCall) -> Response:
    """Conditions, exceptions and actions are replaced as a whole."""
    identifier, rule = call.arguments["rule"], _rule(call)
    fields = read_body(_RULE, await call.json())
    for name in fields:
        if name in _READ_ONLY:
            raise read_only(name)
    kept = {name: rule[name] for name in _ALWAYS}
    changed = kept | {name: value for name, value in {**rule, **fields}.items() if value is not None}
    _check(call, changed)
    _records(call).put_record(identifier, changed)
    return _rule_answer(call, identifier, changed)


async def delete_rule(call: MailCall) -> Response:
    _rule(call)
    _records(call).remove_record(call.arguments["rule"])
    return no_content()


def _records(call: MailCall) -> Records:
    return call.mailbox.records(RULES)


def _inbox(call: MailCall) -> None:
    """Only the inbox has rules (https://learn.microsoft.com/graph/api/resources/messagerule)."""
    if call.folder(call.arguments["folder"]).well_known != "inbox":
        raise bad_request("Rules are supported for the Inbox only.", "ErrorInvalidRequest")


def _rule(call: MailCall) -> Rule:
    _inbox(call)
    with id_refusals():
        return _records(call).by_id(call.arguments["rule"])


def _check(call: MailCall, rule: dict[str, Any]) -> None:
    """Replaces names of folders by ids. The code of the refusals is that of Exchange (MS-OXWSRULES)."""
    if not rule.get("displayName") or not any(_is_set(value) for value in (rule.get("actions") or {}).values()):
        raise bad_request("A rule needs a display name and an action.", "ErrorInboxRulesValidationError")
    if rule["sequence"] < 0:
        raise bad_request("The sequence of a rule is not negative.", "ErrorInboxRulesValidationError")
    for name in ("forwardAsAttachmentTo", "forwardTo", "redirectTo"):
        for recipient in rule["actions"].get(name) or []:
            if not (recipient.get("emailAddress") or {}).get("address"):
                raise bad_request(f"A recipient of '{name}' has no address.", "ErrorInboxRulesValidationError")
    for name in ("copyToFolder", "moveToFolder"):
        if rule["actions"].get(name):
            rule["actions"][name] = call.folder(rule["actions"][name]).id


def _is_set(value: Any) -> bool:
    return value is not None and value is not False and value != []


def _path(call: MailCall) -> str:
    return f"mailFolders('{call.arguments['folder']}')/messageRules"


def _rule_answer(call: MailCall, identifier: str, rule: Rule, status: int = 200) -> Response:
    return entity_answer(call, _path(call), _rule_json(call, identifier, rule), _RULE.fields, _TYPE, status)


def _rule_json(call: MailCall, identifier: str, rule: Rule) -> dict[str, Any]:
    parts = {
        name: {key: value for key, value in rule[name].items() if value is not None}
        for name in ("conditions", "exceptions", "actions")
        if rule.get(name)
    }
    return {
        "id": identifier,
        "displayName": rule["displayName"],
        "sequence": rule["sequence"],
        "isEnabled": rule["isEnabled"],
        "hasError": has_error(call.mailbox, rule),
        "isReadOnly": False,
        **parts,
    }
