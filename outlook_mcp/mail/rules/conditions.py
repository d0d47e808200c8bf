"""The conditions of an inbox rule in plain words: https://learn.microsoft.com/graph/api/resources/messagerulepredicates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from outlook_mcp.errors import InvalidInput
from outlook_mcp.mail.drafts.recipients import recipients_json
from outlook_mcp.mail.rules.words import is_given, kind_and_values, phrases_in, written_values

_TEXTS = {
    "sender contains": "senderContains",
    "recipient contains": "recipientContains",
    "subject contains": "subjectContains",
    "body contains": "bodyContains",
    "subject or body contains": "bodyOrSubjectContains",
    "header contains": "headerContains",
    "category is": "categories",
}
_PEOPLE = {"from": "fromAddresses", "to": "sentToAddresses"}
_CHOICES = {
    "importance is": ("importance", ("low", "normal", "high")),
    "sensitivity is": ("sensitivity", ("normal", "personal", "private", "confidential")),
    "flagged for": (
        "messageActionFlag",
        (
            *("any", "call", "doNotForward", "followUp", "fyi", "forward", "noResponseNecessary", "read", "reply"),
            *("replyToAll", "review"),
        ),
    ),
}
_FACTS = {
    "has attachments": "hasAttachments",
    "sent to me": "sentToMe",
    "sent only to me": "sentOnlyToMe",
    "cc me": "sentCcMe",
    "to or cc me": "sentToOrCcMe",
    "not to me": "notSentToMe",
    "is an approval request": "isApprovalRequest",
    "is forwarded automatically": "isAutomaticForward",
    "is an automatic reply": "isAutomaticReply",
    "is encrypted": "isEncrypted",
    "is a meeting request": "isMeetingRequest",
    "is a meeting response": "isMeetingResponse",
    "is a non-delivery report": "isNonDeliveryReport",
    "is permission controlled": "isPermissionControlled",
    "is a read receipt": "isReadReceipt",
    "is signed": "isSigned",
    "is a voicemail": "isVoicemail",
}
_SIZE = re.compile(
    r"(?:size\s+)?(?:(?P<way>over|under)\s+(?P<one>\d+)|(?P<least>\d+)\s*(?:to|-)\s*(?P<most>\d+))\s*kb", re.I
)
FORMS = (
    *(f"{words} TEXT" for words in _TEXTS),
    *(f"{words} ADDRESS" for words in _PEOPLE),
    *(f"{words} {'|'.join(choices)}" for words, (_, choices) in _CHOICES.items()),
    *_FACTS,
    "size over 100 KB",
    "size under 100 KB",
    "size 10 to 100 KB",
)
# What Exchange takes as no upper limit (MS-OXWSRULES).
_ANY_SIZE = 2_147_483_647


def parse_conditions(written: str) -> dict[str, Any]:
    """Graph's messageRulePredicates; all of them have to be met. Raises InvalidInput with the phrases there are.

    >>> parse_conditions("subject contains invoice, bill; has attachments")
    {'subjectContains': ['invoice', 'bill'], 'hasAttachments': True}
    """
    conditions: dict[str, Any] = {}
    for phrase in phrases_in(written):
        name, value = _condition(phrase)
        if isinstance(value, list) and name in conditions:
            value = [*conditions[name], *value]
        conditions[name] = value
    return conditions


def describe_conditions(conditions: Mapping[str, Any] | None) -> list[str]:
    """Conditions in the words that `parse_conditions` takes; one that has no words there is shown by its name in Graph.

    >>> describe_conditions({"subjectContains": ["invoice", "bill"], "hasAttachments": True})
    ['subject contains invoice, bill', 'has attachments']
    """
    return [_described(name, value) for name, value in (conditions or {}).items() if is_given(value)]


def _condition(phrase: str) -> tuple[str, Any]:
    folded = " ".join(phrase.split())
    if folded.casefold() in _FACTS:
        return _FACTS[folded.casefold()], True
    if size := _SIZE.fullmatch(folded):
        return "withinSizeRange", _size(size)
    if known := kind_and_values(phrase, [*_TEXTS, *_PEOPLE, *_CHOICES]):
        return _with_value(*known)
    raise InvalidInput(f"{folded[:80]!r} is no condition.", next_step=f"There are: {'; '.join(FORMS)}.")


def _with_value(words: str, values: list[str]) -> tuple[str, Any]:
    if not values:
        raise InvalidInput(f"The condition {words!r} needs a value.")
    if words in _TEXTS:
        return _TEXTS[words], values
    if words in _PEOPLE:
        try:
            return _PEOPLE[words], recipients_json(values)
        except InvalidInput as error:
            raise InvalidInput(
                f"The condition {words!r} takes addresses. {error.message}",
                next_step='Divide conditions by `;`. A part of an address is taken by "sender contains".',
            ) from None
    name, choices = _CHOICES[words]
    spelled = {choice.casefold(): choice for choice in choices}
    chosen = spelled.get(values[0].replace(" ", "").casefold())
    if chosen is None or len(values) > 1:
        raise InvalidInput(f"{words!r} takes one of {', '.join(choices)}.")
    return name, chosen


def _size(found: re.Match[str]) -> dict[str, int]:
    if found["way"]:
        least, most = (int(found["one"]), _ANY_SIZE) if found["way"].lower() == "over" else (0, int(found["one"]))
    else:
        least, most = int(found["least"]), int(found["most"])
    if least >= most:
        raise InvalidInput("The smallest size has to be below the largest.")
    return {"minimumSize": least, "maximumSize": most}


def _described(name: str, value: Any) -> str:
    by_name = {**_inverse(_TEXTS), **_inverse(_PEOPLE), **_inverse(_FACTS)}
    choices = {graph_name: words for words, (graph_name, _) in _CHOICES.items()}
    if name in _TEXTS.values():
        return f"{by_name[name]} {written_values(value)}"
    if name in _PEOPLE.values():
        return f"{by_name[name]} {written_values(addresses_of(value))}"
    if name in by_name:
        return by_name[name]
    if name in choices:
        return f"{choices[name]} {value}"
    if name == "withinSizeRange":
        least, most = value.get("minimumSize") or 0, value.get("maximumSize") or _ANY_SIZE
        if most >= _ANY_SIZE:
            return f"size over {least} KB"
        return f"size {least} to {most} KB" if least else f"size under {most} KB"
    return f"{name} {value}"


def addresses_of(recipients: Iterable[Mapping[str, Any]]) -> list[str]:
    """The addresses of Graph's recipients, as JSON has them; names of those who have none, as a list of contacts.

    >>> addresses_of([{"emailAddress": {"name": "Bob", "address": "b@x.example"}}, {"emailAddress": {"name": "Team"}}])
    ['b@x.example', 'Team']
    """
    people = [recipient.get("emailAddress") or {} for recipient in recipients]
    return [str(person.get("address") or person.get("name") or "") for person in people]


def _inverse(words: Mapping[str, str]) -> dict[str, str]:
    return {name: phrase for phrase, name in words.items()}
