"""What callers do with messages: read, update, move and delete them, many at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.handles import Handles
from outlook_mcp.graph.ids import Handle
from outlook_mcp.mail.categories import NO_CATEGORIES, CategoryList, category_list
from outlook_mcp.mail.folders import MailFolders
from outlook_mcp.mail.lost_answers import MessageResult
from outlook_mcp.mail.message_requests import MessageRequests
from outlook_mcp.mail.models import FlagStatus, Folder, Importance
from outlook_mcp.mail.reading import MessageReader, ReadMessages, ReadView

# As a name to be removed: all categories of the message.
EVERY_CATEGORY = "*"
FlagName = Literal["none", "flagged", "done"]
_FLAGS: dict[FlagName, FlagStatus] = {"none": "notFlagged", "flagged": "flagged", "done": "complete"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageChange:
    """What to change in messages; None and an empty tuple leave it as it is."""

    read: bool | None = None
    flag: FlagName | None = None
    add_categories: tuple[str, ...] = ()
    remove_categories: tuple[str, ...] = ()
    importance: Importance | None = None
    focused: bool | None = None

    def fields(self) -> dict[str, Any]:
        """The JSON of everything but the categories.

        >>> MessageChange(read=True, flag="done").fields()
        {'isRead': True, 'flag': {'flagStatus': 'complete'}}
        """
        fields: dict[str, Any] = {}
        if self.read is not None:
            fields["isRead"] = self.read
        if self.flag is not None:
            fields["flag"] = {"flagStatus": _FLAGS[self.flag]}
        if self.importance is not None:
            fields["importance"] = self.importance
        if self.focused is not None:
            fields["inferenceClassification"] = "focused" if self.focused else "other"
        return fields

    def categories(self, current: Sequence[str]) -> list[str]:
        """The categories of a message that has the `current` ones. As in Outlook, case makes no difference.

        >>> MessageChange(add_categories=("Green", "red"), remove_categories=("BLUE",)).categories(["Red", "Blue"])
        ['Red', 'Green']
        >>> MessageChange(add_categories=("Green", "green"), remove_categories=("*",)).categories(["Red", "Blue"])
        ['Green']
        """
        removed = {name.strip().casefold() for name in self.remove_categories}
        removes_all = EVERY_CATEGORY in removed
        kept = {name.casefold(): name for name in current if not removes_all and name.casefold() not in removed}
        for name in self.add_categories:
            kept.setdefault(name.casefold(), name)
        return list(kept.values())

    def check(self) -> None:
        """Raises InvalidInput when there is nothing to change or a category has no name."""
        names = (*self.add_categories, *self.remove_categories)
        if not names and not self.fields():
            raise InvalidInput("Nothing to change was given.", next_step="Give read, flag, categories or importance.")
        if not all(name.strip() for name in names):
            raise InvalidInput("A category has no name.", next_step="Name it or leave it out.")


@dataclass(frozen=True, slots=True)
class UpdatedMessages:
    """The outcome for each message. `absent` are the categories to remove that none of the messages had.

    `category_list` holds the categories of the mailbox when some were added to a message, else nothing.
    """

    results: list[MessageResult]
    change: MessageChange
    absent: tuple[str, ...] = ()
    category_list: CategoryList = NO_CATEGORIES


@dataclass(frozen=True, slots=True)
class MovedMessages:
    """The outcome for each message, and the folder."""

    results: list[MessageResult]
    folder: Folder
    is_copy: bool


class Messages:
    """The messages of one mailbox, named by handles."""

    def __init__(
        self,
        graph: GraphClient,
        requests: MessageRequests,
        reader: MessageReader,
        folders: MailFolders,
        handles: Handles,
    ) -> None:
        self._graph = graph
        self._requests = requests
        self._reader = reader
        self._folders = folders
        self._handles = handles

    async def read_messages(
        self, handles: Sequence[Handle], *, view: ReadView = "new", whole_conversation: bool = False, offset: int = 0
    ) -> ReadMessages:
        """The messages, or the conversation of each, as text. Raises GraphError when none can be read.

        `offset` is that of the part of the source, in bytes, in the view `original`.
        """
        ids = self._handles.full_ids(handles)
        return await self._reader.read_messages(ids, view=view, whole_conversation=whole_conversation, offset=offset)

    async def update_messages(self, handles: Sequence[Handle], change: MessageChange) -> UpdatedMessages:
        """Changes what is given and leaves the rest. Raises InvalidInput when nothing is given."""
        change.check()
        ids = self._handles.full_ids(handles)
        if not change.add_categories and not change.remove_categories:
            return UpdatedMessages(await self._requests.patch_messages(ids, change.fields()), change)
        seen: set[str] = set()

        def categories_from(current: Sequence[str]) -> list[str]:
            seen.update(name.casefold() for name in current)
            return change.categories(current)

        results = await self._requests.patch_categories(ids, change.fields(), categories_from)
        named = [name for name in change.remove_categories if name.strip() != EVERY_CATEGORY]
        absent = tuple(name for name in named if name.strip().casefold() not in seen)
        is_listed = bool(change.add_categories) and any(result.is_done for result in results)
        listed = await category_list(self._graph) if is_listed else NO_CATEGORIES
        return UpdatedMessages(results, change, absent, listed)

    async def move_messages(self, handles: Sequence[Handle], folder: str, *, copy: bool = False) -> MovedMessages:
        """Moves or copies to the folder with this name or path. Raises NotFound when there is none."""
        target = await self._folders.find_folder(folder)
        ids = self._handles.full_ids(handles)
        transfer = self._requests.copy_messages if copy else self._requests.move_messages
        return MovedMessages(await transfer(ids, target.id), target, copy)

    async def delete_messages(self, handles: Sequence[Handle], *, permanent: bool = False) -> list[MessageResult]:
        """Moves to Deleted Items, or erases so that the user cannot recover it when `permanent`."""
        return await self._requests.delete_messages(self._handles.full_ids(handles), permanent=permanent)
