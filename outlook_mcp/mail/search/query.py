"""What a caller asks of a search, and how it is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from outlook_mcp.errors import InvalidInput
from outlook_mcp.mail.search.conditions import (
    BEGINNING,
    Before,
    Category,
    Condition,
    Expression,
    Field,
    Since,
    State,
    all_of,
    before,
    conditions_of,
    conjuncts,
    since,
)
from outlook_mcp.mail.search.fields import Reader, words_in
from outlook_mcp.mail.search.grammar import Parsed, parse
from outlook_mcp.text.periods import parse_when

_LONGEST_VALUE = 500


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
    """Raises InvalidInput for a date that cannot be read and for a value with no word in it."""
    reader = Reader(me, now)
    people: tuple[tuple[str, Field, str | None], ...] = (
        ("sender", "from", query.sender),
        ("to", "recipients", query.to),
        ("subject", "subject", query.subject),
    )
    parts = [_value(name, field, value, me) for name, field, value in people if value is not None]
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
    starred = any("*" in value and not value.startswith("*") for _, _, value in people if value)
    notes = ("`*` is not a wildcard here; whole words were looked for.",) if starred else ()
    return AskedFor(others, _bounds_of(all_parts), parsed, query.limit, (*parsed.notes, *notes))


def _states(query: MailQuery) -> Iterator[Expression]:
    if query.unread is not None:
        yield State("unread", query.unread)
    if query.flagged is not None:
        yield State("flagged", query.flagged)
    if query.attachments is not None:
        yield State("attachments", query.attachments)


def _value(name: str, field: Field, value: str, me: str) -> Expression:
    _check_length(name, value)
    condition = words_in(field, value, me)
    if condition is None:
        raise InvalidInput(f"`{name}` has no word to look for.", next_step="Give a word or leave it out.")
    return condition


def _text(value: str, reader: Reader) -> Parsed:
    _check_length("text", value)
    parsed = parse(value, reader)
    if parsed.expression is None and parsed.folder is None:
        ignored = f" Ignored: {', '.join(parsed.ignored)}." if parsed.ignored else ""
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
