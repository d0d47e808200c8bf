"""A vCard (version 3.0, RFC 2426) as the JSON of microsoft.graph.contact, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from outlook_mcp.sandbox.graph.core.errors import invalid_body
from outlook_mcp.sandbox.mime.content_lines import ContentLine, escape_text, read_content_lines, write_content_line

_ANY_TIME = "2000-01-01"
_ADDRESSES = {"businessAddress": "WORK", "homeAddress": "HOME", "otherAddress": "POSTAL"}
_ADDRESS_FIELDS = ("street", "city", "state", "postalCode", "countryOrRegion")
_PHONES = {"businessPhones": "WORK", "homePhones": "HOME"}
# Properties of one text, and their names in a vCard.
_TEXTS = {
    "displayName": "FN",
    "nickName": "NICKNAME",
    "jobTitle": "TITLE",
    "profession": "ROLE",
    "personalNotes": "NOTE",
    "businessHomePage": "URL",
    "birthday": "BDAY",
}
_NAME = ("surname", "givenName", "middleName", "title", "generation")
# Properties that a contact has and that are not kept.
_EMPTY: dict[str, Any] = {
    **dict.fromkeys(
        (
            *("assistantName", "fileAs", "initials", "manager", "officeLocation", "spouseName"),
            *("yomiCompanyName", "yomiGivenName", "yomiSurname"),
        )
    ),
    "imAddresses": [],
    "children": [],
}
CONTACT_TEXTS = (*_TEXTS, *_NAME, "companyName", "department", "mobilePhone")
CONTACT_ADDRESSES, CONTACT_PHONES, CONTACT_OTHERS = tuple(_ADDRESSES), tuple(_PHONES), tuple(_EMPTY)


def contact_json(card: str) -> dict[str, Any]:
    """The properties that the card tells; those of text that it does not tell are null."""
    lines = list(read_content_lines(card))
    organization = _fields(lines, "ORG", 2)
    return {
        **_EMPTY,
        **{name: _text(lines, kept) for name, kept in _TEXTS.items()},
        **dict(zip(_NAME, _fields(lines, "N", len(_NAME)), strict=True)),
        "companyName": organization[0],
        "department": organization[1],
        "categories": [name for line in lines if line.name == "CATEGORIES" for name in line.items if name],
        "emailAddresses": [_email(line) for line in lines if line.name == "EMAIL"],
        **{name: _phones(lines, kind) for name, kind in _PHONES.items()},
        "mobilePhone": next(iter(_phones(lines, "CELL")), None),
        **{name: _address(lines, kind) for name, kind in _ADDRESSES.items()},
    }


def write_contact(fields: Mapping[str, Any]) -> bytes:
    """The vCard of a contact in a request. Raises GraphFault for a birthday that is no time."""
    try:
        datetime.fromisoformat(fields.get("birthday") or _ANY_TIME)
    except ValueError as error:
        raise invalid_body("Cannot convert the value of the property 'birthday' to the expected type.") from error
    return "".join(_card(fields)).encode("utf-8", "replace")


def _card(fields: Mapping[str, Any]) -> Iterator[str]:
    yield from ("BEGIN:VCARD\r\n", "VERSION:3.0\r\n")
    yield _joined_line("N", [fields.get(name) for name in _NAME])
    names = {"displayName": _full_name(fields), **fields}
    for name, kept in _TEXTS.items():
        if names.get(name):
            yield write_content_line(kept, escape_text(names[name]))
    if fields.get("companyName") or fields.get("department"):
        yield _joined_line("ORG", [fields.get("companyName"), fields.get("department")])
    if fields.get("categories"):
        yield write_content_line("CATEGORIES", ",".join(escape_text(name) for name in fields["categories"]))
    for email in fields.get("emailAddresses") or []:
        if email and email.get("address"):
            yield write_content_line("EMAIL", escape_text(email["address"]), **{"X-CN": email.get("name") or ""})
    for name, kind in _PHONES.items():
        yield from (write_content_line("TEL", escape_text(number), TYPE=kind) for number in fields.get(name) or [])
    if fields.get("mobilePhone"):
        yield write_content_line("TEL", escape_text(fields["mobilePhone"]), TYPE="CELL")
    for name, kind in _ADDRESSES.items():
        if address := fields.get(name):
            yield _joined_line("ADR", [None, None, *(address.get(field) for field in _ADDRESS_FIELDS)], TYPE=kind)
    yield "END:VCARD\r\n"


def _full_name(fields: Mapping[str, Any]) -> str:
    return " ".join(fields[name] for name in ("givenName", "middleName", "surname") if fields.get(name))


def _joined_line(name: str, values: list[str | None], **parameters: str) -> str:
    return write_content_line(name, ";".join(escape_text(value or "") for value in values), **parameters)


def _text(lines: list[ContentLine], name: str) -> str | None:
    return next((line.text for line in lines if line.name == name), None)


def _fields(lines: list[ContentLine], name: str, count: int) -> list[str | None]:
    """The first `count` fields of a property, None for an empty one."""
    found = next((line.fields for line in lines if line.name == name), [])
    return [value or None for value in [*found, *[""] * count][:count]]


def _email(line: ContentLine) -> dict[str, str]:
    return {"name": line.parameters.get("X-CN") or line.text, "address": line.text}


def _phones(lines: list[ContentLine], kind: str) -> list[str]:
    return [line.text for line in lines if line.name == "TEL" and line.parameters.get("TYPE", "").upper() == kind]


def _address(lines: list[ContentLine], kind: str) -> dict[str, str]:
    for line in lines:
        if line.name == "ADR" and line.parameters.get("TYPE", "").upper() == kind:
            return {name: value for name, value in zip(_ADDRESS_FIELDS, line.fields[2:], strict=False) if value}
    return {}
