"""Compiles a query into one Graph request.

Two plans. `filter`: `$filter` with `$orderby`, exact and fresh. `search`: `$search` (KQL) over the index, where
every value is a quoted phrase, so operators, colons and parentheses in it have no meaning. What KQL cannot express
becomes one of `post_filters`. Sources: learn.microsoft.com/graph/search-query-parameter and .../query-parameters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from outlook_mcp.errors import InvalidInput
from outlook_mcp.text.dates import graph_time
from outlook_mcp.text.periods import parse_when

# The search index may lag behind the mailbox; younger mail is listed with the filter plan.
INDEX_LAG = timedelta(hours=1)
# An indexed search with conditions that are applied afterwards looks at so many messages in one call.
_MOST_SCANNED_OF_INDEX = 250
_SCAN_PAGE = 100
_LONGEST_VALUE = 500
# No mail is older, and Graph refuses years that it cannot read.
_BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)

_EMAIL_ADDRESS = re.compile(r"[^@\s\"<>()]+@[^@\s\"'<>()]+\.[^@\s\"'<>()]+")
_NAME_AND_ADDRESS = re.compile(r"[^<>]*<([^<>]*)>\s*")
_DOUBLE_QUOTES = re.compile("[“”„‟«»＂]")
_NOT_IN_PHRASE = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\"\\*]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_WORD = re.compile(r"\w")
_TERM = re.compile(r'(-?)(?:"([^"]*)"?|(\S+))')

PostField = Literal[
    "text", "sender", "to", "subject", "after", "before", "unread", "flagged", "attachments", "category"
]


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


class Term(NamedTuple):
    """One word or phrase of free text; `excluded` when it was written with a leading minus."""

    phrase: str
    excluded: bool = False


class PostFilter(NamedTuple):
    """A condition to apply to each message. The values of `after` and `before` are aware datetimes."""

    field: PostField
    value: str | bool | datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """A request: `params` are OData query options; look at no more than `scan_limit` messages."""

    kind: Literal["filter", "search"]
    params: Mapping[str, str | int]
    post_filters: tuple[PostFilter, ...] = ()
    notes: tuple[str, ...] = ()
    scan_limit: int = _MOST_SCANNED_OF_INDEX


class _Period(NamedTuple):
    after: datetime | None = None
    before: datetime | None = None

    def post_filters(self) -> Iterator[PostFilter]:
        if self.after:
            yield PostFilter("after", self.after)
        if self.before:
            yield PostFilter("before", self.before)


@dataclass(slots=True)
class _Draft:
    """A plan while it is being compiled."""

    post_filters: list[PostFilter] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def compile_query(
    query: MailQuery, now: datetime, until: datetime | None = None, *, me: str, most_scanned: int = 1000
) -> Plan:
    """The cheapest plan that answers `query`.

    Dates without an offset are in the zone of `now`; `me` is the caller's address. `most_scanned` limits how many
    messages a filter plan looks at. With `until`, it gives only what arrived in that second or earlier.

    Raises InvalidInput for a date that cannot be read or a value with no word in it.

    >>> now = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
    >>> plan = compile_query(MailQuery(unread=True, after="7d"), now, me="alice@contoso.example")
    >>> plan.kind, plan.params["$filter"]
    ('filter', 'receivedDateTime ge 2026-11-23T09:00:00Z and isRead eq false')
    >>> plan = compile_query(MailQuery(text="budget -draft", sender="Bob"), now, me="alice@contoso.example")
    >>> plan.kind, plan.params["$search"]
    ('search', '"from:\\\\"Bob\\\\" AND \\\\"budget\\\\" AND NOT \\\\"draft\\\\""')
    """
    _check(query)
    query = replace(query, sender=_person(query.sender, me), to=_person(query.to, me))
    period = _Period(
        parse_when(query.after, now) if query.after else None,
        parse_when(query.before, now) if query.before else None,
    )
    if period.after and period.before and period.before <= period.after:
        raise InvalidInput("`before` is not later than `after`.", next_step="Swap or widen the two dates.")
    period = _Period(*(moment and max(moment, _BEGINNING) for moment in period))
    is_recent = period.after is not None and period.after >= now.astimezone(UTC) - INDEX_LAG
    if not _needs_index(query) or is_recent:
        if until:
            # Graph shows whole seconds, but filters by fractions of them.
            after_until = until + timedelta(seconds=1)
            period = period._replace(before=min(period.before or after_until, after_until))
        return _filter_plan(query, period, most_scanned)
    return _search_plan(query, period)


def terms(text: str) -> list[Term]:
    """Free text as words and "quoted phrases"; `-word` excludes. Characters with a meaning in KQL are left out.

    >>> terms('"next year" -draft')
    [Term(phrase='next year', excluded=False), Term(phrase='draft', excluded=True)]
    """
    found = []
    for minus, quoted, word in _TERM.findall(_DOUBLE_QUOTES.sub('"', text)):
        phrase = _phrase(quoted or word)
        if _WORD.search(phrase):
            found.append(Term(phrase, bool(minus)))
    return found


def is_address(value: str) -> bool:
    return bool(_EMAIL_ADDRESS.fullmatch(value.strip()))


def _person(written: str | None, me: str) -> str | None:
    """The address in `Name <address>`, as answers show people; the caller's address for `me`."""
    if (written or "").strip().casefold() == "me":
        return me
    found = _NAME_AND_ADDRESS.fullmatch(written or "")
    return found[1].strip() if found and is_address(found[1]) else written


def _check(query: MailQuery) -> None:
    for name in ("text", "sender", "to", "subject", "category"):
        value: str | None = getattr(query, name)
        if value is None:
            continue
        if len(value) > _LONGEST_VALUE:
            raise InvalidInput(
                f"`{name}` is longer than {_LONGEST_VALUE} characters.",
                next_step="Search for fewer words.",
            )
        if name != "category" and not terms(value):
            raise InvalidInput(f"`{name}` has no word to look for.", next_step="Give a word or leave it out.")


def _needs_index(query: MailQuery) -> bool:
    named_sender = query.sender is not None and not is_address(query.sender)
    return bool(query.text or query.to or query.subject or named_sender)


def _filter_plan(query: MailQuery, period: _Period, most_scanned: int) -> Plan:
    draft = _Draft()
    # The $orderby property comes first, else Graph answers 400 InefficientFilter.
    conditions = [f"receivedDateTime ge {graph_time(period.after or _BEGINNING)}"]
    if period.before:
        conditions.append(f"receivedDateTime lt {graph_time(period.before)}")
    if query.sender and is_address(query.sender):
        conditions.append(f"from/emailAddress/address eq {_literal(query.sender)}")
    conditions.extend(_state_conditions(query))
    for name in ("text", "sender", "to", "subject"):
        value: str | None = getattr(query, name)
        if value and not (name == "sender" and is_address(value)):
            draft.post_filters.append(PostFilter(name, value))
    if query.text:
        draft.notes.append(
            "Mail this new may not be indexed yet, so text was looked for in subjects, names, addresses and the "
            "first 255 characters only."
        )
    params: dict[str, str | int] = {
        "$filter": " and ".join(conditions),
        "$orderby": "receivedDateTime desc",
    }
    return _plan("filter", params, draft, query.limit, most_scanned)


def _state_conditions(query: MailQuery) -> Iterator[str]:
    if query.unread is not None:
        yield f"isRead eq {_boolean(not query.unread)}"
    if query.flagged is not None:
        yield f"flag/flagStatus {'eq' if query.flagged else 'ne'} 'flagged'"
    if query.attachments is not None:
        yield f"hasAttachments eq {_boolean(query.attachments)}"
    if query.category:
        yield f"categories/any(c:c eq {_literal(query.category)})"


def _search_plan(query: MailQuery, period: _Period) -> Plan:
    draft = _Draft([*period.post_filters()])
    words = terms(query.text) if query.text else []
    fields = (("from", query.sender), ("to", query.to), ("subject", query.subject))
    clauses = [f"{name}:{_quoted(_phrase(value))}" for name, value in fields if value]
    clauses.extend(_clause(word) for word in sorted(words, key=lambda word: word.excluded))
    clauses.extend(_search_dates(period))
    if query.attachments is not None:
        clauses.append(f"hasAttachments:{_boolean(query.attachments)}")
    if clauses[0].startswith("NOT "):
        clauses.insert(0, "received>=1970-01-01")
    for name in ("unread", "flagged", "category"):
        wanted: str | bool | None = getattr(query, name)
        if wanted is not None and wanted != "":
            draft.post_filters.append(PostFilter(name, wanted))
    draft.notes.append("Indexed search: mail of the last minutes may be missing.")
    if "*" in f"{query.text}{query.sender}{query.to}{query.subject}":
        draft.notes.append("`*` is not a wildcard here; whole words were looked for.")
    return _plan("search", {"$search": f'"{" AND ".join(clauses)}"'}, draft, query.limit, _MOST_SCANNED_OF_INDEX)


def _search_dates(period: _Period) -> Iterator[str]:
    # KQL dates are whole days in an unstated zone: ask for a day more, then filter exactly.
    if period.after and period.after.year > 1970:
        yield f"received>={period.after - timedelta(days=1):%Y-%m-%d}"
    if period.before and period.before.year < 9999:
        yield f"received<={period.before + timedelta(days=1):%Y-%m-%d}"


def _plan(
    kind: Literal["filter", "search"], params: dict[str, str | int], draft: _Draft, limit: int, scan_limit: int
) -> Plan:
    post_filters = tuple(draft.post_filters)
    params["$top"] = max(limit, _SCAN_PAGE) if post_filters else limit
    return Plan(kind, params, post_filters, tuple(draft.notes), scan_limit)


def _phrase(value: str) -> str:
    # Quotes, backslashes and stars have no escape inside a KQL phrase.
    return _NOT_IN_PHRASE.sub(" ", _DOUBLE_QUOTES.sub(" ", value)).strip()


def _quoted(phrase: str) -> str:
    return f'\\"{phrase}\\"'


def _clause(term: Term) -> str:
    return ("NOT " if term.excluded else "") + _quoted(term.phrase)


def _literal(value: str) -> str:
    cleaned = _CONTROL.sub(" ", value).strip().replace("'", "''")
    return f"'{cleaned}'"


def _boolean(value: bool) -> str:
    return "true" if value else "false"
