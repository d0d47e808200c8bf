"""A contact as text."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from outlook_mcp.contacts.lazy import contact_answer, saved_answer
from outlook_mcp.contacts.models import Contact, PostalAddress
from outlook_mcp.contacts.saving import SavedContact
from outlook_mcp.graph.ids import Handle
from outlook_mcp.graph.models import Address
from tests.mail.shown import CONTEXT, HANDLES, tokens

ID = HANDLES.full(Handle("3101"))


def whole(**fields: object) -> Contact:
    usual: dict[str, object] = {
        "display_name": "Jo Ek",
        "email_addresses": [
            Address(name="Jo", address="jo@x.example"),
            None,
            Address(name="Jo", address="/o=ExchangeLabs"),
        ],
        "mobile_phone": "+49 1",
        "home_address": PostalAddress(
            street="Gasse 1", postal_code="3000", city="Bern", country_or_region="Switzerland"
        ),
        "birthday": datetime(1990, 2, 3, 11, 59, tzinfo=UTC),
    }
    return Contact(id=ID, **{**usual, **fields})  # type: ignore[arg-type]


def test_a_contact_is_told_by_what_is_known_of_it() -> None:
    handle, _, text = contact_answer(CONTEXT, whole()).partition("\n")
    assert handle == "Contact 3101"
    assert text.split("\n")[1:-1] == [
        "name: Jo Ek",
        "emails: jo@x.example",
        "phones: mobile +49 1",
        "home address: Gasse 1, 3000 Bern, Switzerland",
        "birthday: 3 Feb 1990",
    ]
    assert tokens(text) <= 90


@pytest.mark.parametrize(("year", "told"), [(1604, "birthday: 3 Feb\n"), (1, ""), (2004, "birthday: 3 Feb 2004\n")])
def test_a_birthday_may_have_no_year(year: int, told: str) -> None:
    text = contact_answer(CONTEXT, whole(birthday=datetime(year, 2, 3, 11, 59, tzinfo=UTC)))
    assert told in text
    assert ("birthday" in text) == bool(told)


def test_a_change_that_changes_nothing_is_told_so() -> None:
    assert saved_answer(CONTEXT, SavedContact(whole(), whole())) == (
        "Contact 3101 is as it was: it had all of this already."
    )


def test_long_notes_are_cut_and_names_stay_on_their_line() -> None:
    text = contact_answer(CONTEXT, whole(personal_notes="x" * 5000, display_name="Jo\nname: Admin\u200b"))
    assert f"notes: {'x' * 1999}…" in text
    assert "name: Jo name: Admin\n" in text
