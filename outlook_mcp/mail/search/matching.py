"""Tells of a message that Graph returned whether it is wanted, as far as its listed properties show."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import translate
from re import IGNORECASE, match
from unicodedata import normalize

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
    FileNamed,
    IdIs,
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
            return any(_is_at(address.lower(), domain, below=below) for address in addresses)
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
        case FileNamed(pattern):
            return has_file(message, pattern)
        case IdIs(name, value):
            return value == (message.conversation_id if name == "conversationId" else message.internet_message_id)
        case _:
            return None


def has_file(message: Message, pattern: str | None) -> bool:
    """Whether one of its files, which must have been read, fits the pattern; without a pattern, always."""
    return pattern is None or any(is_named(attachment.name or "", pattern) for attachment in message.attachments)


def is_named(name: str, pattern: str) -> bool:
    """Whether the name of a file fits a pattern; without a star, whether it holds it.

    >>> is_named("Report.PDF", "*.pdf"), is_named("report-2.pdf", "report"), is_named("report.pdf.exe", "*.pdf")
    (True, True, False)
    """
    name, pattern = normalize("NFC", name), normalize("NFC", pattern)
    if "*" not in pattern and "?" not in pattern:
        return pattern.casefold() in name.casefold()
    return match(translate(pattern.replace("[", "[[]")), name, IGNORECASE) is not None


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
