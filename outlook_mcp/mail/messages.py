"""What callers do with messages: read, update, move and delete them, many at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.handles import Handles
from outlook_mcp.graph.ids import Handle, MessageId
from outlook_mcp.mail.bulk.changes import NO_REST, BulkChanges, ChosenMessages, Confirmation, Rest, Targets
from outlook_mcp.mail.bulk.running import SILENT, Change, ChangeObserver
from outlook_mcp.mail.bulk.selections import Terms
from outlook_mcp.mail.categories import NO_CATEGORIES, CategoryList, with_categories
from outlook_mcp.mail.choices import ReadView
from outlook_mcp.mail.folders import MailFolders
from outlook_mcp.mail.lost_answers import MessageResult
from outlook_mcp.mail.message_changes import EVERY_CATEGORY, FollowUp, MessageChange, follow_up
from outlook_mcp.mail.message_requests import MessageRequests
from outlook_mcp.mail.models import Folder
from outlook_mcp.mail.reading import MessageReader, ReadMessages
from outlook_mcp.mail.search.mail_query import MailQuery
from outlook_mcp.net.clock import utc_now


@dataclass(frozen=True, slots=True)
class UpdatedMessages:
    """The outcome for each message. `absent` are the categories to remove that none of the messages had.

    `category_list` holds the categories of the mailbox when some were added to a message, else nothing. Those that it
    lacked were made. `days` are those of a flag.
    """

    results: list[MessageResult]
    change: MessageChange
    absent: tuple[str, ...] = ()
    category_list: CategoryList = NO_CATEGORIES
    days: FollowUp | None = None
    rest: Rest = NO_REST


@dataclass(frozen=True, slots=True)
class MovedMessages:
    """The outcome for each message, and the folder."""

    results: list[MessageResult]
    folder: Folder
    is_copy: bool
    rest: Rest = NO_REST


@dataclass(frozen=True, slots=True)
class DeletedMessages:
    """The outcome for each message. They are in Deleted Items unless the deletion is permanent."""

    results: list[MessageResult]
    is_permanent: bool
    rest: Rest = NO_REST


class Messages:
    """The messages of one mailbox, named by handles.

    Each change takes messages by their handles, or those of a code that a `choose_` method has given. Then it raises
    InvalidInput when the code is not one of this change.
    """

    def __init__(
        self,
        graph: GraphClient,
        requests: MessageRequests,
        reader: MessageReader,
        folders: MailFolders,
        handles: Handles,
        bulk: BulkChanges,
        zone: ZoneInfo,
    ) -> None:
        self._graph = graph
        self._requests = requests
        self._reader = reader
        self._folders = folders
        self._handles = handles
        self._bulk = bulk
        self._zone = zone

    async def read_messages(
        self, handles: Sequence[Handle], *, view: ReadView = "new", whole_conversation: bool = False, offset: int = 0
    ) -> ReadMessages:
        """The messages, or the conversation of each, as text. Raises GraphError when none can be read.

        `offset` is that of the part of the source, in bytes, in the view `original`.
        """
        ids = self._handles.full_ids(handles)
        return await self._reader.read_messages(ids, view=view, whole_conversation=whole_conversation, offset=offset)

    async def update_messages(
        self, targets: Targets, change: MessageChange, observer: ChangeObserver = SILENT
    ) -> UpdatedMessages:
        """Changes what is given and leaves the rest. Raises InvalidInput when nothing is given."""
        seen: set[str] = set()
        days = self._days_of(change)
        update = self._updating(change, days, self._requests_for(targets), seen)
        outcomes = await self._bulk.change_messages(targets, update, observer)
        # Of a part of the messages it is not said what none of them had.
        is_whole = not outcomes.rest.left and not outcomes.rest.changed
        named = [name for name in change.remove_categories if is_whole and name.strip() != EVERY_CATEGORY]
        absent = tuple(name for name in named if name.strip().casefold() not in seen)
        is_listed = bool(change.add_categories) and any(result.is_done for result in outcomes.results)
        listed = await with_categories(self._graph, change.add_categories) if is_listed else NO_CATEGORIES
        return UpdatedMessages(outcomes.results, change, absent, listed, days, outcomes.rest)

    async def move_messages(
        self, targets: Targets, folder: str, *, copy: bool = False, observer: ChangeObserver = SILENT
    ) -> MovedMessages:
        """Moves or copies to the folder with this name or path. Raises NotFound when there is none."""
        target = await self._folders.find_folder(folder)
        outcomes = await self._bulk.change_messages(
            targets, self._moving(target, self._requests_for(targets), copy=copy), observer
        )
        return MovedMessages(outcomes.results, target, copy, outcomes.rest)

    async def delete_messages(
        self, targets: Targets, *, permanent: bool = False, observer: ChangeObserver = SILENT
    ) -> DeletedMessages:
        """Moves to Deleted Items, or erases so that the user cannot recover it when `permanent`."""
        deletion = self._deleting(self._requests_for(targets), permanent=permanent)
        outcomes = await self._bulk.change_messages(targets, deletion, observer)
        return DeletedMessages(outcomes.results, permanent, outcomes.rest)

    async def update_or_choose(
        self, asked: Targets | MailQuery, change: MessageChange, observer: ChangeObserver
    ) -> UpdatedMessages | ChosenMessages:
        """Updates the messages; for a query it only chooses them."""
        if isinstance(asked, MailQuery):
            return await self.choose_for_update(asked, change)
        return await self.update_messages(asked, change, observer)

    async def move_or_choose(
        self, asked: Targets | MailQuery, folder: str, *, copy: bool, observer: ChangeObserver
    ) -> MovedMessages | ChosenMessages:
        """Moves or copies the messages; for a query it only chooses them."""
        if isinstance(asked, MailQuery):
            return await self.choose_for_move(asked, folder, copy=copy)
        return await self.move_messages(asked, folder, copy=copy, observer=observer)

    async def delete_or_choose(
        self, asked: Targets | MailQuery, *, permanent: bool, observer: ChangeObserver
    ) -> DeletedMessages | ChosenMessages:
        """Deletes the messages; for a query it only chooses them."""
        if isinstance(asked, MailQuery):
            return await self.choose_for_deletion(asked, permanent=permanent)
        return await self.delete_messages(asked, permanent=permanent, observer=observer)

    async def choose_for_update(self, query: MailQuery, change: MessageChange) -> ChosenMessages:
        """What `update_messages` would change; nothing is changed."""
        return await self._bulk.choose_messages(
            query, self._updating(change, self._days_of(change), self._requests, set())
        )

    async def choose_for_move(self, query: MailQuery, folder: str, *, copy: bool = False) -> ChosenMessages:
        """What `move_messages` would move or copy; nothing is changed."""
        target = await self._folders.find_folder(folder)
        return await self._bulk.choose_messages(query, self._moving(target, self._requests, copy=copy))

    async def choose_for_deletion(self, query: MailQuery, *, permanent: bool = False) -> ChosenMessages:
        """What `delete_messages` would delete; nothing is changed."""
        return await self._bulk.choose_messages(query, self._deleting(self._requests, permanent=permanent))

    def _requests_for(self, targets: Targets) -> MessageRequests:
        is_one = not isinstance(targets, Confirmation) and len(set(targets)) == 1
        return self._requests if is_one else self._requests.always_in_batches()

    def _days_of(self, change: MessageChange) -> FollowUp | None:
        """Raises InvalidInput when the change makes no sense."""
        change.check()
        return follow_up(change.start, change.due, utc_now().astimezone(self._zone), self._zone.key)

    def _updating(
        self, change: MessageChange, days: FollowUp | None, requests: MessageRequests, seen: set[str]
    ) -> Change:
        """`seen` gets to know the categories that the messages had, in lower case."""
        fields = change.fields(days)

        def categories_from(current: Sequence[str]) -> list[str]:
            seen.update(name.casefold() for name in current)
            return change.categories(current)

        async def apply(ids: Sequence[MessageId]) -> list[MessageResult]:
            if change.add_categories or change.remove_categories:
                return await requests.patch_categories(ids, fields, categories_from)
            return await requests.patch_messages(ids, fields)

        return Change(terms=Terms("mail_update", change), apply=apply)

    def _moving(self, target: Folder, requests: MessageRequests, *, copy: bool) -> Change:
        transfer = requests.copy_messages if copy else requests.move_messages
        terms = Terms("mail_move", [target.id, copy])
        return Change(terms=terms, apply=lambda ids: transfer(ids, target.id), is_repeatable=not copy)

    def _deleting(self, requests: MessageRequests, *, permanent: bool) -> Change:
        delete = partial(requests.delete_messages, permanent=permanent)
        return Change(terms=Terms("mail_delete", permanent), apply=delete)
