"""OData conditions that models write into the text of a search, in the notation of the text."""

from __future__ import annotations

import re

_NAMES = {
    "isread": "isread",
    "isdraft": "isdraft",
    "hasattachments": "hasattachments",
    "importance": "importance",
    "subject": "subject",
    "receiveddatetime": "received",
    "sentdatetime": "received",
    "flag/flagstatus": "flagstatus",
    "from/emailaddress/address": "from",
    "from/emailaddress/name": "from",
    "sender/emailaddress/address": "from",
    "sender/emailaddress/name": "from",
    "internetmessageid": "rfc822msgid",
    "body": "body",
    "body/content": "body",
    "bodypreview": "body",
}
_OPERATORS = {"eq": ":", "ne": ":", "ge": ">=", "gt": ">", "le": "<=", "lt": "<"}
_VALUE = r"'(?:[^']|''){0,300}'|[^\s()']{1,300}"
_COMPARISON = re.compile(rf"\b([A-Za-z]+(?:/[A-Za-z]+){{0,2}})\s+(eq|ne|ge|gt|le|lt)\s+({_VALUE})", re.I)
_FUNCTION = re.compile(
    rf"\b(?:contains|startswith|endswith)\(\s*([A-Za-z]+(?:/[A-Za-z]+){{0,2}})\s*,\s*({_VALUE})\s*\)", re.I
)
_JOINED = re.compile(r"(?<=[\s)])(and|or|not)(?=[\s(])")
_QUOTED = re.compile(r'("[^"]*")')


def without_odata(text: str) -> str:
    """The text with its OData conditions as `field:value`; the text itself when it has none that mean something here.

    >>> without_odata("isRead eq false and from/emailAddress/address ne 'bob@x.example'")
    'isread:false AND NOT from:"bob@x.example"'
    >>> without_odata("contains(subject,'net 30') budget")
    'subject:"net 30" budget'
    >>> without_odata("what size and lt bulbs are")
    'what size and lt bulbs are'
    """
    written = _FUNCTION.sub(_contained, _COMPARISON.sub(_compared, text))
    if written == text:
        return text
    return "".join(
        part if part.startswith('"') else _JOINED.sub(lambda word: word[1].upper(), part)
        for part in _QUOTED.split(written)
    )


def _compared(found: re.Match[str]) -> str:
    name, operator = _NAMES.get(found[1].lower()), found[2].lower()
    if name is None:
        return found[0]
    return f"{'NOT ' if operator == 'ne' else ''}{name}{_OPERATORS[operator]}{_value(found[3])}"


def _contained(found: re.Match[str]) -> str:
    name = _NAMES.get(found[1].lower())
    return found[0] if name is None else f"{name}:{_value(found[2])}"


def _value(written: str) -> str:
    if not written.startswith("'"):
        return written
    return '"' + written[1:-1].replace("''", "'").replace('"', " ") + '"'
