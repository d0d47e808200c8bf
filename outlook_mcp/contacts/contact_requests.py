"""The requests to Graph for contacts, in every folder.

`/me/contacts` is the default folder alone; the folders in it are listed by `/me/contactFolders`, those below by
`childFolders`: https://learn.microsoft.com/graph/api/user-list-contactfolders
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from outlook_mcp.answers.frame import framed_names
from outlook_mcp.contacts.models import CONTACT, CONTACT_FOLDER, Contact, ContactFolder
from outlook_mcp.errors import InvalidInput, NotFound, OutlookError
from outlook_mcp.graph.batch import BatchAnswer
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import MessageId, checked_id
from outlook_mcp.graph.models import Page

_MOST_IN_A_FOLDER = 50
_MOST_FOLDERS = 100
_DEEPEST = 10
_MOST_NAMED = 20
_DEFAULT = ("", "contacts", "default")
_LISTING = {"$select": CONTACT_FOLDER, "$top": _MOST_FOLDERS}


@dataclass(frozen=True, slots=True)
class ContactsFound:
    """`is_whole` is False when a folder has more that fit, or there are more folders than are read.

    `failure` is why a folder could not be asked.
    """

    contacts: Sequence[Contact]
    folders: int = 1
    is_whole: bool = True
    failure: OutlookError | None = None


class ContactRequests:
    """For one mailbox."""

    def __init__(self, graph: GraphClient) -> None:
        self.graph = graph

    async def contact(self, contact: MessageId) -> Contact:
        """Raises NotFound."""
        builder = self._item(contact)
        return await self.graph.answer_to(self.graph.request(builder, query={"$select": CONTACT}), Contact)

    async def contacts_in_all_folders(self, query: Mapping[str, Any]) -> ContactsFound:
        """What the query finds in the default folder and in those below it."""
        shape = {"$select": CONTACT, "$top": _MOST_IN_A_FOLDER, **query}
        me = self.graph.me
        default, top = await self.graph.answers_to(
            [self.graph.request(me.contacts, query=shape), self._folders_below(None)]
        )
        found = default.decode(Page[Contact])
        contacts, is_whole = list(found.value), not found.next_link
        level, listed_whole, failure = _folders_in(top)
        folders = 1
        for _ in range(_DEEPEST):
            if not level or folders > _MOST_FOLDERS:
                break
            answers = await self._answers_about(level, shape)
            folders += len(level)
            level = []
            for searched, below in answers:
                if searched.is_success:
                    page = searched.decode(Page[Contact])
                    contacts += page.value
                    is_whole = is_whole and not page.next_link
                elif searched.status != 404:
                    # A folder that was deleted in this moment has no contacts any more.
                    failure = failure or searched.error()
                children, ends, failed = _folders_in(below)
                level += children
                listed_whole = listed_whole and ends
                failure = failure or failed
        return ContactsFound(contacts, folders, is_whole and listed_whole and not level, failure)

    async def _answers_about(
        self, folders: Sequence[ContactFolder], shape: Mapping[str, Any]
    ) -> list[tuple[BatchAnswer, BatchAnswer]]:
        """For each folder what the query finds in it, and the folders below it."""
        requests = []
        for folder in folders:
            requests += [self.graph.request(self._contacts_in(folder), query=shape), self._folders_below(folder)]
        answers = await self.graph.answers_to(requests)
        return list(zip(answers[::2], answers[1::2], strict=True))

    async def folder_called(self, name: str) -> ContactFolder | None:
        """The folder of this name, wherever it is; None for the default one.

        Raises NotFound with the names that there are, InvalidInput where several have it.
        """
        wanted = name.strip().casefold()
        if wanted in _DEFAULT:
            return None
        folders: list[ContactFolder] = []
        level = (await self.graph.answer_to(self._folders_below(None), Page[ContactFolder])).value
        while level and len(folders) < _MOST_FOLDERS:
            folders += level
            answers = await self.graph.answers_to([self._folders_below(folder) for folder in level])
            level = [child for answer in answers for child in _folders_in(answer)[0]]
        found = [folder for folder in folders if (folder.display_name or "").casefold() == wanted]
        if len(found) > 1:
            raise InvalidInput(
                f"Several folders of contacts are called {name[:80]!r}.", next_step="Rename one of them."
            )
        if not found:
            names = framed_names([folder.display_name or "" for folder in folders], most=_MOST_NAMED)
            there = f"There are: the default one, {names}." if folders else "There is the default one alone."
            raise NotFound(f"There is no folder of contacts {name[:80]!r}.", status=404, next_step=there)
        return found[0]

    def _folders_below(self, folder: ContactFolder | None) -> Any:
        me = self.graph.me
        below = me.contact_folders.by_contact_folder_id(folder.id).child_folders if folder else me.contact_folders
        return self.graph.request(below, query=_LISTING)

    def _contacts_in(self, folder: ContactFolder | None) -> Any:
        me = self.graph.me
        return me.contact_folders.by_contact_folder_id(folder.id).contacts if folder else me.contacts

    async def newest_contacts(self, folder: ContactFolder | None = None) -> Sequence[Contact]:
        """The contacts of the folder, None for the default one, that were created last, the newest first."""
        query = {"$select": CONTACT, "$top": _MOST_IN_A_FOLDER, "$orderby": "createdDateTime desc"}
        request = self.graph.request(self._contacts_in(folder), query=query)
        return (await self.graph.answer_to(request, Page[Contact])).value

    async def create_contact(self, fields: Mapping[str, Any], folder: ContactFolder | None = None) -> Contact:
        """In the folder, None for the default one."""
        request = self.graph.request(self._contacts_in(folder), "POST", json=fields)
        return await self.graph.answer_to(request, Contact)

    async def change_contact(self, before: Contact, fields: Mapping[str, Any]) -> Contact:
        """Raises Conflict when the contact is another one than `before` meanwhile."""
        headers = {"If-Match": before.etag} if before.etag else {}
        request = self.graph.request(self._item(before.id), "PATCH", json=fields, headers=headers)
        return await self.graph.answer_to(request, Contact)

    async def delete_contact(self, contact: MessageId) -> None:
        """Raises NotFound also where Exchange has deleted it all the same."""
        await self.graph.perform(self.graph.request(self._item(contact), "DELETE"))

    def _item(self, contact: MessageId) -> Any:
        return self.graph.me.contacts.by_contact_id(checked_id(contact))


def _folders_in(answer: BatchAnswer) -> tuple[list[ContactFolder], bool, OutlookError | None]:
    """The folders of a page, whether these are all, and why there is no page."""
    if answer.status == 404:
        return [], True, None
    if not answer.is_success:
        return [], False, answer.error()
    page = answer.decode(Page[ContactFolder])
    return page.value, not page.next_link, None
