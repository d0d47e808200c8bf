"""The fields To, Cc and Bcc: everybody stands in one of them, and who is moved or dropped is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from outlook_mcp.graph.models import Recipient
from outlook_mcp.mail.drafts.recipients import address_of, recipient_json
from outlook_mcp.mail.models import Message

_LABELS = {"toRecipients": "To", "ccRecipients": "Cc", "bccRecipients": "Bcc"}


@dataclass(frozen=True, slots=True)
class MovedRecipient:
    """Somebody who stands in the field `label` (To, Cc or Bcc), and not in `not_in`, where they were or were given."""

    recipient: Recipient
    label: str
    not_in: str


@dataclass(frozen=True, slots=True)
class RecipientChanges:
    """What a change did to recipients beside adding some: who is moved, and who is no recipient any more."""

    moved: Sequence[MovedRecipient] = ()
    dropped: Sequence[Recipient] = ()


NO_CHANGES = RecipientChanges()


def current_recipients(message: Message) -> dict[str, list[Recipient]]:
    """The recipients of a message by their JSON field."""
    return {
        "toRecipients": message.to_recipients,
        "ccRecipients": message.cc_recipients,
        "bccRecipients": message.bcc_recipients,
    }


def added_recipients(message: Message, fields: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The JSON fields of `message` once those in `fields` are added to the recipients that it has.

    Everybody stands in one field: in the first that is given for them, else in the one they had.
    """
    given = _each_once(fields)
    if not given:
        return {}
    return {name: [*_others(message, name, given), *given.get(name, ())] for name in _LABELS}


def replaced_recipients(message: Message, fields: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The JSON fields of `message` to write when those in `fields` replace what it has; everybody stands in one field.

    >>> new = {"toRecipients": [{"emailAddress": {"address": "a@x.example"}}]}
    >>> replaced_recipients(Message(id="1"), {**new, "ccRecipients": new["toRecipients"]})
    {'toRecipients': [{'emailAddress': {'address': 'a@x.example'}}], 'ccRecipients': []}
    """
    given = _each_once(fields)
    changed = dict(given)
    for name, recipients in current_recipients(message).items():
        if name not in given and len(others := _others(message, name, given)) < len(recipients):
            changed[name] = others
    return changed


def recipient_changes(before: Message | None, now: Message, fields: Mapping[str, Any]) -> RecipientChanges:
    """What became of the recipients in `before` and of those in the `fields` that a caller gave."""
    given = {name: fields[name] for name in _LABELS if name in fields}
    if not given:
        return NO_CHANGES
    place = {_address(recipient): (recipient, name) for name, recipient in _in_fields(now)}
    earlier = [(name, _address(recipient)) for name, recipient in (_in_fields(before) if before else ())]
    wanted = [(name, address_of(recipient)) for name, recipients in given.items() for recipient in recipients]
    named = {address for _, address in wanted}
    moved = {
        (address, name): MovedRecipient(place[address][0], _LABELS[place[address][1]], _LABELS[name])
        for name, address in [*(pair for pair in earlier if pair[1] in named), *wanted]
        if address in place and place[address][1] != name
    }
    dropped = [recipient for _, recipient in (_in_fields(before) if before else ()) if _address(recipient) not in place]
    return RecipientChanges(list(moved.values()), dropped)


def _each_once(fields: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The `fields` of recipients; whoever stands in several is left in the first."""
    seen: set[str] = set()
    once: dict[str, list[dict[str, Any]]] = {}
    for name in _LABELS:
        if name in fields:
            once[name] = [recipient for recipient in fields[name] if address_of(recipient) not in seen]
            seen.update(map(address_of, once[name]))
    return once


def _others(message: Message, name: str, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The recipients that a message has in a field, without those who are given anew."""
    named = {address_of(recipient) for recipients in given.values() for recipient in recipients}
    there = current_recipients(message)[name]
    return [recipient_json(recipient) for recipient in there if _address(recipient) not in named]


def _in_fields(message: Message) -> Iterable[tuple[str, Recipient]]:
    return ((name, recipient) for name, people in current_recipients(message).items() for recipient in people)


def _address(recipient: Recipient) -> str:
    return (recipient.email_address.address or "").lower()
