"""What callers do with the contacts of one mailbox."""

from __future__ import annotations

from outlook_mcp.contacts.changes import ContactChange
from outlook_mcp.contacts.contact_requests import ContactRequests
from outlook_mcp.contacts.models import Contact
from outlook_mcp.contacts.saving import ContactWriter, DeletedContact, SavedContact
from outlook_mcp.errors import InvalidInput, NotFound
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.handles import Handles
from outlook_mcp.graph.ids import Handle, MessageId


class Contacts:
    """The own contacts of one mailbox, in all its folders.

    What looks unchanged although its answer was lost is looked at again after `look_again_s` seconds.
    """

    def __init__(self, graph: GraphClient, handles: Handles, *, look_again_s: float) -> None:
        self._requests = ContactRequests(graph)
        self._handles = handles
        self._look_again_s = look_again_s

    async def read_contact(self, contact: Handle) -> Contact:
        """The whole contact. Raises NotFound."""
        try:
            return await self._requests.contact(self._full(contact))
        except NotFound as missing:
            raise _no_contact(contact, missing) from None

    def _full(self, contact: Handle) -> MessageId:
        """Raises NotFound for a short id that stands for none."""
        try:
            return self._handles.full(contact)
        except InvalidInput:
            raise NotFound(f"There is no contact {contact[:40]!r}.") from None

    async def save_contact(
        self, change: ContactChange, *, contact: Handle | None = None, delete: bool = False, folder: str | None = None
    ) -> SavedContact | DeletedContact:
        """Creates a contact, or changes or deletes the given one; lists replace, a deleted one is in Deleted Items.
        A new one is put into the folder of this name.

        Raises InvalidInput for what no contact can have and where the same person is a contact already, NotFound, and
        Conflict when somebody else changed it meanwhile.
        """
        writer = ContactWriter(self._requests, look_again_s=self._look_again_s)
        if folder is not None and contact is not None:
            # https://learn.microsoft.com/graph/api/resources/contact has neither move nor copy.
            raise InvalidInput(
                "Microsoft Graph moves no contact to another folder. Nothing was changed.",
                next_step="Leave `folder` out, or let the user move it in Outlook.",
            )
        if delete:
            if contact is None or change != ContactChange():
                raise InvalidInput(
                    "A contact is deleted by its id and nothing else.", next_step="Give id and delete=true alone."
                )
        elif contact is None:
            return await writer.create_contact(change, folder or "")
        try:
            full = self._full(contact)
            return await (writer.delete_contact(full) if delete else writer.change_contact(full, change))
        except NotFound as missing:
            raise _no_contact(contact, missing) from None


def _no_contact(contact: Handle, missing: NotFound) -> NotFound:
    return NotFound(
        f"There is no contact {contact[:40]!r} in this mailbox.",
        status=missing.status,
        next_step="It may have been deleted; look for it with people_search.",
    )
