"""What `field:value` means in a search: the fields of Outlook, of KQL and of Gmail that people and models write."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from outlook_mcp.errors import InvalidInput
from outlook_mcp.mail.search.conditions import (
    PEOPLE,
    Category,
    Domain,
    Expression,
    Field,
    IdIs,
    Importance,
    State,
    Words,
    all_of,
    any_of,
    before,
    negated,
    since,
)
from outlook_mcp.mail.search.folder_fields import FOLDER_FIELDS
from outlook_mcp.mail.search.phrases import phrase_of
from outlook_mcp.mail.search.sizes import bytes_of, size_condition
from outlook_mcp.text.past_times import parse_past
from outlook_mcp.text.periods import Period

WORD_FIELDS: dict[str, Field] = {
    "from": "from",
    "sender": "from",
    "to": "to",
    "cc": "cc",
    "bcc": "bcc",
    "recipient": "recipients",
    "recipients": "recipients",
    "deliveredto": "recipients",
    "participant": "people",
    "participants": "people",
    "with": "people",
    "subject": "subject",
    "body": "body",
    "filename": "file",
    "attachment": "file",
    "attachments": "file",
}
_FILE_TYPES = frozenset({"ext", "extension", "filetype"})
_RECEIVED = frozenset({"received", "receiveddatetime", "sent", "date", "on", "during"})
DATE_FIELDS = _RECEIVED | {"after", "since", "newer", "newerthan", "before", "until", "older", "olderthan"}
NO_WILDCARD = "`*` is not a wildcard here; whole words were looked for."
_OWN_BCC = "Bcc is known only of messages that the user sent or drafted."
# Known from elsewhere, but nothing here can answer them.
_UNSUPPORTED = frozenset(
    {
        "list",
        "kind",
        "readstatus",
        "conversationid",
        "thread",
        "threadid",
    }
)

_SINCE = frozenset({"after", "since", "newer", "newerthan"})
_BEFORE = frozenset({"before", "older", "olderthan"})
_YES, _NO = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})
_ATTACHED = frozenset({"attachment", "attachments", "attach", "file", "files"})
_KINDS_OF_FILES = frozenset(
    {"pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "csv", "zip", "ics", "txt", "png", "jpg", "eml"}
)
_IS: dict[str, Expression] = {
    "unread": State("unread"),
    "new": State("unread"),
    "read": State("unread", False),
    "flagged": State("flagged"),
    "starred": State("flagged"),
    "unflagged": State("flagged", False),
    "draft": State("draft"),
    "important": Importance("high"),
}
_STATES: dict[str, Expression] = {
    "hasattachment": State("attachments"),
    "hasattachments": State("attachments"),
    "isread": State("unread", False),
    "isflagged": State("flagged"),
    "hasflag": State("flagged"),
    "flag": State("flagged"),
    "flagged": State("flagged"),
    "starred": State("flagged"),
    "read": State("unread", False),
    "isunread": State("unread"),
    "unread": State("unread"),
    "isdraft": State("draft"),
}
_LEVELS: dict[str, Expression] = {
    "high": Importance("high"),
    "normal": Importance("normal"),
    "medium": Importance("normal"),
    "low": Importance("low"),
}
_COMPARED = re.compile(r"(>=|<=|>|<)(.+)")
_EMAIL_ADDRESS = re.compile(r"[^@\s\"<>()*]+@[^@\s\"'<>()*]+\.[^@\s\"'<>()*]+")
_NAME_AND_ADDRESS = re.compile(r"[^<>]*<([^<>]*)>\s*")
_FILE_TYPE = re.compile(r"\*\.(\w{1,8})")
_DOMAIN = re.compile(r"\*?(?:@(\*\.)?|(\.))([\w-]+(?:\.[\w-]+)+)")


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom values are read: the caller's address, and the time of the call in their time zone.

    Words that name no field are looked for in `field`.
    """

    me: str
    now: datetime
    field: Field = "text"


def squeezed(name: str) -> str:
    """The name of a field as this module knows it: `Newer_Than` is `newerthan`."""
    return re.sub(r"[_-]", "", name).casefold()


def is_field(name: str, operator: str) -> bool:
    """Whether `name` and the operator after it stand for a field. A web address or a time such as 12:30 does not."""
    known = squeezed(name)
    if operator in (":", "="):
        return known in _FILE_TYPES or (
            known in WORD_FIELDS
            or known in DATE_FIELDS
            or known in FOLDER_FIELDS
            or known in _STATES
            or known in _UNSUPPORTED
            or known in _READERS
        )
    return known in _RECEIVED | {"size", "messagesize"}


def condition_of(name: str, operator: str, value: str, reader: Reader) -> Expression | None:
    """The condition that `name operator value` stands for, None when nothing can answer it.

    Raises InvalidInput for a date that cannot be read.
    """
    known = squeezed(name)
    if operator == ":" and (compared := _COMPARED.fullmatch(value)) and known in _RECEIVED | {"size", "messagesize"}:
        operator, value = compared.groups()
    if known in ("attachment", "attachments") and value.casefold() in _YES | _NO:
        known = "hasattachments"
    if known in WORD_FIELDS:
        return _words(WORD_FIELDS[known], value, reader.me)
    if known in _FILE_TYPES:
        return words_in("file", value, reader.me)
    if known in DATE_FIELDS:
        return _received(known, operator, value, reader.now)
    if known in _STATES:
        return _yes_or_no(_STATES[known], value)
    read = _READERS.get(known)
    return read(known, operator, value) if read else None


def words_in(field: Field, value: str, me: str) -> Expression | None:
    """A word or phrase in a field; `me`, `Name <address>`, `*@domain` in one of people. None when it has no word.

    >>> words_in("from", "Bob Brandt <bob@contoso.example>", "me@contoso.example")
    Words(field='from', phrase='bob@contoso.example', is_excluded=False)
    >>> words_in("from", "*@fabrikam.example", "me@contoso.example")
    Domain(field='from', domain='fabrikam.example', below=False, is_excluded=False)
    """
    if field in PEOPLE:
        value = me if value.strip().casefold() == "me" else value
        shown = _NAME_AND_ADDRESS.fullmatch(value)
        value = shown[1].strip() if shown and is_address(shown[1]) else value
        if found := _DOMAIN.fullmatch(value.strip()):
            return Domain(field, found[3].lower(), below=bool(found[1] or found[2]))
    if field in ("text", "file") and (file_type := _FILE_TYPE.fullmatch(value.strip())):
        return Words("file", file_type[1])
    phrase = phrase_of(value)
    return Words(field, phrase) if phrase else None


def note_on(name: str, operator: str, value: str) -> str:
    """What an answer says of `name operator value` beside what it found; "" when there is nothing to say."""
    if WORD_FIELDS.get(name) == "bcc":
        return _OWN_BCC
    if name in ("size", "messagesize") and operator in (":", "=") and bytes_of(value) is not None:
        return f"`{name}{operator}{value}` was read as at least {value}."
    return ""


def is_wildcard(word: str) -> bool:
    """Whether a star in a word was meant to stand for letters, and does not; it does in `*@domain` and `*.pdf`."""
    return "*" in word and not word.startswith(("*@", "@*")) and not _FILE_TYPE.fullmatch(word)


def _words(field: Field, value: str, me: str) -> Expression | None:
    """As `words_in`; several people in one word, as in `from:erin,bob`, are any of them."""
    parts = [part for part in re.split(r"[;,]", value) if part] if field in PEOPLE and " " not in value else []
    found = [condition for part in parts if (condition := words_in(field, part, me)) is not None]
    return any_of(found) if len(found) > 1 else words_in(field, value, me)


def is_address(value: str) -> bool:
    """Whether it is a whole mail address and nothing else."""
    return bool(_EMAIL_ADDRESS.fullmatch(value.strip()))


def _received(name: str, operator: str, value: str, now: datetime) -> Expression:
    first, dots, last = value.partition("..")
    period = parse_past(first, now)
    if dots:
        period = Period(period.start, parse_past(last, now).end)
    if name in _SINCE or operator == ">=":
        return since(period.start)
    if name in _BEFORE or operator == "<":
        return before(period.start)
    if name == "until" or operator == "<=":
        return before(period.end)
    if operator == ">":
        return since(period.end)
    if period.end <= period.start:
        raise InvalidInput(f"{value[:40]} ends before it begins.", next_step="Write the earlier date first.")
    return all_of((since(period.start), before(period.end)))


def _yes_or_no(state: Expression, value: str) -> Expression | None:
    if value.casefold() in _YES:
        return state
    return negated(state) if value.casefold() in _NO else None


def _is(name: str, operator: str, value: str) -> Expression | None:
    return _IS.get(value.casefold())


def _has(name: str, operator: str, value: str) -> Expression | None:
    known = value.casefold()
    if known in _KINDS_OF_FILES:
        return Words("file", known)
    return State("flagged") if known in ("flag", "star") else State("attachments") if known in _ATTACHED else None


def _flag(name: str, operator: str, value: str) -> Expression | None:
    known = squeezed(value)
    return {"flagged": State("flagged"), "notflagged": State("flagged", False)}.get(known)


def _message_id(name: str, operator: str, value: str) -> Expression | None:
    bare = value.strip().strip("<>")
    return IdIs("internetMessageId", f"<{bare}>") if bare else None


def _importance(name: str, operator: str, value: str) -> Expression | None:
    return _LEVELS.get(value.casefold())


def _category(name: str, operator: str, value: str) -> Expression | None:
    return Category(value.strip()) if value.strip() else None


_READERS: dict[str, Callable[[str, str, str], Expression | None]] = {
    "is": _is,
    # Other labels may be folders or categories of Outlook: nobody can tell.
    "label": _is,
    "labels": _is,
    "has": _has,
    "flagstatus": _flag,
    "rfc822msgid": _message_id,
    "internetmessageid": _message_id,
    "messageid": _message_id,
    "importance": _importance,
    "priority": _importance,
    "category": _category,
    "categories": _category,
    "larger": size_condition,
    "largerthan": size_condition,
    "smaller": size_condition,
    "smallerthan": size_condition,
    "size": size_condition,
    "messagesize": size_condition,
}
