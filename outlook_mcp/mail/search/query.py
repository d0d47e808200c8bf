"""How what a caller asks of a search is read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.ids import ConversationId
from outlook_mcp.mail.search.conditions import (
    BEGINNING,
    PEOPLE,
    Before,
    Category,
    Condition,
    Expression,
    Field,
    FileNamed,
    IdIs,
    Since,
    State,
    Words,
    all_of,
    any_of,
    before,
    conditions_of,
    conjuncts,
    since,
)
from outlook_mcp.mail.search.fields import NO_WILDCARD, Reader, is_wildcard, words_in
from outlook_mcp.mail.search.grammar import UNDERSTOOD, Parsed, parse
from outlook_mcp.mail.search.mail_query import EVERYTHING, MailQuery
from outlook_mcp.text.past_times import parse_past
from outlook_mcp.text.quotes.subjects import without_prefixes

_LONGEST_VALUE = 500
# https://learn.microsoft.com/graph/search-query-parameter on `attachment`.
_NAMES_ALONE = "Files are looked up by their names, as Microsoft tells it; what is in one is read with mail_attachment."
_SEPARATOR = re.compile(r"[;,]")
_OR = re.compile(r"(?:\s+(?:OR|or))+\s+|\s*\|+\s*")
_OPERATOR = re.compile(r"\b(?:OR|AND|NOT)\b|\|")


class Bounds(NamedTuple):
    """Received at `since` or later and earlier than `before`; None where nothing was asked."""

    since: datetime | None = None
    before: datetime | None = None


class AskedFor(NamedTuple):
    """A query, read: `parts` must all hold, and besides them the period. `limit` and `oldest_first` are the query's.

    `is_doubtful`: something in it may have been meant otherwise, as `notes` say, so that finding nothing says little.
    """

    parts: tuple[Expression, ...]
    period: Bounds
    parsed: Parsed
    limit: int
    notes: tuple[str, ...] = ()
    oldest_first: bool = False
    is_doubtful: bool = False

    def conditions(self) -> Iterator[Condition]:
        for part in self.parts:
            yield from conditions_of(part)

    def period_parts(self) -> tuple[Expression, ...]:
        bounds = (self.period.since and Since(self.period.since), self.period.before and Before(self.period.before))
        return tuple(bound for bound in bounds if bound)


def read_query(query: MailQuery, now: datetime, me: str, conversation: ConversationId | None = None) -> AskedFor:
    """What `query` asks for at `now`, when `me` is the caller's address and `conversation` that of `thread_of`.

    Raises InvalidInput for a date that cannot be read and for a value with no word in it.

    >>> now = datetime.fromisoformat("2026-11-30T09:00+00:00")
    >>> from outlook_mcp.mail.search.conditions import shown
    >>> asked = read_query(MailQuery(sender="me", text="in:sent budget"), now, "alice@contoso.example")
    >>> [shown(part) for part in asked.parts], asked.parsed.folder
    (['from:alice@contoso.example', 'budget'], 'sent')
    """
    reader = Reader(me, now, "text" if query.within is None else "file")
    subject = without_prefixes(query.subject) or query.subject if query.subject else query.subject
    values: tuple[tuple[str, Field, str | None], ...] = (
        ("sender", "from", query.sender),
        ("to", "recipients", query.to),
        ("subject", "subject", subject or None),
    )
    parts = [_value(name, field, value, me) for name, field, value in values if value is not None]
    if query.within and query.text is None:
        raise InvalidInput("`in` says where `text` is looked for.", next_step="Give `text`, or `has_file` for a name.")
    parsed = _text(query.text, reader)
    if parsed.expression is not None:
        parts.append(parsed.expression)
    if conversation is not None:
        parts.append(IdIs("conversationId", conversation))
    parts += [since(parse_past(query.after, now).start)] if query.after else []
    parts += [before(parse_past(query.before, now).start)] if query.before else []
    parts += _states(query)
    if query.category:
        _check_length("category", query.category)
        parts.append(Category(query.category))
    all_parts = conjuncts(all_of(parts))
    others = tuple(part for part in all_parts if not isinstance(part, Since | Before))
    doubts = list(_notes_on_values(values))
    notes = [*parsed.notes, *doubts, *_notes_on_files(others)]
    if subject != query.subject:
        notes.append(f'Looked for the subject "{subject}", with and without what marks a reply or a forward.')
    is_doubtful = parsed.is_doubtful or bool(doubts)
    return AskedFor(others, _bounds_of(all_parts), parsed, query.limit, tuple(notes), query.oldest_first, is_doubtful)


def _notes_on_files(parts: Sequence[Expression]) -> Iterator[str]:
    if any(isinstance(words, Words) and words.field == "file" for part in parts for words in conditions_of(part)):
        yield _NAMES_ALONE


def _states(query: MailQuery) -> Iterator[Expression]:
    if query.unread is not None:
        yield State("unread", query.unread)
    if query.flagged is not None:
        yield State("flagged", query.flagged)
    if query.attachments is not None:
        yield State("attachments", query.attachments)
    if query.has_file is not None:
        pattern = query.has_file.strip()
        _check_length("has_file", pattern)
        if not pattern:
            raise InvalidInput("`has_file` has no name to look for.", next_step="Give a name such as *.pdf.")
        if query.attachments is None:
            yield State("attachments")
        yield FileNamed(pattern)


def _value(name: str, field: Field, value: str, me: str) -> Expression:
    """What an argument asks for; of several addresses, or people with OR between them, any of them."""
    _check_length(name, value)
    conditions = [words_in(field, part, me) for part in (_people_in(value) if field in PEOPLE else [value])]
    known = [condition for condition in conditions if condition is not None]
    if not known:
        raise InvalidInput(f"`{name}` has no word to look for.", next_step="Give a word or leave it out.")
    return any_of(known)


def _people_in(value: str) -> list[str]:
    """Several people apart. A comma parts addresses only, as it may stand in a name.

    >>> _people_in("Brandt, Bob or erin@x.example, *@y.example")
    ['Brandt, Bob', 'erin@x.example', '*@y.example']
    """
    people = []
    for person in _OR.split(value):
        several = [part.strip() for part in _SEPARATOR.split(person) if part.strip()]
        people += several if all("@" in part for part in several) else [person]
    return people


def _notes_on_values(values: Iterable[tuple[str, Field, str | None]]) -> Iterator[str]:
    """What in these arguments does not mean what it may have been meant to."""
    given = [(name, field, value) for name, field, value in values if value]
    if any(is_wildcard(value) for _, _, value in given):
        yield NO_WILDCARD
    for name, field, value in given:
        if field in PEOPLE and any(_SEPARATOR.search(person) for person in _people_in(value)):
            yield f"A comma in `{name}` was taken as part of a name; between several people write OR."
        if _OPERATOR.search(_OR.sub(" ", value) if field in PEOPLE else value):
            yield f"Operators are words in `{name}`; in `text` they work, as in {field}:(a OR b)."


def _text(value: str | None, reader: Reader) -> Parsed:
    if value is None or value.strip() in EVERYTHING:
        return Parsed(None)
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
