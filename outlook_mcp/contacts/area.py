"""What callers do with the contacts of one mailbox, and what that needs of Microsoft Graph."""

from __future__ import annotations

from outlook_mcp.contacts.changes import ContactChange
from outlook_mcp.contacts.contact_requests import ContactRequests
from outlook_mcp.contacts.models import Contact
from outlook_mcp.contacts.saving import ContactWriter, DeletedContact, SavedContact
from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.area import GraphArea
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.handles import Handles
from outlook_mcp.graph.ids import Handle

CONTACTS = GraphArea(
    read_permission="Contacts.Read",
    write_permission="Contacts.ReadWrite",
    look_first="Look at what is there now (people_search) before trying again.",
    builders=(
        "contacts.contacts_request_builder",
        "contacts.item.contact_item_request_builder",
        "contact_folders.contact_folders_request_builder",
        "contact_folders.item.contact_folder_item_request_builder",
        "contact_folders.item.child_folders.child_folders_request_builder",
        "contact_folders.item.contacts.contacts_request_builder",
        "people.people_request_builder",
    ),
)


class Contacts:
    """The own contacts of one mailbox, in all its folders."""

    def __init__(self, graph: GraphClient, handles: Handles) -> None:
        self._requests = ContactRequests(graph)
        self._handles = handles

    async def read_contact(self, contact: Handle) -> Contact:
        """The whole contact. Raises NotFound."""
        return await self._requests.contact(self._handles.full(contact))

    async def save_contact(
        self, change: ContactChange, *, contact: Handle | None = None, delete: bool = False
    ) -> SavedContact | DeletedContact:
        """Creates a contact, or changes or deletes the given one; lists replace, a deleted one is in Deleted Items.

        Raises InvalidInput for what no contact can have and where the same person is a contact already, NotFound, and
        Conflict when somebody else changed it meanwhile.
        """
        writer = ContactWriter(self._requests)
        if delete:
            if contact is None or change != ContactChange():
                raise InvalidInput("A contact is deleted by its id and nothing else.")
            return await writer.delete_contact(self._handles.full(contact))
        if contact is None:
            return await writer.create_contact(change)
        return await writer.change_contact(self._handles.full(contact), change)
