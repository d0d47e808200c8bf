"""What a search asks for, as a tree: conditions on a message, joined by `AllOf` and `AnyOf`.

There is no node for NOT: a condition is negated itself, and `negated` turns a whole tree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

# `text` is subject, body, sender and names of files, `main` the same without names of files; `people` is sender and
# recipients.
Field = Literal["text", "main", "from", "to", "cc", "bcc", "recipients", "people", "subject", "body", "file"]
# No mail is older, and Graph refuses years that it cannot read.
BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)
PEOPLE: frozenset[Field] = frozenset({"from", "to", "cc", "bcc", "recipients", "people"})
# How a field is written in a text, where its name is another.
_WRITTEN: dict[Field, str] = {"text": "", "main": "", "file": "filename:", "people": "participants:"}


class Words(Struct, frozen=True):
    """A word or phrase in a field. In a field of people: a part of a name, or an address."""

    field: Field
    phrase: str
    is_excluded: bool = False


class Domain(Struct, frozen=True):
    """People with an address at `domain`; with `below`, at a subdomain of it."""

    field: Field
    domain: str
    below: bool = False
    is_excluded: bool = False


class State(Struct, frozen=True):
    """Whether a message is unread, flagged or a draft, or has attachments."""

    name: Literal["unread", "flagged", "draft", "attachments"]
    wanted: bool = True


class Importance(Struct, frozen=True):
    """Messages of this importance; with `is_excluded`, of any other."""

    level: Literal["low", "normal", "high"]
    is_excluded: bool = False


class Category(Struct, frozen=True):
    """Messages with this category, compared without regard to case; with `is_excluded`, those without it."""

    name: str
    is_excluded: bool = False


class Since(Struct, frozen=True):
    """Received at this moment or later."""

    moment: datetime


class Before(Struct, frozen=True):
    """Received before this moment."""

    moment: datetime


class Size(Struct, frozen=True):
    """At least so many bytes; with `is_excluded`, fewer."""

    at_least: int
    is_excluded: bool = False


class FileNamed(Struct, frozen=True):
    """A file whose whole name fits `pattern`, in which `*` and `?` stand for letters; case makes no difference."""

    pattern: str
    is_excluded: bool = False


class IdIs(Struct, frozen=True):
    """Messages with this id of their conversation, or this Message-ID of the Internet."""

    name: Literal["conversationId", "internetMessageId"]
    value: str
    is_excluded: bool = False


Condition: TypeAlias = Words | Domain | State | Importance | Category | Since | Before | Size | FileNamed | IdIs


class AllOf(Struct, frozen=True):
    """Every part must hold. Without parts, every message matches."""

    parts: tuple[Expression, ...]


class AnyOf(Struct, frozen=True):
    """At least one part must hold."""

    parts: tuple[Expression, ...]


Expression: TypeAlias = Condition | AllOf | AnyOf


def since(moment: datetime) -> Since:
    """Received then or later, in a year that Graph can read."""
    return Since(max(moment, BEGINNING))


def before(moment: datetime) -> Before:
    """Received earlier than that, in a year that Graph can read."""
    return Before(max(moment, BEGINNING))


def all_of(parts: Iterable[Expression]) -> Expression:
    """The parts joined by AND; a single one is itself, none is an `AllOf` that every message meets."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, AllOf) else (part,))]
    return flat[0] if len(flat) == 1 else AllOf(tuple(flat))


def any_of(parts: Iterable[Expression]) -> Expression:
    """The parts joined by OR; a single one is itself."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, AnyOf) else (part,))]
    return flat[0] if len(flat) == 1 else AnyOf(tuple(flat))


def conjuncts(expression: Expression) -> tuple[Expression, ...]:
    """The parts that must all hold."""
    return expression.parts if isinstance(expression, AllOf) else (expression,)


def conditions_of(expression: Expression) -> Iterator[Condition]:
    """Every condition in the tree."""
    if isinstance(expression, AllOf | AnyOf):
        for part in expression.parts:
            yield from conditions_of(part)
    else:
        yield expression


def changed(expression: Expression, change: Callable[[Condition], Condition]) -> Expression:
    """The tree with each condition replaced by what `change` makes of it."""
    if isinstance(expression, AllOf | AnyOf):
        return replace(expression, parts=tuple(changed(part, change) for part in expression.parts))
    return change(expression)


def negated(expression: Expression) -> Expression:
    """What holds for exactly the other messages.

    >>> negated(AnyOf((Words("from", "Bob"), State("unread"))))
    AllOf(parts=(Words(field='from', phrase='Bob', is_excluded=True), State(name='unread', wanted=False)))
    """
    match expression:
        case AllOf(parts):
            return any_of(map(negated, parts))
        case AnyOf(parts):
            return all_of(map(negated, parts))
        case Since(moment):
            return Before(moment)
        case Before(moment):
            return Since(moment)
        case State(_, wanted):
            return replace(expression, wanted=not wanted)
        case _:
            return replace(expression, is_excluded=not expression.is_excluded)


def shown(expression: Expression) -> str:
    """The tree as it could be written in `text`, for people.

    >>> shown(AllOf((Words("from", "erin"), AnyOf((Words("text", "net 30"), Words("text", "draft", True))))))
    'from:erin AND ("net 30" OR NOT draft)'
    """
    if isinstance(expression, AllOf):
        return " AND ".join(map(_shown_part, expression.parts))
    if isinstance(expression, AnyOf):
        return f"({' OR '.join(map(_shown_part, expression.parts))})"
    return _shown_condition(expression)


def _shown_part(part: Expression) -> str:
    return f"({shown(part)})" if isinstance(part, AllOf) else shown(part)


def _shown_condition(condition: Condition) -> str:
    match condition:
        case Words(field, phrase, is_excluded):
            value = f'"{phrase}"' if " " in phrase else phrase
            return f"{_no(is_excluded)}{_WRITTEN.get(field, f'{field}:')}{value}"
        case Domain(field, domain, below, is_excluded):
            return f"{_no(is_excluded)}{_WRITTEN.get(field, f'{field}:')}*@{'*.' if below else ''}{domain}"
        case State("attachments", wanted):
            return f"{_no(not wanted)}has:attachment"
        case State(name, wanted):
            return f"{_no(not wanted)}is:{name}"
        case Importance(level, is_excluded):
            return f"{_no(is_excluded)}importance:{level}"
        case Category(name, is_excluded):
            return f'{_no(is_excluded)}category:"{name}"'
        case Since(moment):
            return f"since:{moment:%Y-%m-%dT%H:%MZ}"
        case Before(moment):
            return f"before:{moment:%Y-%m-%dT%H:%MZ}"
        case Size(at_least, is_excluded):
            return f"{_no(is_excluded)}larger:{at_least}"
        case FileNamed(pattern, is_excluded):
            return f"{_no(is_excluded)}filename:{pattern}"
        case IdIs(name, value, is_excluded):
            return f"{_no(is_excluded)}{'rfc822msgid' if name == 'internetMessageId' else 'thread'}:{value}"


def _no(is_excluded: bool) -> str:
    return "NOT " if is_excluded else ""
