"""Compiles a query into one Graph request.

Two plans. `filter`: `$filter` with `$orderby`, exact and fresh. `search`: `$search` (KQL) over the index. What the
request cannot express is looked at afterwards in each message that Graph returned.
Sources: https://learn.microsoft.com/graph/search-query-parameter and .../graph/query-parameters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from msgspec.structs import replace

from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.ids import ConversationId
from outlook_mcp.mail.models import Message
from outlook_mcp.mail.search.conditions import (
    BEGINNING,
    AnyOf,
    Before,
    Category,
    Condition,
    Domain,
    Expression,
    FileNamed,
    IdIs,
    Since,
    Size,
    State,
    Words,
    all_of,
    any_of,
    changed,
    conditions_of,
    shown,
)
from outlook_mcp.mail.search.mail_query import MailQuery
from outlook_mcp.mail.search.matching import holds
from outlook_mcp.mail.search.query import AskedFor, read_query
from outlook_mcp.mail.search.requests import is_exact_in_odata, kql, odata, top_level_kql
from outlook_mcp.text.dates import graph_time

# The search index may lag behind the mailbox; younger mail is listed with the filter plan.
_INDEX_LAG = timedelta(hours=1)
# An indexed search with conditions that are looked at afterwards takes so many messages in one call.
_MOST_SCANNED_OF_INDEX = 250
_SCAN_PAGE = 100
# Each word that is also looked for in names of files makes the request longer, and URLs have a limit.
_MOST_WORDS_IN_FILE_NAMES = 12
_LOOKED_IN = "so text was looked for in subjects, names, addresses and the first 255 characters only."
_TOO_NEW = f"Mail this new may not be indexed yet, {_LOOKED_IN}"
_NO_INDEX = f"The search index of this mailbox did not answer, {_LOOKED_IN}"


class Check(NamedTuple):
    """What must hold of each message. With `is_indexed` the index has found its words."""

    expression: Expression
    is_indexed: bool

    @property
    def is_uncertain(self) -> bool:
        """Whether it is not told which side of an OR a message was found for."""
        has_words = any(isinstance(condition, Words) for condition in conditions_of(self.expression))
        return self.is_indexed and has_words and isinstance(self.expression, AnyOf)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A request: `params` are OData query options; look at no more than `scan_limit` messages.

    `folder` is what the text named, None when it named none. `ignored` are the parts of the text that are not answered.
    `is_specific` tells that people, words or a category are looked for, `is_partial` that words were looked for in the
    listed properties only, `names_category` and `wants_attachments` that a category or attachments are among what is
    asked for. `since` and `before` bound the time, None where nothing was asked. `file_name` is the pattern that the
    names of files are compared with; the attachments of each message have to be read for it. `is_understood` is False
    when parts of the text mean nothing here, or were taken for words that may mean something elsewhere. `words` counts
    those of the text that must all stand in a message.
    """

    kind: Literal["filter", "search"]
    params: Mapping[str, str | int]
    checks: tuple[Check, ...] = ()
    notes: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    folder: str | None = None
    is_specific: bool = False
    is_partial: bool = False
    names_category: bool = False
    wants_attachments: bool = False
    since: datetime | None = None
    before: datetime | None = None
    scan_limit: int = _MOST_SCANNED_OF_INDEX
    file_name: str | None = None
    is_understood: bool = True
    words: int = 0

    def matches(self, message: Message) -> bool:
        """Whether a message that Graph returned is wanted, as far as its listed properties tell."""
        return all(holds(check.expression, message, is_indexed=check.is_indexed) is not False for check in self.checks)


def compile_query(
    query: MailQuery,
    now: datetime,
    until: datetime | None = None,
    *,
    me: str,
    conversation: ConversationId | None = None,
    most_scanned: int = 1000,
    with_index: bool = True,
) -> Plan:
    """The cheapest plan that answers `query`.

    Dates without an offset are in the zone of `now`; `me` is the caller's address, `conversation` that of the message
    `query.thread_of`. `most_scanned` limits how many messages a filter plan looks at. With `until`, a filter plan gives
    only what arrived in that second or earlier, or later where the oldest come first. Without `with_index`, words are
    looked for in subjects, people and the beginnings of texts.

    Raises InvalidInput for a date that cannot be read, a value with no word in it, and for what only the index knows.

    >>> now = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
    >>> plan = compile_query(MailQuery(unread=True, after="7d"), now, me="alice@contoso.example")
    >>> plan.kind, plan.params["$filter"]
    ('filter', 'receivedDateTime ge 2026-11-23T09:00:00Z and isRead eq false')
    >>> plan = compile_query(MailQuery(text="body:budget", sender="Bob"), now, me="alice@contoso.example")
    >>> plan.kind, plan.params["$search"]
    ('search', '"from:\\\\"Bob\\\\" AND body:\\\\"budget\\\\""')
    """
    asked = read_query(query, now, me, conversation)
    if with_index and _needs_index(asked) and not _is_recent(asked, now):
        parts, left_out = _searchable(asked.parts)
        if any(kql(part) for part in parts):
            return _search_plan(asked, parts, left_out)
    return _filter_plan(asked, until, most_scanned, reason=_TOO_NEW if with_index else _NO_INDEX)


def _needs_index(asked: AskedFor) -> bool:
    return any(
        isinstance(condition, Words | Domain | Size) and not is_exact_in_odata(condition)
        for condition in asked.conditions()
    )


def _is_recent(asked: AskedFor, now: datetime) -> bool:
    """Whether it is about mail that may not be indexed yet, and the listed properties tell enough of it."""
    start = asked.period.since
    is_new = start is not None and start >= now.astimezone(UTC) - _INDEX_LAG
    return is_new and not any(_is_known_to_index_only(condition) for condition in asked.conditions())


def _is_known_to_index_only(condition: Condition) -> bool:
    return isinstance(condition, Size) or (isinstance(condition, Words) and condition.field in ("file", "bcc"))


def _is_text(condition: Condition) -> bool:
    """Whether the listed properties do not hold all that it is looked for in."""
    return isinstance(condition, Words) and condition.field in ("text", "main", "body")


def _searchable(parts: Sequence[Expression]) -> tuple[list[Expression], list[str]]:
    """The parts as the index can look them up, and what of them was left out.

    An OR of which one side can only be looked up, and the other only be seen in a message, would need all messages to
    be read: the latter is left out.
    """
    kept, left_out = [], []
    words = [condition for part in parts for condition in conditions_of(part) if _is_everywhere(condition)]
    if len(words) > _MOST_WORDS_IN_FILE_NAMES:
        parts = [changed(part, _without_file_names) for part in parts]
        left_out.append("names of files, for so many words")
    for part in parts:
        needs_text = any(_is_text(condition) or _is_known_to_index_only(condition) for condition in conditions_of(part))
        if isinstance(part, AnyOf) and needs_text and kql(part) is None:
            left_out += [f"{shown(side)}, beside words in an OR" for side in part.parts if kql(side) is None]
            part = any_of(side for side in part.parts if kql(side) is not None)
        kept.append(part)
    return kept, left_out


def _is_everywhere(condition: Condition) -> bool:
    return isinstance(condition, Words) and condition.field == "text"


def _without_file_names(condition: Condition) -> Condition:
    return replace(condition, field="main") if isinstance(condition, Words) and condition.field == "text" else condition


def _search_plan(asked: AskedFor, parts: Sequence[Expression], left_out: Sequence[str]) -> Plan:
    position = next((number for number, part in enumerate(parts) if isinstance(part, State)), len(parts))
    ordered = [*parts[:position], *asked.period_parts(), *parts[position:]]
    checks = tuple(check for part in ordered if (check := _check_after_search(part)))
    notes = [*asked.notes, "Indexed search: mail of the last minutes may be missing."]
    if any(check.is_uncertain for check in checks):
        notes.append("Words and marks were mixed in an OR: some of these may fit only in part.")
    search = top_level_kql(all_of(ordered))
    return _plan(
        asked, "search", {"$search": f'"{search}"'}, checks, notes, _MOST_SCANNED_OF_INDEX, ignored=tuple(left_out)
    )


def _check_after_search(part: Expression) -> Check | None:
    """What is to be seen in each message that the index found; None when the index has said it all."""
    if kql(part) is None:
        return Check(part, False)
    seen = State | Category | Since | Before | Domain
    is_seen = any(
        isinstance(condition, seen) and condition not in (State("attachments"), State("attachments", False))
        for condition in conditions_of(part)
    )
    return Check(part, True) if is_seen else None


def _filter_plan(asked: AskedFor, until: datetime | None, most_scanned: int, *, reason: str) -> Plan:
    """`reason` says why words are looked for in the listed properties only, if they are."""
    period = asked.period
    if until and asked.oldest_first:
        period = period._replace(since=max(period.since or until, until))
    elif until:
        # Graph shows whole seconds, but filters by fractions of them.
        after_until = until + timedelta(seconds=1)
        period = period._replace(before=min(period.before or after_until, after_until))
    # The $orderby property comes first, else Graph answers 400 InefficientFilter.
    conditions = [f"receivedDateTime ge {graph_time(period.since or BEGINNING)}"]
    if period.before:
        conditions.append(f"receivedDateTime lt {graph_time(period.before)}")
    unknown = [part for part in asked.parts if any(map(_is_known_to_index_only, conditions_of(part)))]
    parts = [part for part in asked.parts if part not in unknown]
    if unknown and not parts:
        raise InvalidInput("Names of files, sizes and hidden recipients can only be looked up in the search index.")
    conditions += [clause for part in parts if (clause := odata(part)) is not None]
    checks = tuple(Check(part, False) for part in parts if not is_exact_in_odata(part))
    is_partial = any(_is_text(condition) for part in parts for condition in conditions_of(part))
    order = "receivedDateTime asc" if asked.oldest_first else "receivedDateTime desc"
    params: dict[str, str | int] = {"$filter": " and ".join(conditions), "$orderby": order}
    return _plan(
        asked,
        "filter",
        params,
        checks,
        (*asked.notes, reason) if is_partial else asked.notes,
        most_scanned,
        ignored=tuple(map(shown, unknown)),
        is_partial=is_partial,
    )


def _plan(
    asked: AskedFor,
    kind: Literal["filter", "search"],
    params: dict[str, str | int],
    checks: tuple[Check, ...],
    notes: Iterable[str],
    scan_limit: int,
    *,
    ignored: tuple[str, ...] = (),
    is_partial: bool = False,
) -> Plan:
    params["$top"] = (
        max(asked.limit, _SCAN_PAGE) if checks or (kind == "search" and asked.oldest_first) else asked.limit
    )
    specific = Words | Domain | Category | Size | FileNamed | IdIs
    names = [condition.pattern for condition in asked.conditions() if isinstance(condition, FileNamed)]
    return Plan(
        kind=kind,
        params=params,
        checks=checks,
        notes=tuple(notes),
        ignored=(*asked.parsed.ignored, *ignored),
        folder=asked.parsed.folder,
        is_specific=any(isinstance(condition, specific) for condition in asked.conditions()),
        is_partial=is_partial,
        names_category=any(isinstance(condition, Category) for condition in asked.conditions()),
        wants_attachments=State("attachments") in asked.conditions(),
        since=asked.period.since,
        before=asked.period.before,
        scan_limit=min(scan_limit, _MOST_SCANNED_OF_INDEX) if names else scan_limit,
        file_name=names[0] if names else None,
        is_understood=not (asked.parsed.ignored or ignored or asked.is_doubtful),
        words=sum(map(_is_word_of_text, asked.parts)),
    )


def _is_word_of_text(part: Expression) -> bool:
    return isinstance(part, Words) and part.field in ("text", "main") and not part.is_excluded
