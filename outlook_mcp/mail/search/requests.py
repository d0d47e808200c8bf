"""A search as Graph understands it: as KQL for `$search`, and as OData for `$filter`.

Neither can say everything. Each function gives a condition that holds for all messages that are wanted, and maybe for
others, which `matching` sorts out; None when it would hold for every message. Every value of the caller is a quoted
phrase or literal; the operators are ours.
Sources: https://learn.microsoft.com/graph/search-query-parameter and .../graph/query-parameters.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from outlook_mcp.graph.literals import literal
from outlook_mcp.mail.search.conditions import (
    AllOf,
    AnyOf,
    Before,
    Category,
    Condition,
    Domain,
    Expression,
    Field,
    IdIs,
    Importance,
    Since,
    Size,
    State,
    Words,
    conditions_of,
)
from outlook_mcp.mail.search.fields import is_address
from outlook_mcp.mail.search.phrases import quoted
from outlook_mcp.text.dates import graph_time

# KQL refuses a search of exclusions only.
_EVERYTHING = "received>=1970-01-01"
_PROPERTIES: dict[Field, str] = {
    "main": "",
    "from": "from:",
    "to": "to:",
    "cc": "cc:",
    "bcc": "bcc:",
    "recipients": "recipients:",
    "people": "participants:",
    "subject": "subject:",
    "body": "body:",
    "file": "attachment:",
}


def kql(expression: Expression) -> str | None:
    """The value of `$search` without its outer quotes; quotes inside are escaped.

    >>> kql(AllOf((Words("from", "Bob"), AnyOf((Words("subject", "net 30"), State("attachments"))))))
    'from:\\\\"Bob\\\\" AND (subject:\\\\"net 30\\\\" OR hasAttachments:true)'
    """
    if isinstance(expression, AllOf):
        known = [clause for part in expression.parts if (clause := kql(part)) is not None]
        # What excludes stands behind what includes.
        clauses = sorted(known, key=lambda clause: clause.startswith("NOT "))
        if clauses and clauses[0].startswith("NOT "):
            clauses.insert(0, _EVERYTHING)
        return " AND ".join(clauses) or None
    if isinstance(expression, AnyOf):
        alternatives = [kql(part) for part in expression.parts]
        return (
            _either(_grouped(alternative) for alternative in alternatives if alternative) if all(alternatives) else None
        )
    return _kql_condition(expression)


def top_level_kql(expression: Expression) -> str | None:
    """As `kql`, for a search that may exclude only."""
    clause = kql(expression)
    return f"{_EVERYTHING} AND {clause}" if clause and clause.startswith("NOT ") else clause


def odata(expression: Expression) -> str | None:
    """A condition for `$filter`.

    >>> odata(AnyOf((State("unread"), Importance("high"))))
    "(isRead eq false or importance eq 'high')"
    """
    if isinstance(expression, AllOf):
        return " and ".join(clause for part in expression.parts if (clause := odata(part)) is not None) or None
    if isinstance(expression, AnyOf):
        alternatives = [odata(part) for part in expression.parts]
        if not all(alternatives):
            return None
        parts = zip(expression.parts, alternatives, strict=True)
        return f"({' or '.join(f'({text})' if isinstance(part, AllOf) else str(text) for part, text in parts)})"
    return _odata_condition(expression)


def is_exact_in_odata(expression: Expression) -> bool:
    """Whether `odata` holds for the wanted messages only."""
    return all(_odata_condition(condition) is not None for condition in conditions_of(expression))


def _kql_condition(condition: Condition) -> str | None:
    match condition:
        case Words("text", phrase, is_excluded):
            # Text without a property is looked for in sender, subject and body, but not in names of files.
            return _unless(is_excluded, f"({quoted(phrase)} OR attachment:{quoted(phrase)})")
        case Words(field, phrase, is_excluded):
            return _unless(is_excluded, f"{_PROPERTIES[field]}{quoted(phrase)}")
        case Domain(field, domain, _, is_excluded):
            # A part of what is wanted when it is excluded, so that all who must stay do.
            return None if is_excluded else f"{_PROPERTIES[field]}{quoted(domain)}"
        case State("attachments", wanted):
            return f"hasAttachments:{_boolean(wanted)}"
        case Importance(level, is_excluded):
            return _unless(is_excluded, f"importance:{level}")
        case Since(moment) if moment.year > 1970:
            # KQL's dates are whole days in a zone that is not stated: one day more is asked for.
            return f"received>={moment - timedelta(days=1):%Y-%m-%d}"
        case Before(moment) if moment.year < 9999:
            return f"received<={moment + timedelta(days=1):%Y-%m-%d}"
        case Size(at_least, is_excluded):
            return f"size{'<' if is_excluded else '>='}{at_least}"
        case _:
            return None


def _odata_condition(condition: Condition) -> str | None:
    match condition:
        case Words("from", phrase, is_excluded) if is_address(phrase):
            return f"from/emailAddress/address {'ne' if is_excluded else 'eq'} {literal(phrase)}"
        case State("unread", wanted):
            return f"isRead eq {_boolean(not wanted)}"
        case State("flagged", wanted):
            return f"flag/flagStatus {'eq' if wanted else 'ne'} 'flagged'"
        case State("attachments", wanted):
            return f"hasAttachments eq {_boolean(wanted)}"
        case State("draft", wanted):
            return f"isDraft eq {_boolean(wanted)}"
        case Importance(level, is_excluded):
            return f"importance {'ne' if is_excluded else 'eq'} '{level}'"
        case Category(name, False):
            return f"categories/any(c:c eq {literal(name)})"
        case IdIs(name, value, is_excluded):
            return f"{name} {'ne' if is_excluded else 'eq'} {literal(value)}"
        case Since(moment):
            return f"receivedDateTime ge {graph_time(moment)}"
        case Before(moment):
            return f"receivedDateTime lt {graph_time(moment)}"
        case _:
            return None


def _either(clauses: Iterable[str]) -> str:
    return f"({' OR '.join(clauses)})"


def _grouped(clause: str) -> str:
    if clause.startswith("NOT "):
        return f"({_EVERYTHING} AND {clause})"
    return f"({clause})" if " AND " in clause else clause


def _unless(is_excluded: bool, clause: str) -> str:
    return f"NOT {clause}" if is_excluded else clause


def _boolean(value: bool) -> str:
    return "true" if value else "false"
