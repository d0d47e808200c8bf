"""Empties a folder into Deleted Items, once its caller has confirmed how many messages that concerns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.models import Page
from outlook_mcp.mail.confirmation import Confirmations
from outlook_mcp.mail.folder_edits.editor import require_outside_deleted_items
from outlook_mcp.mail.folder_edits.paths import children
from outlook_mcp.mail.folders import MailFolders
from outlook_mcp.mail.lost_answers import MessageResult
from outlook_mcp.mail.message_requests import MessageRequests
from outlook_mcp.mail.models import LISTING, Folder, Message

_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class FullFolder:
    """Nothing was moved yet: these are the messages that would be, newest first, and the code that confirms it.

    `has_more` is for a folder with more messages than one call moves; `below` is how many folders are in it, which
    stay. `was_refused` says that a code was given which does not fit any more.
    """

    folder: Folder
    messages: Sequence[Message]
    has_more: bool
    below: int
    code: str
    was_refused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptiedFolder:
    """The outcome for each message."""

    folder: Folder
    results: Sequence[MessageResult]
    has_more: bool


class FolderEmptying:
    """For one mailbox. A call moves `most` messages."""

    def __init__(
        self,
        graph: GraphClient,
        folders: MailFolders,
        requests: MessageRequests,
        confirmations: Confirmations,
        *,
        most: int,
    ) -> None:
        self._most = most
        self._graph = graph
        self._folders = folders
        self._requests = requests
        self._confirmations = confirmations

    async def empty_folder(self, name: str, confirm: str | None) -> FullFolder | EmptiedFolder:
        """Moves the messages that `confirm` is for to Deleted Items; without it, says which they are.

        Raises InvalidInput for what is in Deleted Items already.
        """
        tree = await self._folders.folder_tree()
        folder = await self._folders.find_folder(name)
        require_outside_deleted_items(tree, folder)
        messages, has_more = await self._messages_in(folder)
        facts = ("empty folder", folder.id, sorted(message.id for message in messages))
        if messages and not self._confirmations.confirms(confirm, *facts):
            return FullFolder(
                folder=folder,
                messages=messages,
                has_more=has_more,
                below=len(children(tree, folder)),
                code=self._confirmations.code_for(*facts),
                was_refused=confirm is not None,
            )
        results = await self._requests.delete_messages([message.id for message in messages])
        return EmptiedFolder(folder=folder, results=results, has_more=has_more)

    async def _messages_in(self, folder: Folder) -> tuple[list[Message], bool]:
        """The newest ones, and whether there are more."""
        builder = self._graph.me.mail_folders.by_mail_folder_id(folder.id).messages
        query = {"$select": LISTING, "$top": min(_PAGE, self._most), "$orderby": "receivedDateTime desc"}
        page = await self._graph.answer_to(self._graph.request(builder, query=query), Page[Message])
        found = list(page.value)
        while page.next_link and len(found) < self._most:
            page = await self._graph.next_page(page.next_link, Page[Message])
            found += page.value
        return found[: self._most], page.next_link is not None or len(found) > self._most
