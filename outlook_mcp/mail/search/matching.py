"""Conditions that a request to Graph cannot express, applied to the messages it returned."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from outlook_mcp.graph.models import Recipient
from outlook_mcp.mail.models import Message
from outlook_mcp.mail.search.query import PostField, PostFilter, terms


def matches(message: Message, filters: Iterable[PostFilter]) -> bool:
    """True when the message meets every condition."""
    return all(_TESTS[condition.field](message, condition.value) for condition in filters)


def _holds(haystack: str, wanted: object) -> bool:
    folded = haystack.casefold()
    return all((term.phrase.casefold() in folded) != term.excluded for term in terms(str(wanted)))


def _people(recipients: Iterable[Recipient | None]) -> str:
    people = (recipient.email_address for recipient in recipients if recipient)
    return " ".join(f"{person.name or ''} {person.address or ''}" for person in people)


def _text(message: Message, wanted: object) -> bool:
    people = _people([message.from_, *message.recipients])
    return _holds(f"{message.subject or ''} {people} {message.body_preview or ''}", wanted)


def _after(message: Message, wanted: object) -> bool:
    return isinstance(wanted, datetime) and message.moment is not None and message.moment >= wanted


def _before(message: Message, wanted: object) -> bool:
    return isinstance(wanted, datetime) and message.moment is not None and message.moment < wanted


def _category(message: Message, wanted: object) -> bool:
    return str(wanted).casefold() in (name.casefold() for name in message.categories)


_TESTS: dict[PostField, Callable[[Message, object], bool]] = {
    "text": _text,
    "sender": lambda message, wanted: _holds(_people([message.from_]), wanted),
    "to": lambda message, wanted: _holds(_people(message.recipients), wanted),
    "subject": lambda message, wanted: _holds(message.subject or "", wanted),
    "after": _after,
    "before": _before,
    "unread": lambda message, wanted: bool(message.is_read) != wanted,
    "flagged": lambda message, wanted: message.is_flagged == wanted,
    "attachments": lambda message, wanted: bool(message.has_attachments) == wanted,
    "category": _category,
}
