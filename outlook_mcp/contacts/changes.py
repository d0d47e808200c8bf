"""What a caller sets of a contact, as JSON for Graph."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from outlook_mcp.contacts.models import Contact
from outlook_mcp.contacts.postal import postal_fields
from outlook_mcp.errors import InvalidInput
from outlook_mcp.errors.counting import counted

MOST_ADDRESSES = 3
# Exchange keeps two of each, and one mobile phone.
_MOST_PHONES = 2
_KINDS = {
    **dict.fromkeys(("mobile", "cell"), "mobilePhone"),
    **dict.fromkeys(("work", "business", "office"), "businessPhones"),
    **dict.fromkeys(("home", "private"), "homePhones"),
}
_PHONE = re.compile(r"(?:(?P<kind>[A-Za-z]+)[\s:]+)?(?P<number>[+(\d][\d\s()./+*#x-]*)")
_EMAIL = re.compile(r"(?:(?P<name>[^<>]*?)\s*<(?P<inside>[^<>]+)>|(?P<bare>\S+))")
_ADDRESS = re.compile(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_LONGEST = 255
_LONGEST_NOTES = 10_000
# The length of `--05-03`, as ISO 8601 writes a day of any year.
_NO_YEAR = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactChange:
    """None leaves a property as it is, an empty text or list removes it."""

    name: str | None = None
    emails: Sequence[str] | None = None
    phones: Sequence[str] | None = None
    company: str | None = None
    title: str | None = None
    home_address: str | None = None
    work_address: str | None = None
    birthday: str | None = None
    notes: str | None = None

    def fields(self) -> dict[str, Any]:
        """The JSON for Graph. Raises InvalidInput for what a contact cannot have."""
        fields: dict[str, Any] = {}
        if self.name is not None:
            fields.update(_name_fields(_checked_line(self.name, "name")))
        if self.emails is not None:
            fields["emailAddresses"] = _email_fields(self.emails)
        if self.phones is not None:
            fields.update(_phone_fields(self.phones))
        for key, value in (("companyName", self.company), ("jobTitle", self.title)):
            if value is not None:
                fields[key] = _checked_line(value, key) or None
        for key, place in (("homeAddress", self.home_address), ("businessAddress", self.work_address)):
            if place is not None:
                fields[key] = postal_fields(_checked_text(place, "address"))
        if self.birthday is not None:
            fields["birthday"] = _birthday(self.birthday.strip())
        if self.notes is not None:
            if len(self.notes) > _LONGEST_NOTES:
                raise InvalidInput(
                    f"The notes have {counted(len(self.notes), 'character')}; at most {_LONGEST_NOTES:,} fit."
                )
            fields["personalNotes"] = _CONTROL.sub("", self.notes) or None
        return fields


def kept_name(before: Contact, fields: Mapping[str, Any]) -> dict[str, Any]:
    """`fields` with the name for display: Exchange makes it anew of the parts of the name when a change lacks it."""
    if "displayName" in fields or not before.display_name:
        return dict(fields)
    return {**fields, "displayName": before.display_name}


def _name_fields(name: str) -> dict[str, Any]:
    """The name for display and its parts: `Jo Ek`, or `Ek, Jo`.

    >>> _name_fields("Ek, Jo")
    {'displayName': 'Jo Ek', 'givenName': 'Jo', 'surname': 'Ek'}
    >>> _name_fields("Cher")
    {'displayName': 'Cher', 'givenName': 'Cher', 'surname': None}
    """
    if not name:
        raise InvalidInput("A contact needs a name.", next_step="Leave out name to keep the one that it has.")
    family, comma, given = (part.strip() for part in name.partition(","))
    if not comma or not given:
        given, _, family = name.strip(" ,").rpartition(" ")
    if not given:
        given, family = family, ""
    shown = f"{given} {family}".strip()
    return {"displayName": shown, "givenName": given, "surname": family or None}


def _email_fields(emails: Sequence[str]) -> list[dict[str, str]]:
    if len(emails) > MOST_ADDRESSES:
        raise InvalidInput(f"A contact has at most {MOST_ADDRESSES} mail addresses; {len(emails)} were given.")
    found: dict[str, dict[str, str]] = {}
    for written in emails:
        match = _EMAIL.fullmatch(written.strip()) if len(written) <= _LONGEST else None
        address = (match["inside"] or match["bare"]) if match else ""
        if match is None or not _ADDRESS.fullmatch(address):
            raise InvalidInput(f"{_shown(written)} is no mail address.", next_step="Write name@example.com.")
        name = (match["name"] or "").strip("\"' ")
        found.setdefault(address.lower(), {"address": address, **({"name": name} if name else {})})
    return list(found.values())


def _phone_fields(phones: Sequence[str]) -> dict[str, Any]:
    """All of them: what is not among `phones` is removed.

    >>> _phone_fields(["mobile +49 1", "+49 2"])
    {'mobilePhone': '+49 1', 'businessPhones': ['+49 2'], 'homePhones': []}
    """
    numbers: dict[str, list[str]] = {"mobilePhone": [], "businessPhones": [], "homePhones": []}
    for written in phones:
        match = _PHONE.fullmatch(written.strip())
        kind = _KINDS.get((match["kind"] or "work").lower()) if match else None
        if match is None or kind is None:
            raise InvalidInput(
                f"{_shown(written)} is no phone number of a contact.",
                next_step="Write `mobile`, `work` or `home` and the number, as in `mobile +49 30 1234`.",
            )
        numbers[kind].append(match["number"].strip())
    for kind, most in (("mobilePhone", 1), ("businessPhones", _MOST_PHONES), ("homePhones", _MOST_PHONES)):
        if len(numbers[kind]) > most:
            raise InvalidInput("A contact has one mobile, two work and two home phones at most.")
    return {**numbers, "mobilePhone": next(iter(numbers["mobilePhone"]), None)}


def _birthday(written: str) -> str | None:
    """At 11:59 UTC, as Outlook writes it, so the day is the same in nearly all zones; in 1604 where no year is given.

    >>> _birthday("1990-05-03"), _birthday("02-29"), _birthday("")
    ('1990-05-03T11:59:00Z', '1604-02-29T11:59:00Z', None)
    """
    if not written:
        return None
    try:
        day = date.fromisoformat(f"1604-{written.removeprefix('--')}" if len(written) <= _NO_YEAR else written)
    except ValueError:
        raise InvalidInput(
            f"{_shown(written)} is no birthday.", next_step="Write 1990-05-03, or 05-03 without the year."
        ) from None
    return f"{day}T11:59:00Z"


def _checked_line(text: str, what: str) -> str:
    return _checked_text(" ".join(text.split()), what)


def _checked_text(text: str, what: str) -> str:
    if len(text) > _LONGEST:
        raise InvalidInput(f"The {what} has {counted(len(text), 'character')}; at most {_LONGEST} fit.")
    return _CONTROL.sub("", text)


def _shown(written: str) -> str:
    return repr(_CONTROL.sub(" ", written)[:80])
