"""People and contacts through a real client, against the demo office."""

from __future__ import annotations

import re
from typing import Any

import pytest

from outlook_mcp.sandbox import SandboxOptions
from outlook_mcp.sandbox.store.contacts.contacts import Contacts
from outlook_mcp.sandbox.store.contacts.folders import ContactFolders
from tests.e2e.office import MODES, Office, call, refusal, resource

TOOLSETS = "mail-read mail-write contacts-read contacts-write"
NO_DIRECTORY = "Not asked: the directory of the organisation (no permission User.ReadBasic.All)."


@pytest.fixture
def sandbox_options() -> SandboxOptions:
    return SandboxOptions(seed=True)


def unmarked(answer: str) -> str:
    """Without the marks around names within a sentence."""
    return re.sub(r"<data(\d{12})>([^\n]*?)</data\1>", r"{\2}", answer)


def stored(office: Office) -> dict[str, dict[str, Any]]:
    """Alice's contacts by name."""
    mailbox = office.mailbox(office.alice)
    contacts = Contacts(mailbox.database, mailbox.account).all_contacts()
    return {contact.fields["displayName"]: dict(contact.fields) for contact in contacts}


async def test_people_are_found_in_every_source_and_what_was_not_asked_is_said(office: Office) -> None:
    async with office.client(office.alice, toolsets=TOOLSETS) as client:
        henry = await call(client, "people_search", text="Henry")
        assert henry.startswith("One person fits 'Henry':\n")
        assert "\nphones: mobile +1 555 0143, work +1 555 0142\n" in henry
        assert "\nbirthday: 9 Apr 1971\n" in henry
        assert henry.endswith(NO_DIRECTORY)
        roberts = await call(client, "people_search", text="robert")
        assert roberts.startswith("Several people fit 'robert'; ask the user who is meant:")
        assert re.search(
            r"^\d+ Robert Lund <r.lund@lund-consulting.example> · Tax adviser, Lund ", roberts, re.MULTILINE
        )
        # In a folder of contacts of its own.
        assert "田中 由紀 <tanaka@nihon-parts.example> · Export sales" in await call(
            client, "people_search", text="nihon"
        )
        bob = await call(client, "people_search", text="bob")
        assert re.search(
            r"Bob Brandt <bob@contoso.example> · last written \w+ \d+ \w+ \d+ · fits by name, address", bob
        )
        alike = await call(client, "people_search", text="Eriksson")
        assert "Written alike, and perhaps not meant:" in alike
        assert "Erin Eriksen <erin@fabrikam.example>" in alike
        nobody = await call(client, "people_search", text="zebra")
        asked = "own contacts, people by relevance and Sent Items"
        assert nobody == f"Nobody fits 'zebra' in {asked}; not everything could be asked.\n{NO_DIRECTORY}"


async def test_with_the_permission_the_directory_is_asked_too(office: Office) -> None:
    async with office.client(office.alice, toolsets=TOOLSETS, directory=True) as client:
        assert "Carol Castellano <carol@contoso.example>" in await call(client, "people_search", text="castellano")
        nobody = await call(client, "people_search", text="zebra")
        assert nobody == "Nobody fits 'zebra' in own contacts, people by relevance, Sent Items and directory."


@pytest.mark.parametrize("mode", MODES)
async def test_a_contact_is_created_changed_and_deleted(office: Office, mode: str) -> None:
    async with office.client(office.alice, mode=mode, toolsets=TOOLSETS) as client:
        created = await call(
            client, "contact_save", name="Berg, Anna", emails=["anna@x.example"], phones=["mobile +49 1"]
        )
        found = re.match(r"Created contact (\d+)\.", created)
        assert found is not None
        contact = found[1]
        again = await refusal(client, "contact_save", name="anna berg", emails=["ANNA@x.example"])
        assert again.startswith("'anna berg' is a contact already, with the same mail address.")
        changed = unmarked(await call(client, "contact_save", id=contact, job_title="Boss", phones=["home +49 2"]))
        assert changed.startswith(f"Changed contact {contact}, {{Anna Berg <anna@x.example>}}:\n")
        assert "phones: mobile +49 1 -> home +49 2\ntitle: none -> Boss" in changed
        assert stored(office)["Anna Berg"] | {"emailAddresses": []} == {
            "displayName": "Anna Berg",
            "givenName": "Anna",
            "surname": "Berg",
            "emailAddresses": [],
            "jobTitle": "Boss",
            "mobilePhone": None,
            "businessPhones": [],
            "homePhones": ["+49 2"],
        }
        shown = await resource(client, f"outlook://me/contacts/{contact}")
        assert shown.startswith(f"Contact {contact}\n")
        assert "\nphones: home +49 2\ntitle: Boss\n" in shown
        born = unmarked(await call(client, "contact_save", id=contact, birthday="02-29"))
        assert "birthday: none -> 29 Feb\n" in born
        born = unmarked(await call(client, "contact_save", id=contact, birthday="1988-02-29"))
        assert "birthday: 29 Feb -> 29 Feb 1988\n" in born
        assert "birthday: 29 Feb 1988 -> none\n" in unmarked(
            await call(client, "contact_save", id=contact, birthday="")
        )
        gone = unmarked(await call(client, "contact_save", id=contact, delete=True))
        assert gone == f"Deleted contact {contact}, {{Anna Berg <anna@x.example>}}. It is in Deleted Items."
        assert "Anna Berg" not in stored(office)
        assert "There is no contact" in await refusal(client, "contact_save", id=contact, delete=True)


async def test_a_recipient_may_be_named_as_a_contact_is_and_never_as_a_sender_calls_themselves(office: Office) -> None:
    async with office.client(office.alice, toolsets=TOOLSETS) as client:
        draft = await call(client, "draft_save", to=["Henry"], subject="Visit", body="When?")
        assert "Goes to: h.okafor@lakeside-dental.example" in draft
        several = await refusal(client, "draft_save", to=["Robert"], subject="Visit", body="When?")
        assert several.startswith("'Robert' can be more than one person. Ask the user who is meant, and write")
        assert "Robert Lindqvist <robert.lindqvist@harbour-legal.example>, Robert Lund" in several
        # Somebody who wrote to the user, and to whom the user never wrote.
        stranger = await refusal(client, "draft_save", to=["Mega Prize Office"], subject="Visit", body="When?")
        assert "The user has no contact called 'Mega Prize Office' and has written to nobody" in stranger


async def test_without_the_scope_for_contacts_they_are_not_asked_for_names(office: Office) -> None:
    async with office.client(office.alice) as client:
        assert "has written to nobody called 'Henry'" in await refusal(client, "draft_save", to=["Henry"], subject="x")
    assert not [record.path for record in office.sandbox.log.records if "contacts" in record.path.lower()]


async def test_a_postal_address_is_kept_in_its_parts_and_removed_by_an_empty_one(office: Office) -> None:
    async with office.client(office.alice, toolsets=TOOLSETS) as client:
        contact = (await call(client, "contact_save", name="Anna Berg")).split()[2].rstrip(".")
        moved = unmarked(await call(client, "contact_save", id=contact, home_address="Elm St 1, 10115 Berlin, Germany"))
        assert "home address: none -> Elm St 1, 10115 Berlin, Germany\n" in moved
        assert stored(office)["Anna Berg"]["homeAddress"]["postalCode"] == "10115"
        assert "-> none\n" in unmarked(await call(client, "contact_save", id=contact, home_address=""))


async def test_a_contact_is_created_in_the_folder_that_is_named_and_stays_there(office: Office) -> None:
    mailbox = office.mailbox(office.alice)
    tree = ContactFolders(mailbox.database, mailbox.account)
    friends = tree.create_folder("Friends", tree.default_folder())
    school = tree.create_folder("School", friends)
    async with office.client(office.alice, toolsets=TOOLSETS) as client:
        created = await call(client, "contact_save", name="Cem Kaya", emails=["cem@x.example"], folder="school")
        contact = created.split()[2].rstrip(".")
        in_school = Contacts(mailbox.database, mailbox.account).contacts_in(school)
        assert [found.fields["displayName"] for found in in_school] == ["Cem Kaya"]
        assert "One person fits 'cem'" in await call(client, "people_search", text="cem")
        missing = unmarked(await refusal(client, "contact_save", name="Dag", folder="Schul"))
        assert missing.startswith("There is no folder of contacts 'Schul'. There are: the default one, {")
        assert "Friends" in missing
        assert "moves no contact" in await refusal(client, "contact_save", id=contact, company="X", folder="Friends")
