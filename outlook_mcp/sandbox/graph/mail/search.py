"""$search of messages as SQL over the full-text index and the columns of `message`."""

from __future__ import annotations

from datetime import UTC, datetime

from outlook_mcp.sandbox.query.condition import ALL, NONE, Condition
from outlook_mcp.sandbox.query.errors import QueryError
from outlook_mcp.sandbox.query.kql import AllOf, AnyOf, Not, Query, Term, parse_kql, search_text
from outlook_mcp.sandbox.query.periods import period
from outlook_mcp.sandbox.store.mail.fulltext import indexable

# Property to columns of the full-text index; text without a property is looked for where Graph's documentation says.
_TEXT = {
    "": "sender subject body",
    "from": "sender",
    "to": "to_",
    "cc": "cc",
    "bcc": "bcc",
    "participants": "sender to_ cc bcc",
    "recipients": "to_ cc bcc",
    "subject": "subject",
    "body": "body",
    "attachment": "attachment",
}
_TIMES = {"received": "m.received", "sent": "m.sent"}
_KINDS = {"email", "mail"}


def compile_search(value: str, owner: str) -> Condition:
    """`value` is that of $search; `owner` the word that marks the mailbox in the index. Raises QueryError."""
    query = parse_kql(search_text(value))
    return NONE if query is None else _condition(query, owner)


def _condition(query: Query, owner: str) -> Condition:
    match query:
        case Not(excluded):
            return ~_condition(excluded, owner)
        case AllOf(operands):
            first, *others = (_condition(operand, owner) for operand in operands)
            for other in others:
                first &= other
            return first
        case AnyOf(operands):
            first, *others = (_condition(operand, owner) for operand in operands)
            for other in others:
                first |= other
            return first
        case Term():
            return _term(query, owner)


def _term(term: Term, owner: str) -> Condition:
    if term.property in _TEXT:
        found = _text(_TEXT[term.property], term, owner)
        return ~found if term.operator == "<>" else found
    if term.property in _TIMES:
        return _time(_TIMES[term.property], term)
    if term.property == "size":
        return _size(term)
    if term.property == "hasattachments":
        return Condition("m.has_attachments = ?", (int(term.text.lower() in ("true", "yes", "1")),))
    if term.property == "importance":
        return Condition("m.importance = ?", (term.text.lower().replace("medium", "normal"),))
    if term.property == "kind":
        return ALL if term.text.lower() in _KINDS else NONE
    # What KQL does not know as a property is searched as text.
    return _text(_TEXT[""], Term("", ":", f"{term.property} {term.text}", True), owner)


def _text(columns: str, term: Term, owner: str) -> Condition:
    text, prefix = term.text, ""
    if text.endswith("*") and not term.is_phrase:
        text, prefix = text.rstrip("*"), " *"
    phrase = indexable(text).replace('"', '""').replace("\x00", " ")
    return Condition(
        "m.id IN (SELECT rowid FROM message_text WHERE message_text MATCH ?)",
        (f'owner : "{owner}" AND {{{columns}}} : "{phrase}"{prefix}',),
    )


def _time(column: str, term: Term) -> Condition:
    start, end = period(term.text, datetime.now(UTC))
    conditions = {
        "<": (f"{column} < ?", (start,)),
        "<=": (f"{column} < ?", (end,)),
        ">": (f"{column} >= ?", (end,)),
        ">=": (f"{column} >= ?", (start,)),
        "<>": (f"NOT ({column} >= ? AND {column} < ?)", (start, end)),
    }
    sql, parameters = conditions.get(term.operator, (f"({column} >= ? AND {column} < ?)", (start, end)))
    return Condition(sql, parameters)


def _size(term: Term) -> Condition:
    low, dots, high = term.text.partition("..")
    try:
        if dots:
            return Condition("m.size BETWEEN ? AND ?", (int(low), int(high)))
        operator = "=" if term.operator == ":" else term.operator
        return Condition(f"m.size {operator} ?", (int(low),))
    except ValueError as error:
        raise QueryError("BadRequest", f"'{term.text}' is not a size in bytes.") from error
