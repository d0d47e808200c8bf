"""vCards of any version (2.1, RFC 2426, RFC 6350) as the properties of microsoft.graph.contact."""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from outlook_mcp.sandbox.mime.charsets import decode
from outlook_mcp.sandbox.mime.content_lines import ContentLine, components, read_content_lines

_QUOTED = re.compile(r"^(?=[^:\n]*QUOTED-PRINTABLE)[^\n]*?=\r?\n(?:[^\n]*=\r?\n)*[^\n]*", re.MULTILINE | re.IGNORECASE)
_NAME = ("surname", "givenName", "middleName", "title", "generation")
_TEXTS = {
    "FN": "displayName",
    "NICKNAME": "nickName",
    "TITLE": "jobTitle",
    "ROLE": "profession",
    "NOTE": "personalNotes",
    "URL": "businessHomePage",
}
_ADDRESS_FIELDS = ("street", "city", "state", "postalCode", "countryOrRegion")
_PLACES = {"WORK": "businessAddress", "HOME": "homeAddress"}
_MOST_ADDRESSES = 3
_DAY = re.compile(r"(\d{4}|--)-?(\d\d)-?(\d\d)", re.ASCII)
# Outlook keeps a birthday without a year in this one.
_NO_YEAR = 1604
_ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+")


def read_cards(text: str) -> Iterator[dict[str, Any]]:
    """One for each card that names somebody."""
    for card in components(text, "VCARD"):
        joined = _QUOTED.sub(lambda found: re.sub(r"=\r?\n", "", found[0]), card)
        fields = _contact([_decoded(line) for line in read_content_lines(joined)])
        if any(fields.get(name) for name in ("displayName", "companyName", "emailAddresses", "surname", "givenName")):
            yield fields


def _contact(lines: list[ContentLine]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for line in lines:
        if line.name in _TEXTS and line.text:
            fields.setdefault(_TEXTS[line.name], line.text)
        elif line.name == "N":
            fields.update({name: value for name, value in zip(_NAME, line.fields, strict=False) if value})
        elif line.name == "ORG":
            names = zip(("companyName", "department"), line.fields, strict=False)
            fields.update({name: value for name, value in names if value})
        elif line.name == "CATEGORIES":
            fields["categories"] = [name for name in line.items if name]
        elif line.name == "BDAY" and (day := _day(line.value)):
            fields["birthday"] = f"{day}T11:59:00Z"
        elif line.name == "EMAIL":
            _add_email(fields, line)
        elif line.name == "TEL" and line.text:
            _add_phone(fields, line)
        elif line.name == "ADR":
            address = zip(_ADDRESS_FIELDS, line.fields[2:], strict=False)
            fields.setdefault(_place(line), {name: value for name, value in address if value})
    for email in fields.get("emailAddresses", []):
        email["name"] = fields.get("displayName") or email["address"]
    return fields


def _day(written: str) -> date | None:
    """None for one that is in no calendar."""
    found = _DAY.match(written)
    try:
        year, month, day = found.groups() if found else ("", "", "")
        return date(_NO_YEAR if year == "--" else int(year), int(month), int(day))
    except ValueError:
        return None


def _add_email(fields: dict[str, Any], line: ContentLine) -> None:
    """Graph keeps three."""
    emails = fields.get("emailAddresses", [])
    address = line.text.strip().removeprefix("mailto:")
    is_known = address in [email["address"] for email in emails]
    if _ADDRESS.fullmatch(address) and len(emails) < _MOST_ADDRESSES and not is_known:
        fields["emailAddresses"] = [*emails, {"address": address}]


def _add_phone(fields: dict[str, Any], line: ContentLine) -> None:
    number, types = line.text.removeprefix("tel:"), _types(line)
    if "FAX" in types or "PAGER" in types:
        return
    if "CELL" in types and "mobilePhone" not in fields:
        fields["mobilePhone"] = number
        return
    phones = fields.setdefault("homePhones" if "HOME" in types else "businessPhones", [])
    if len(phones) < 2:
        phones.append(number)


def _place(line: ContentLine) -> str:
    return next((name for kind, name in _PLACES.items() if kind in _types(line)), "otherAddress")


def _types(line: ContentLine) -> set[str]:
    return {kind.strip().upper() for kind in line.parameters.get("TYPE", "").split(",")}


def _decoded(line: ContentLine) -> ContentLine:
    """With the value as text, where it is quoted-printable as in vCard 2.1."""
    if "QUOTED-PRINTABLE" not in (line.parameters.get("ENCODING", "").upper(), *_types(line)):
        return line
    value = decode(quopri.decodestring(line.value.encode("ascii", "ignore")), line.parameters.get("CHARSET", ""))
    # As in the later versions, where a line break is written as \n.
    return ContentLine(line.name, line.parameters, re.sub(r"\r\n|\r|\n", r"\\n", value))
