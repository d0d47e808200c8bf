"""Tells of a message that Graph returned whether it is wanted, as far as its listed properties show."""

from __future__ import annotations

from collections.abc import Iterable

from outlook_mcp.graph.models import Recipient
from outlook_mcp.mail.models import Message
from outlook_mcp.mail.search.conditions import (
    AllOf,
    AnyOf,
    Before,
    Category,
    Condition,
    Domain,
    Expression,
    Field,
    Importance,
    Since,
    State,
    Words,
)


def holds(expression: Expression, message: Message, *, is_indexed: bool) -> bool | None:
    """None when the listed properties do not tell.

    With `is_indexed` the message was found by the index, which has read what is not listed: words are left to it.
    Without, text is looked for in what is listed: subject, people and the beginning of the body.
    """
    if isinstance(expression, AllOf):
        return _all(holds(part, message, is_indexed=is_indexed) for part in expression.parts)
    if isinstance(expression, AnyOf):
        opposites = (_opposite(holds(part, message, is_indexed=is_indexed)) for part in expression.parts)
        return _opposite(_all(opposites))
    if isinstance(expression, Words) and (is_indexed or expression.field in ("file", "bcc")):
        return None
    found = _condition_holds(expression, message)
    return found if not getattr(expression, "is_excluded", False) else _opposite(found)


def _all(outcomes: Iterable[bool | None]) -> bool | None:
    known = True
    for outcome in outcomes:
        if outcome is False:
            return False
        known = known and outcome is not None
    return True if known else None


def _opposite(outcome: bool | None) -> bool | None:
    return None if outcome is None else not outcome


def _condition_holds(condition: Condition, message: Message) -> bool | None:
    """Whether it holds, not minding that it may be excluded; None for what is not listed."""
    match condition:
        case Words(field, phrase):
            return phrase.casefold() in _text_of(field, message).casefold()
        case Domain(field, domain, below):
            addresses = (recipient.email_address.address or "" for recipient in _people(field, message))
            return any(_is_at(address.casefold(), domain, below=below) for address in addresses)
        case State(name, wanted):
            states = {
                "unread": not message.is_read,
                "flagged": message.is_flagged,
                "draft": bool(message.is_draft),
                "attachments": message.has_files,
            }
            return states[name] == wanted
        case Importance(level):
            return (message.importance or "normal").casefold() == level
        case Category(name):
            return name.casefold() in (category.casefold() for category in message.categories)
        case Since(moment):
            return message.moment is not None and message.moment >= moment
        case Before(moment):
            return message.moment is not None and message.moment < moment
        case _:
            return None


def _is_at(address: str, domain: str, *, below: bool) -> bool:
    return address.endswith(f".{domain}" if below else f"@{domain}")


def _text_of(field: Field, message: Message) -> str:
    subject, preview = message.subject or "", message.body_preview or ""
    if field == "subject":
        return subject
    if field == "body":
        return preview
    people = (
        recipient.email_address for recipient in _people("people" if field in ("text", "main") else field, message)
    )
    named = " ".join(f"{person.name or ''} {person.address or ''}" for person in people)
    return f"{subject} {named} {preview}" if field in ("text", "main") else named


def _people(field: Field, message: Message) -> list[Recipient]:
    sender = [message.from_] if message.from_ else []
    match field:
        case "from":
            return sender
        case "to":
            return message.to_recipients
        case "cc":
            return message.cc_recipients
        case "bcc":
            return message.bcc_recipients
        case "recipients":
            return message.recipients
        case _:
            return [*sender, *message.recipients]
