"""What a caller sets of a contact, as JSON for Graph."""

from __future__ import annotations

from typing import Any

import pytest

from outlook_mcp.contacts.changes import ContactChange, kept_name
from outlook_mcp.contacts.models import Contact
from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.handles import Handles
from outlook_mcp.graph.ids import Handle

ID = Handles(bytes(16)).full(Handle("1"))


def test_only_what_is_given_is_set_and_an_empty_value_removes() -> None:
    assert ContactChange().fields() == {}
    assert ContactChange(company=" Acme  Ltd. ", title="", notes="").fields() == {
        "companyName": "Acme Ltd.",
        "jobTitle": None,
        "personalNotes": None,
    }
    assert ContactChange(emails=[], phones=[]).fields() == {
        "emailAddresses": [],
        "mobilePhone": None,
        "businessPhones": [],
        "homePhones": [],
    }


@pytest.mark.parametrize(
    ("written", "given", "family", "shown"),
    [
        ("Jo Ek", "Jo", "Ek", "Jo Ek"),
        ("Ek, Jo", "Jo", "Ek", "Jo Ek"),
        ("Anna Maria Berg", "Anna Maria", "Berg", "Anna Maria Berg"),
        ("Cher", "Cher", None, "Cher"),
        ("田中", "田中", None, "田中"),
    ],
)
def test_a_name_is_shown_and_taken_apart(written: str, given: str, family: str | None, shown: str) -> None:
    assert ContactChange(name=written).fields() == {"displayName": shown, "givenName": given, "surname": family}


@pytest.mark.parametrize("written", ["soon", "05-32", "1990-13-01", "1990"])
def test_a_birthday_that_is_no_day_is_refused(written: str) -> None:
    with pytest.raises(InvalidInput, match="is no birthday"):
        ContactChange(birthday=written).fields()


def test_addresses_keep_their_names_and_come_once() -> None:
    emails = ["Jo Ek <jo@x.example>", "JO@x.example", "j@y.example"]
    assert ContactChange(emails=emails).fields()["emailAddresses"] == [
        {"address": "jo@x.example", "name": "Jo Ek"},
        {"address": "j@y.example"},
    ]


def test_phones_are_of_three_kinds() -> None:
    phones = ["mobile: +49 (1) 2", "home 030/12", "work +49 3", "+49 4 x5"]
    assert ContactChange(phones=phones).fields() == {
        "mobilePhone": "+49 (1) 2",
        "homePhones": ["030/12"],
        "businessPhones": ["+49 3", "+49 4 x5"],
    }


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("Main St 1, 10115 Berlin, Germany", ("Main St 1", "Berlin", None, "10115", "Germany")),
        ("Apt 4, 1 Elm St, Troy, IL 62701, USA", ("Apt 4, 1 Elm St", "Troy", "IL", "62701", "USA")),
        ("1 Elm St\nTroy IL 62701", ("1 Elm St", "Troy", "IL", "62701", None)),
        ("221B Baker Street, London, NW1 6XE, UK", ("221B Baker Street", "London", None, "NW1 6XE", "UK")),
        ("Storgatan 1, 114 55 Stockholm", ("Storgatan 1", "Stockholm", None, "114 55", None)),
        ("Hauptstr. 12, D-10115 Berlin", ("Hauptstr. 12", "Berlin", None, "D-10115", None)),
        # What has no postal code that is known stays as it was written.
        ("PO Box 12345, Dubai, UAE", ("PO Box 12345, Dubai, UAE", None, None, None, None)),
        ("", (None, None, None, None, None)),
    ],
)
def test_a_postal_address_is_taken_apart_where_that_is_certain(written: str, parts: tuple[str | None, ...]) -> None:
    names = ("street", "city", "state", "postalCode", "countryOrRegion")
    assert ContactChange(work_address=written).fields() == {"businessAddress": dict(zip(names, parts, strict=True))}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": " "}, "needs a name"),
        ({"emails": ["jo"]}, "'jo' is no mail address"),
        ({"emails": ["a@x.example, b@x.example"]}, "is no mail address"),
        ({"emails": [f"{number}@x.example" for number in range(4)]}, "at most 3 mail addresses; 4 were given"),
        ({"phones": ["fax +49 1"]}, "is no phone number"),
        ({"phones": ["call me"]}, "is no phone number"),
        ({"phones": ["mobile 1", "mobile 2"]}, "one mobile"),
        ({"company": "x" * 256}, "256 characters"),
        ({"home_address": "x" * 256}, "address has 256 characters"),
        ({"notes": "x" * 10_001}, "10,001 characters; at most 10,000"),
    ],
)
def test_what_a_contact_cannot_have_is_refused(change: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        ContactChange(**change).fields()


def test_a_change_of_anything_else_keeps_the_name_that_is_shown() -> None:
    """Exchange makes it anew of the parts of the name when a change lacks it."""
    before = Contact(id=ID, display_name="Jo from the dentist")
    assert kept_name(before, {"jobTitle": "Clerk"}) == {"jobTitle": "Clerk", "displayName": "Jo from the dentist"}
    assert kept_name(before, {"displayName": "Jo"}) == {"displayName": "Jo"}
    assert kept_name(Contact(id=ID), {"jobTitle": "Clerk"}) == {"jobTitle": "Clerk"}
