"""Creates, changes and deletes contacts, and looks when an answer is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from outlook_mcp.answers.people import full_name
from outlook_mcp.contacts.changes import ContactChange, kept_name
from outlook_mcp.contacts.contact_requests import ContactRequests
from outlook_mcp.contacts.models import Contact
from outlook_mcp.errors import GraphError, InvalidInput, NotFound
from outlook_mcp.graph.errors import after_looking
from outlook_mcp.graph.ids import MessageId
from outlook_mcp.graph.models import Address
from outlook_mcp.net.clock import UtcClock, utc_now

# How far the clocks of Exchange and of this machine may be apart.
_CLOCKS_APART = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class SavedContact:
    """`before` is None for a new contact; `same_address` are others that have an address of it."""

    contact: Contact
    before: Contact | None = None
    same_address: Sequence[Contact] = ()


@dataclass(frozen=True, slots=True)
class DeletedContact:
    """What the contact was."""

    before: Contact


class ContactWriter:
    """For one mailbox."""

    def __init__(self, requests: ContactRequests, clock: UtcClock = utc_now) -> None:
        self._requests = requests
        self._clock = clock

    async def create_contact(self, change: ContactChange) -> SavedContact:
        """Raises InvalidInput for one without name and address, and where the same person is a contact already."""
        fields = change.fields()
        addresses = [email["address"] for email in fields.get("emailAddresses", ())]
        if not fields.get("displayName"):
            if not addresses and not fields.get("companyName"):
                raise InvalidInput("A contact needs a name, a mail address or a company.")
            fields["displayName"] = fields.get("companyName") or addresses[0]
        same = await self._with_address(addresses)
        for contact in same:
            if (contact.display_name or "").casefold() == fields["displayName"].casefold():
                raise InvalidInput(
                    f"{fields['displayName']!r} is a contact already, with the same mail address.",
                    next_step="Find its id with people_search, and give it to change that contact.",
                )
        begun = self._clock()
        try:
            return SavedContact(await self._requests.create_contact(fields), same_address=same)
        except GraphError as error:
            if error.outcome_is_known:
                raise
            return SavedContact(await self._created_since(begun, fields, error), same_address=same)

    async def change_contact(self, contact: MessageId, change: ContactChange) -> SavedContact:
        """Raises InvalidInput when nothing is to be changed."""
        fields = change.fields()
        if not fields:
            raise InvalidInput("Nothing is to be changed.", next_step="Give name, emails, phones, company or notes.")
        before = await self._requests.contact(contact)
        whole = kept_name(before, fields)
        try:
            return SavedContact(await self._requests.change_contact(before, whole), before)
        except GraphError as error:
            if error.outcome_is_known:
                raise
            return SavedContact(await self._changed(before, error), before)

    async def delete_contact(self, contact: MessageId) -> DeletedContact:
        """Exchange has answered 404 to a deletion that it made, so it is looked after each failure."""
        before = await self._requests.contact(contact)
        try:
            await self._requests.delete_contact(contact)
        except NotFound:
            if await self._requests.is_there(contact):
                raise
        except GraphError as error:
            if error.outcome_is_known:
                raise
            if await self._requests.is_there(contact):
                raise after_looking(error, "The contact is still there.") from None
        return DeletedContact(before)

    async def _with_address(self, addresses: Sequence[str]) -> list[Contact]:
        """The contacts that have one of the addresses, each once."""
        found: dict[str, Contact] = {}
        for address in addresses:
            literal = address.replace("'", "''")
            query = {"$filter": f"emailAddresses/any(a:a/address eq '{literal}')"}
            contacts = (await self._requests.contacts_in_all_folders(query)).contacts
            found.update({contact.id: contact for contact in contacts})
        return list(found.values())

    async def _created_since(self, begun: datetime, fields: Mapping[str, Any], error: GraphError) -> Contact:
        wanted = [email["address"].casefold() for email in fields.get("emailAddresses", ())]
        for contact in await self._requests.newest_contacts():
            created = contact.created_date_time
            is_new = created is not None and created >= begun - _CLOCKS_APART
            is_same = contact.display_name == fields["displayName"]
            if is_new and is_same and [address.casefold() for address in contact.addresses] == wanted:
                return contact
        raise after_looking(error, "No such contact is there, so none was created.")

    async def _changed(self, before: Contact, error: GraphError) -> Contact:
        now = await self._requests.contact(before.id)
        if now.etag == before.etag:
            raise after_looking(error, "The contact is as it was.")
        return now


def called(contact: Contact) -> str:
    """`Name <address>` of a contact."""
    return full_name(Address(name=contact.display_name, address=next(iter(contact.addresses), None)))
