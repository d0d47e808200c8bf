"""What a caller asks of a search, and how it is read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from outlook_mcp.errors import InvalidInput
from outlook_mcp.mail.search.conditions import (
    BEGINNING,
    PEOPLE,
    Before,
    Category,
    Condition,
    Expression,
    Field,
    Since,
    State,
    all_of,
    any_of,
    before,
    conditions_of,
    conjuncts,
    since,
)
from outlook_mcp.mail.search.fields import NO_WILDCARD, Reader, is_wildcard, words_in
from outlook_mcp.mail.search.grammar import UNDERSTOOD, Parsed, parse
from outlook_mcp.text.periods import parse_when
from outlook_mcp.text.quotes.subjects import without_prefixes

_LONGEST_VALUE = 500
_SEPARATOR = re.compile(r"[;,]")
_OPERATOR = re.compile(r"\b(?:OR|AND|NOT)\b|\|")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailQuery:
    """What a caller may ask for; every field narrows the search. `before` excludes that moment itself."""

    text: str | None = None
    sender: str | None = None
    to: str | None = None
    subject: str | None = None
    folder: str | None = None
    after: str | None = None
    before: str | None = None
    unread: bool | None = None
    flagged: bool | None = None
    attachments: bool | None = None
    category: str | None = None
    limit: int = 25


class Bounds(NamedTuple):
    """Received at `since` or later and earlier than `before`; None where nothing was asked."""

    since: datetime | None = None
    before: datetime | None = None


class AskedFor(NamedTuple):
    """A query, read: `parts` must all hold, and besides them the period."""

    parts: tuple[Expression, ...]
    period: Bounds
    parsed: Parsed
    limit: int
    notes: tuple[str, ...] = ()

    def conditions(self) -> Iterator[Condition]:
        for part in self.parts:
            yield from conditions_of(part)

    def period_parts(self) -> tuple[Expression, ...]:
        bounds = (self.period.since and Since(self.period.since), self.period.before and Before(self.period.before))
        return tuple(bound for bound in bounds if bound)


def read_query(query: MailQuery, now: datetime, me: str) -> AskedFor:
    """What `query` asks for at `now`, when `me` is the caller's address.

    Raises InvalidInput for a date that cannot be read and for a value with no word in it.

    >>> now = datetime.fromisoformat("2026-11-30T09:00+00:00")
    >>> from outlook_mcp.mail.search.conditions import shown
    >>> asked = read_query(MailQuery(sender="me", text="in:sent budget"), now, "alice@contoso.example")
    >>> [shown(part) for part in asked.parts], asked.parsed.folder
    (['from:alice@contoso.example', 'budget'], 'sent')
    """
    reader = Reader(me, now)
    subject = without_prefixes(query.subject) or query.subject if query.subject else query.subject
    values: tuple[tuple[str, Field, str | None], ...] = (
        ("sender", "from", query.sender),
        ("to", "recipients", query.to),
        ("subject", "subject", subject),
    )
    parts = [_value(name, field, value, me) for name, field, value in values if value is not None]
    parsed = _text(query.text, reader) if query.text is not None else Parsed(None)
    if parsed.expression is not None:
        parts.append(parsed.expression)
    parts += [since(parse_when(query.after, now))] if query.after else []
    parts += [before(parse_when(query.before, now))] if query.before else []
    parts += _states(query)
    if query.category:
        _check_length("category", query.category)
        parts.append(Category(query.category))
    all_parts = conjuncts(all_of(parts))
    others = tuple(part for part in all_parts if not isinstance(part, Since | Before))
    notes = [*parsed.notes, *_notes_on_values(values)]
    if subject != query.subject:
        notes.append(f'Looked for the subject "{subject}", with and without what marks a reply or a forward.')
    return AskedFor(others, _bounds_of(all_parts), parsed, query.limit, tuple(notes))


def _states(query: MailQuery) -> Iterator[Expression]:
    if query.unread is not None:
        yield State("unread", query.unread)
    if query.flagged is not None:
        yield State("flagged", query.flagged)
    if query.attachments is not None:
        yield State("attachments", query.attachments)


def _value(name: str, field: Field, value: str, me: str) -> Expression:
    """What an argument asks for; of several addresses, any of them."""
    _check_length(name, value)
    several = [part.strip() for part in _SEPARATOR.split(value) if part.strip()]
    is_list = field in PEOPLE and len(several) > 1 and all("@" in part for part in several)
    conditions = [words_in(field, part, me) for part in (several if is_list else [value])]
    known = [condition for condition in conditions if condition is not None]
    if not known:
        raise InvalidInput(f"`{name}` has no word to look for.", next_step="Give a word or leave it out.")
    return any_of(known)


def _notes_on_values(values: Iterable[tuple[str, Field, str | None]]) -> Iterator[str]:
    """What in these arguments does not mean what it may have been meant to."""
    given = [(name, field, value) for name, field, value in values if value]
    if any(is_wildcard(value) for _, _, value in given):
        yield NO_WILDCARD
    for name, field, value in given:
        if _OPERATOR.search(value):
            yield f"Operators are words in `{name}`; in `text` they work, as in {field}:(a OR b)."


def _text(value: str, reader: Reader) -> Parsed:
    _check_length("text", value)
    parsed = parse(value, reader)
    if parsed.expression is None and parsed.folder is None:
        ignored = f" Ignored: {', '.join(parsed.ignored)}. {UNDERSTOOD}" if parsed.ignored else ""
        raise InvalidInput(
            f"`text` has no word to look for.{ignored}",
            next_step="Give a word or leave `text` out to list all messages.",
        )
    return parsed


def _check_length(name: str, value: str) -> None:
    if len(value) > _LONGEST_VALUE:
        raise InvalidInput(f"`{name}` is longer than {_LONGEST_VALUE} characters.", next_step="Search for fewer words.")


def _bounds_of(parts: Iterable[Expression]) -> Bounds:
    bounds = list(parts)
    period = Bounds(
        max((part.moment for part in bounds if isinstance(part, Since)), default=None),
        min((part.moment for part in bounds if isinstance(part, Before)), default=None),
    )
    if period.since and period.before and period.before <= period.since and period.since > BEGINNING:
        raise InvalidInput("`before` is not later than `after`.", next_step="Swap or widen the two dates.")
    return period
