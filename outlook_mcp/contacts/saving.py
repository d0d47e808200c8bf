"""Creates, changes and deletes contacts, and looks when an answer is lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import anyio

from outlook_mcp.answers.people import full_name
from outlook_mcp.contacts.changes import ContactChange, kept_name
from outlook_mcp.contacts.contact_requests import ContactRequests
from outlook_mcp.contacts.graph_area import CONTACTS
from outlook_mcp.contacts.models import Contact, ContactFolder
from outlook_mcp.errors import GraphError, InvalidInput, NotFound
from outlook_mcp.graph.errors import after_looking
from outlook_mcp.graph.ids import MessageId
from outlook_mcp.graph.literals import literal
from outlook_mcp.graph.models import Address
from outlook_mcp.net.clock import utc_now

Seen = TypeVar("Seen")
_FIELDS = "name, emails, phones, company, job_title, home_address, work_address, birthday or notes"
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
    """For one mailbox. What looks unchanged is looked at again after `look_again_s` seconds."""

    def __init__(self, requests: ContactRequests, *, look_again_s: float) -> None:
        self._requests = requests
        self._look_again_s = look_again_s

    async def create_contact(self, change: ContactChange, folder_name: str = "") -> SavedContact:
        """In the folder of this name, else in the default one.

        Raises NotFound for a folder that there is not, InvalidInput for a contact without name and address, and where
        the same person is one already.
        """
        fields = change.fields()
        addresses = [email["address"] for email in fields.get("emailAddresses", ())]
        if not fields.get("displayName"):
            if not addresses and not fields.get("companyName"):
                raise InvalidInput("A contact needs a name, a mail address or a company.")
            fields["displayName"] = fields.get("companyName") or addresses[0]
        folder = await self._requests.folder_called(folder_name)
        # Those of the same name and without an address could be taken for the new one.
        same = await self._with_address(addresses) if addresses else await self._requests.newest_contacts(folder)
        if addresses:
            _refuse_same_name(same, fields["displayName"])
        begun = utc_now()
        try:
            created = await self._requests.create_contact(fields, folder)
        except GraphError as error:
            if error.outcome_is_known:
                raise
            known = frozenset(contact.id for contact in same)
            look = partial(self._created_since, begun, fields, known, folder)
            created = await self._settled(error, look, "No such contact is there, so none was created.")
        return SavedContact(created, same_address=same if addresses else ())

    async def change_contact(self, contact: MessageId, change: ContactChange) -> SavedContact:
        """Raises InvalidInput when nothing is to be changed."""
        fields = change.fields()
        if not fields:
            raise InvalidInput("Nothing is to be changed.", next_step=f"Give {_FIELDS}.")
        before = await self._requests.contact(contact)
        try:
            changed = await self._requests.change_contact(before, kept_name(before, fields))
        except GraphError as error:
            if error.outcome_is_known:
                raise
            changed = await self._settled(error, partial(self._changed, before), "The contact is as it was.")
        return SavedContact(changed, before)

    async def delete_contact(self, contact: MessageId) -> DeletedContact:
        """Exchange has answered 404 to a deletion that it made, so it is looked after such an answer, too."""
        before = await self._requests.contact(contact)
        try:
            await self._requests.delete_contact(contact)
        except GraphError as error:
            if error.outcome_is_known and not isinstance(error, NotFound):
                raise
            is_open = error if not error.outcome_is_known else CONTACTS.purpose_of_change().unknown_outcome(error)
            await self._settled(is_open, partial(self._gone, contact), "The contact is still there.")
        return DeletedContact(before)

    async def _settled(self, error: GraphError, look: Callable[[], Awaitable[Seen | None]], unchanged: str) -> Seen:
        """What a look finds of the change that failed with `error`.

        Raises an error that ends in `unchanged` when it finds nothing, and `error` when it cannot be looked.
        """
        try:
            if (seen := await look()) is not None:
                return seen
            await anyio.sleep(self._look_again_s)
            seen = await look()
        except GraphError:
            raise error from None
        if seen is None:
            raise after_looking(error, unchanged) from None
        return seen

    async def _with_address(self, addresses: Sequence[str]) -> list[Contact]:
        """The contacts that have one of the addresses, each once."""
        found: dict[str, Contact] = {}
        for address in addresses:
            query = {"$filter": f"emailAddresses/any(a:a/address eq {literal(address)})"}
            contacts = (await self._requests.contacts_in_all_folders(query)).contacts
            found.update({contact.id: contact for contact in contacts})
        return list(found.values())

    async def _created_since(
        self, begun: datetime, fields: Mapping[str, Any], known: frozenset[MessageId], folder: ContactFolder | None
    ) -> Contact | None:
        wanted = [email["address"].lower() for email in fields.get("emailAddresses", ())]
        for contact in await self._requests.newest_contacts(folder):
            created = contact.created_date_time
            is_new = contact.id not in known and created is not None and created >= begun - _CLOCKS_APART
            is_same = contact.display_name == fields["displayName"]
            if is_new and is_same and [address.lower() for address in contact.addresses] == wanted:
                return contact
        return None

    async def _changed(self, before: Contact) -> Contact | None:
        now = await self._requests.contact(before.id)
        return None if now.etag == before.etag else now

    async def _gone(self, contact: MessageId) -> bool | None:
        try:
            await self._requests.contact(contact)
        except NotFound:
            return True
        return None


def _refuse_same_name(contacts: Sequence[Contact], name: str) -> None:
    for contact in contacts:
        if (contact.display_name or "").casefold() == name.casefold():
            raise InvalidInput(
                f"{name!r} is a contact already, with the same mail address.",
                next_step="Find its id with people_search, and give it to change that contact.",
            )


def called(contact: Contact) -> str:
    """`Name <address>` of a contact."""
    return full_name(Address(name=contact.display_name, address=next(iter(contact.addresses), None)))
