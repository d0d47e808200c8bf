"""Contacts are saved once, and what became of a change whose answer was lost is looked up."""

from __future__ import annotations

from typing import Any

import pytest

from outlook_mcp.contacts.changes import ContactChange
from outlook_mcp.contacts.contact_requests import ContactRequests
from outlook_mcp.contacts.graph_area import CONTACTS
from outlook_mcp.contacts.saving import DeletedContact, SavedContact
from outlook_mcp.errors import AccessDenied, Conflict, GraphUnavailable, InvalidInput, NotFound, Throttled
from outlook_mcp.graph.ids import Handle
from outlook_mcp.sandbox.store.contacts.contacts import Contacts
from outlook_mcp.workspace.models import PeopleSources
from outlook_mcp.workspace.workspace import EmailWorkspace
from tests.workspace.conftest import World

LOST = {"status": 504, "carried_out": True}
FAILED = {"status": 503, "times": 1}
ANNA = ContactChange(name="Anna Berg", emails=["anna@x.example"])


@pytest.fixture
def seeded() -> bool:
    return False


def stored(world: World) -> list[dict[str, Any]]:
    mailbox = world.sandbox.store.mailbox(world.user("alice").oid)
    return [dict(contact.fields) for contact in Contacts(mailbox.database, mailbox.account).all_contacts()]


async def saved(alice: EmailWorkspace, change: ContactChange = ANNA, contact: str | None = None) -> SavedContact:
    found = await alice.contacts.save_contact(change, contact=Handle(contact) if contact else None)
    assert isinstance(found, SavedContact)
    return found


async def test_a_contact_is_created_once_also_when_the_answer_is_lost(world: World, alice: EmailWorkspace) -> None:
    world.faults({"route": "/v1.0/me/contacts", "method": "POST", **LOST})
    found = await saved(alice)
    assert (found.contact.display_name, found.contact.addresses) == ("Anna Berg", ("anna@x.example",))
    assert len(stored(world)) == 1
    world.faults({"route": "/v1.0/me/contacts", "method": "POST", **FAILED})
    with pytest.raises(GraphUnavailable, match="No such contact is there, so none was created"):
        await saved(alice, ContactChange(name="Ben Cole"))
    assert len(stored(world)) == 1


async def test_a_change_whose_answer_is_lost_is_looked_up(world: World, alice: EmailWorkspace) -> None:
    contact = (await saved(alice)).contact.id
    route = {"route": "/v1.0/me/contacts/*", "method": "PATCH"}
    world.faults({**route, **LOST})
    assert (await saved(alice, ContactChange(title="Boss"), contact)).contact.job_title == "Boss"
    world.faults({**route, **FAILED})
    with pytest.raises(GraphUnavailable, match="The contact is as it was"):
        await saved(alice, ContactChange(title="Clerk"), contact)
    assert stored(world)[0]["jobTitle"] == "Boss"


async def test_a_deletion_that_exchange_answers_with_404_or_not_at_all_is_looked_up(
    world: World, alice: EmailWorkspace
) -> None:
    for fault in ({"status": 404, "carried_out": True}, LOST):
        contact = (await saved(alice)).contact.id
        world.faults({"route": "/v1.0/me/contacts/*", "method": "DELETE", **fault})
        gone = await alice.contacts.save_contact(ContactChange(), contact=contact, delete=True)
        assert isinstance(gone, DeletedContact)
        assert stored(world) == []
    contact = (await saved(alice)).contact.id
    world.faults({"route": "/v1.0/me/contacts/*", "method": "DELETE", "status": 404})
    with pytest.raises(GraphUnavailable, match="The contact is still there"):
        await alice.contacts.save_contact(ContactChange(), contact=contact, delete=True)
    world.faults({"route": "/v1.0/me/contacts/*", "method": "DELETE", **FAILED})
    with pytest.raises(GraphUnavailable, match="The contact is still there"):
        await alice.contacts.save_contact(ContactChange(), contact=contact, delete=True)
    assert len(stored(world)) == 1


async def test_a_change_keeps_the_name_that_is_shown_and_replaces_lists(world: World, alice: EmailWorkspace) -> None:
    contact = (
        await saved(alice, ContactChange(name="Anna Berg", emails=["a@x.example"], phones=["home 1"]))
    ).contact.id
    mailbox = world.sandbox.store.mailbox(world.user("alice").oid)
    contacts = Contacts(mailbox.database, mailbox.account)
    contacts.change_contact(contacts.by_id(contact), {"displayName": "Anna from the choir"})
    found = await saved(alice, ContactChange(emails=["b@x.example"], phones=["mobile 2"]), contact)
    assert found.contact.display_name == "Anna from the choir"
    assert found.contact.addresses == ("b@x.example",)
    assert (found.contact.mobile_phone, found.contact.home_phones) == ("2", [])
    assert found.before is not None
    assert found.before.addresses == ("a@x.example",)


async def test_what_cannot_be_looked_up_stays_open(world: World, alice: EmailWorkspace) -> None:
    contact = (await saved(alice)).contact.id
    unseen = {"route": "/v1.0/me/contacts*", "method": "GET", "status": 403}
    for method, status in (("PATCH", 504), ("DELETE", 404)):
        world.faults({"route": "/v1.0/me/contacts/*", "method": method, "status": status}, {**unseen, "skip": 1})
        change = ContactChange(title="Boss") if method == "PATCH" else ContactChange()
        with pytest.raises(GraphUnavailable, match="The change may or may not have been made") as failed:
            await alice.contacts.save_contact(change, contact=contact, delete=method == "DELETE")
        assert "people_search" in (failed.value.next_step or "")


async def test_errors_of_graph_keep_their_kind(world: World, alice: EmailWorkspace) -> None:
    contact = (await saved(alice)).contact.id
    for status, kind in ((412, Conflict), (403, AccessDenied), (404, NotFound)):
        world.faults({"route": "/v1.0/me/contacts/*", "method": "PATCH", "status": status})
        with pytest.raises(kind):
            await saved(alice, ContactChange(title="Boss"), contact)
    world.faults(
        {"route": "/v1.0/me/contacts/*", "method": "PATCH", "status": 429, "headers": {"Retry-After": "100"}},
    )
    with pytest.raises(Throttled):
        await saved(alice, ContactChange(title="Boss"), contact)
    assert "jobTitle" not in stored(world)[0]


async def test_a_contact_that_somebody_else_changed_is_left_alone(world: World, alice: EmailWorkspace) -> None:
    before = (await saved(alice)).contact
    await saved(alice, ContactChange(title="Boss"), before.id)
    with pytest.raises(Conflict):
        await ContactRequests(alice.mail.for_area(CONTACTS)).change_contact(before, {"jobTitle": "Clerk"})
    assert stored(world)[0]["jobTitle"] == "Boss"


async def test_what_makes_no_sense_is_refused_and_changes_nothing(world: World, alice: EmailWorkspace) -> None:
    await saved(alice)
    with pytest.raises(InvalidInput, match="is a contact already"):
        await saved(alice)
    with pytest.raises(InvalidInput, match="needs a name, a mail address or a company"):
        await saved(alice, ContactChange(title="Boss"))
    with pytest.raises(InvalidInput, match="Nothing is to be changed"):
        await saved(alice, ContactChange(), "1")
    with pytest.raises(InvalidInput, match="by its id and nothing else"):
        await alice.contacts.save_contact(ANNA, contact=Handle("1"), delete=True)
    with pytest.raises(NotFound):
        await saved(alice, ContactChange(title="Boss"), "999999")
    namesake = await saved(alice, ContactChange(name="Anna Borg", emails=["anna@x.example"]))
    assert [contact.display_name for contact in namesake.same_address] == ["Anna Berg"]
    assert len(stored(world)) == 2


async def test_contacts_of_others_are_not_there(world: World, alice: EmailWorkspace) -> None:
    contact = (await saved(alice)).contact.id
    bob = await world.mailbox("bob")
    for attempt in (
        bob.contacts.read_contact(contact),
        bob.contacts.save_contact(ContactChange(title="Boss"), contact=contact),
        bob.contacts.save_contact(ContactChange(), contact=contact, delete=True),
    ):
        with pytest.raises(NotFound):
            await attempt
    found = await bob.people_search(PeopleSources(sent_items=True)).people_like("anna")
    assert found.people == []
    assert len(stored(world)) == 1
