"""Whether a message meets the conditions of an inbox rule, which are kept as Graph writes them.

The conditions are those of https://learn.microsoft.com/graph/api/resources/messagerulepredicates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from outlook_mcp.sandbox.message import Address, Message
from outlook_mcp.sandbox.mime import html_to_text
from outlook_mcp.sandbox.store.mail.insertion import item_type

Conditions = Mapping[str, Any]
# Of Graph, by the value of the header Sensitivity.
_SENSITIVITY = {"personal": "personal", "private": "private", "company-confidential": "confidential"}


class DeliveredMessage:
    """A message that has just come, as conditions see it; `owner` is the address of the mailbox."""

    def __init__(self, message: Message, owner: str, size: int) -> None:
        self.message, self.owner, self.size = message, owner.lower(), size
        self.headers = {name.lower(): value.lower() for name, value in message.headers}
        self.header_text = "\n".join(f"{name}: {value}" for name, value in message.headers)
        self.content_type = self.headers.get("content-type", "")
        self.item_type = item_type(message)

    @property
    def body(self) -> str:
        is_html = self.message.body_type == "html"
        return html_to_text(self.message.body) if is_html else self.message.body

    @property
    def senders(self) -> list[Address]:
        return [person for person in (self.message.from_, self.message.sender) if person]

    def is_to_owner(self) -> bool:
        return self.owner in _addresses(self.message.to)

    def is_cc_to_owner(self) -> bool:
        return self.owner in _addresses(self.message.cc)


def is_match(delivered: DeliveredMessage, conditions: Conditions) -> bool:
    """Whether all the conditions are met; a rule without any is met by every message."""
    return all(_is_met(delivered, name, value) for name, value in conditions.items() if not _is_unset(value))


def is_exception(delivered: DeliveredMessage, exceptions: Conditions) -> bool:
    """Whether one of the exceptions is met."""
    return any(_is_met(delivered, name, value) for name, value in exceptions.items() if not _is_unset(value))


def _is_unset(value: Any) -> bool:
    """A condition that is false or empty asks for nothing, as in the rules of Exchange (MS-OXWSRULES)."""
    return value is None or value is False or value == []


def _is_met(delivered: DeliveredMessage, name: str, value: Any) -> bool:
    return _CONDITIONS[name](delivered, value)


def _addresses(people: list[Address]) -> set[str]:
    return {person.address.lower() for person in people}


def _wanted(recipients: list[Mapping[str, Any]]) -> set[str]:
    return {str((recipient.get("emailAddress") or {}).get("address") or "").lower() for recipient in recipients}


def _contains(text: str, words: list[str]) -> bool:
    return any(word.lower() in text.lower() for word in words)


def _people_text(people: list[Address]) -> str:
    return "\n".join(f"{person.name} {person.address}" for person in people)


def _is_in_size(delivered: DeliveredMessage, limits: Mapping[str, Any]) -> bool:
    """Sizes of rules are in kilobytes."""
    low, high = limits.get("minimumSize") or 0, limits.get("maximumSize")
    return low * 1024 <= delivered.size and (not high or delivered.size <= high * 1024)


def _is_automatic_reply(delivered: DeliveredMessage) -> bool:
    return delivered.headers.get("auto-submitted", "no") != "no" and "x-ms-exchange-message-is-ndr" not in (
        delivered.headers
    )


_CONDITIONS: dict[str, Callable[[DeliveredMessage, Any], bool]] = {
    "bodyContains": lambda d, words: _contains(d.body, words),
    "bodyOrSubjectContains": lambda d, words: _contains(f"{d.message.subject}\n{d.body}", words),
    "subjectContains": lambda d, words: _contains(d.message.subject, words),
    "headerContains": lambda d, words: _contains(d.header_text, words),
    "senderContains": lambda d, words: _contains(_people_text(d.senders), words),
    "recipientContains": lambda d, words: _contains(_people_text([*d.message.to, *d.message.cc]), words),
    "fromAddresses": lambda d, people: not _addresses(d.senders).isdisjoint(_wanted(people)),
    "sentToAddresses": lambda d, people: not _addresses([*d.message.to, *d.message.cc]).isdisjoint(_wanted(people)),
    "categories": lambda d, names: not set(d.message.categories).isdisjoint(names),
    "importance": lambda d, level: d.message.importance == level,
    "sensitivity": lambda d, level: _SENSITIVITY.get(d.headers.get("sensitivity", ""), "normal") == level,
    "messageActionFlag": lambda d, flag: flag == "any" and "x-message-flag" in d.headers,
    "withinSizeRange": _is_in_size,
    "hasAttachments": lambda d, _: any(not attachment.is_inline for attachment in d.message.attachments),
    "sentToMe": lambda d, _: d.is_to_owner(),
    "sentOnlyToMe": lambda d, _: d.is_to_owner() and len(d.message.to) == 1 and not d.message.cc,
    "sentCcMe": lambda d, _: d.is_cc_to_owner(),
    "sentToOrCcMe": lambda d, _: d.is_to_owner() or d.is_cc_to_owner(),
    "notSentToMe": lambda d, _: not d.is_to_owner(),
    "isAutomaticReply": lambda d, _: _is_automatic_reply(d),
    "isAutomaticForward": lambda d, _: d.headers.get("auto-submitted") == "auto-forwarded",
    "isNonDeliveryReport": lambda d, _: (
        "x-ms-exchange-message-is-ndr" in d.headers or "report-type=delivery-status" in d.content_type
    ),
    "isReadReceipt": lambda d, _: "disposition-notification" in d.content_type,
    "isMeetingRequest": lambda d, _: d.item_type == "eventMessageRequest",
    "isMeetingResponse": lambda d, _: d.item_type == "eventMessageResponse",
    "isEncrypted": lambda d, _: "enveloped-data" in d.content_type or "multipart/encrypted" in d.content_type,
    "isSigned": lambda d, _: "multipart/signed" in d.content_type or "signed-data" in d.content_type,
    "isPermissionControlled": lambda d, _: d.headers.get("content-class") == "rpmsg.message",
    "isVoicemail": lambda d, _: d.headers.get("content-class", "").startswith("voice"),
    "isApprovalRequest": lambda d, _: d.headers.get("content-class", "").startswith("approval"),
}
CONDITION_NAMES = frozenset(_CONDITIONS)
