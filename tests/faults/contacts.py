"""Contacts that are created, changed and deleted, each one of its own."""

from __future__ import annotations

from outlook_mcp.sandbox.store.contacts.contacts import Contacts, StoredContact
from outlook_mcp.sandbox.store.contacts.folders import ContactFolders
from outlook_mcp.sandbox.store.core.errors import ItemNotFound
from tests.faults.attempts import Attempt, numbers
from tests.faults.office import Office


def creating(office: Office) -> Attempt:
    name = f"Contact {next(numbers)}"

    def is_there() -> bool:
        return [contact.fields["displayName"] for contact in _contacts(office).all_contacts()].count(name) == 1

    arguments = {"name": name, "emails": [f"{name.replace(' ', '.')}@partner.example"]}
    return Attempt(tool="contact_save", arguments=arguments, parts={"contact": is_there})


def changing_contact(office: Office) -> Attempt:
    stored = _stored(office)
    title = f"Title {next(numbers)}"

    def has_title() -> bool:
        return bool(_contacts(office).by_id(stored.id).fields.get("jobTitle") == title)

    arguments = {"id": str(stored.row["counter"]), "job_title": title}
    return Attempt(tool="contact_save", arguments=arguments, parts={"contact": has_title})


def deleting_contact(office: Office) -> Attempt:
    stored = _stored(office)

    def is_gone() -> bool:
        try:
            _contacts(office).by_id(stored.id)
        except ItemNotFound:
            return True
        return False

    arguments = {"id": str(stored.row["counter"]), "delete": True}
    return Attempt(tool="contact_save", arguments=arguments, parts={"contact": is_gone})


def _stored(office: Office) -> StoredContact:
    folder = ContactFolders(office.alice.database, office.alice.account).default_folder()
    return _contacts(office).create_contact(folder, {"displayName": f"Contact {next(numbers)}"})


def _contacts(office: Office) -> Contacts:
    return Contacts(office.alice.database, office.alice.account)
