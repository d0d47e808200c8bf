"""Runs a compiled query: where it looks, where it looks next, and how the list goes on."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from operator import attrgetter
from typing import Any

import msgspec

from outlook_mcp.errors import AnswerUnreadable, GraphError, GraphUnavailable, InvalidInput, RequestRejected
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.handles import Handles
from outlook_mcp.graph.ids import ConversationId, FolderId, MessageId, checked_id
from outlook_mcp.identity.email_config import UserEmailConfig
from outlook_mcp.mail.authentication import forged_among
from outlook_mcp.mail.categories import CategoryList, category_list
from outlook_mcp.mail.deferred_send import EXPAND_DEFERRAL
from outlook_mcp.mail.folders import MailFolders
from outlook_mcp.mail.meeting_states import MeetingState, MeetingStates, NoMeetingStates, states_of_invitations
from outlook_mcp.mail.models import FILES_IN_LIST, LISTING, MIXED_LISTING, SUMMARY, Folder, Message
from outlook_mcp.mail.search.conversation import conversation_of
from outlook_mcp.mail.search.cursor import Cursor, CursorFormat, page_url
from outlook_mcp.mail.search.inline_files import MOST_LOOKED_AT, NOT_COUNTED, with_all_files, with_inline_files
from outlook_mcp.mail.search.mail_query import MailQuery
from outlook_mcp.mail.search.matching import has_file
from outlook_mcp.mail.search.plan import Plan, compile_query
from outlook_mcp.mail.search.scan import Completed, Scan
from outlook_mcp.mail.settings import MailSettings
from outlook_mcp.mail.side_by_side import side_by_side
from outlook_mcp.net.clock import utc_now

_NOWHERE = FolderId("")
_USUAL_FOLDER = "inbox"
EVERYWHERE = frozenset({"all", "*", "everywhere", "any", "anywhere", "all mail", "all folders", "whole mailbox"})


@dataclass(frozen=True, slots=True)
class SearchResult:
    """`is_complete` means that nothing more matches. Otherwise the list goes on with `cursor`, if there is one.

    `stopped_after` is how many messages were looked at when the search gave up before `limit` of them matched.
    `folder` is None when it was the whole mailbox; then `places` names folders by their ids. `nothing_in` is the folder
    that was asked for, when nothing was found there and so the whole mailbox was searched. `categories` are those of
    the mailbox, when none of its messages has the one that was asked for. `forged` are messages that say they are from
    the user and are not. `meetings` is what the calendar says of the invitations among the messages.
    """

    messages: list[Message]
    is_complete: bool
    plan: Plan
    cursor: str | None = None
    stopped_after: int | None = None
    notes: tuple[str, ...] = ()
    folder: Folder | None = None
    nothing_in: Folder | None = None
    places: Mapping[FolderId, str] = field(default_factory=dict)
    categories: CategoryList = field(default_factory=CategoryList)
    forged: frozenset[MessageId] = frozenset()
    meetings: Mapping[MessageId, MeetingState] = field(default_factory=dict)


class MailSearch:
    """Lists and searches one mailbox."""

    def __init__(
        self,
        graph: GraphClient,
        folders: MailFolders,
        handles: Handles,
        *,
        cursors: CursorFormat,
        config: UserEmailConfig,
        settings: MailSettings,
        meeting_states: MeetingStates = NoMeetingStates(),
    ) -> None:
        self._graph = graph
        self._folders = folders
        self._handles = handles
        self._cursors = cursors
        self._zone = config.zone()
        self._address = config.address
        self._settings = settings
        self._meeting_states = meeting_states

    async def search_messages(self, query: MailQuery, cursor: str | None = None) -> SearchResult:
        """At most `query.limit` messages. `folder` None or `all` means the whole mailbox, Deleted Items too.

        A conversation is looked for in the whole mailbox, unless another folder than the Inbox is named.
        Where people, words or a category are not found in a folder, the whole mailbox is searched for them. Where the
        index does not answer, words are looked for in what a list shows.
        """
        start = self._cursors.decode(cursor, query) if cursor else Cursor(int(utc_now().timestamp()), 0, 0)
        conversation = await conversation_of(self._graph, self._handles, query)
        plan = self._plan(query, start, conversation)
        folder = await self._folder(plan.folder or query.folder, start, is_thread=conversation is not None)
        try:
            found = await self._listed_first(plan, start, folder, query)
        except (AnswerUnreadable, GraphUnavailable, RequestRejected) as failed:
            start = msgspec.structs.replace(start, without_index=True)
            plan = self._plan_without_index(query, start, plan, conversation, failed)
            found = await self._listed(plan, start, folder, query)
        if folder and not found.messages and found.is_complete and plan.is_specific and not cursor:
            start = msgspec.structs.replace(start, everywhere=True)
            found = replace(await self._listed(plan, start, None, query), nothing_in=folder)
        if query.attachments or (query.has_file and query.attachments is None):
            found = await self._with_inline_files(query, start, conversation, found)
        elif found.plan.wants_attachments:
            found = replace(found, notes=(*found.notes, NOT_COUNTED))
        if found.folder is None:
            found = replace(found, places=await self._places(found))
        if found.plan.names_category and not found.messages and found.is_complete:
            found = replace(found, categories=await category_list(self._graph))
        meetings = await states_of_invitations(self._meeting_states, found.messages)
        return replace(found, forged=await self._forged(found), meetings=meetings)

    async def _forged(self, found: SearchResult) -> frozenset[MessageId]:
        """Mail that claims to be from the user and is not. Headers are asked for only outside Sent Items."""
        if found.folder and found.folder.well_known == "sentitems":
            return frozenset()
        suspects = [
            message
            for message in found.messages
            if self._is_mine(message)
            and not message.is_draft
            and found.places.get(message.parent_folder_id or _NOWHERE) != "Sent"
        ]
        return await forged_among(self._graph, suspects)

    def _is_mine(self, message: Message) -> bool:
        sender = message.author.address
        return bool(sender) and (sender or "").lower() == self._address.lower()

    async def _with_inline_files(
        self, query: MailQuery, start: Cursor, conversation: ConversationId | None, found: SearchResult
    ) -> SearchResult:
        """Once the list is complete, mail is added whose files Exchange does not count as attachments."""
        if not found.is_complete or len(found.messages) >= query.limit:
            return replace(found, notes=(*found.notes, NOT_COUNTED))
        wider = replace(query, attachments=None, has_file=None, limit=MOST_LOOKED_AT + len(found.messages))
        others = await self._listed(self._plan(wider, start, conversation), start, found.folder, wider)
        known = {message.id for message in found.messages}
        added = [
            message
            for message in others.messages
            if message.has_files and message.id not in known and has_file(message, found.plan.file_name)
        ]
        added = added[: query.limit - len(found.messages)]
        messages = sorted([*found.messages, *added], key=attrgetter("order"), reverse=not query.oldest_first)
        notes = found.notes if others.is_complete else (*found.notes, NOT_COUNTED)
        return replace(found, messages=messages if added else found.messages, notes=notes)

    def _plan(self, query: MailQuery, start: Cursor, conversation: ConversationId | None) -> Plan:
        """The request at the time of the first page."""
        return compile_query(
            query,
            datetime.fromtimestamp(start.now, self._zone),
            datetime.fromtimestamp(start.until, UTC) if start.until else None,
            me=self._address,
            conversation=conversation,
            most_scanned=self._settings.most_scanned,
            with_index=not start.without_index,
        )

    def _plan_without_index(
        self, query: MailQuery, start: Cursor, plan: Plan, conversation: ConversationId | None, failed: GraphError
    ) -> Plan:
        """Raises `failed` when it was not the index that failed, or nobody else can answer."""
        was_answered = failed.status >= 400 or isinstance(failed, AnswerUnreadable)
        if plan.kind != "search" or start.paging or not was_answered:
            raise failed
        try:
            return self._plan(query, start, conversation)
        except InvalidInput:
            raise failed from None

    async def _folder(self, name: str | None, start: Cursor, *, is_thread: bool) -> Folder | None:
        """The folder to look in, None for the whole mailbox."""
        if name is None or start.everywhere or name.strip().lower() in EVERYWHERE:
            return None
        if is_thread and name.strip().lower() == _USUAL_FOLDER:
            # The folder that is meant where none is named; the answers of the user are elsewhere.
            return None
        return await self._folders.find_folder(name)

    async def _places(self, found: SearchResult) -> Mapping[FolderId, str]:
        special = await self._folders.special_places()
        if found.nothing_in is None:
            return special
        # Somebody who asked for another folder needs to know where each message is.
        return {**await self._folders.folder_paths(), **special} if found.messages else special

    async def _listed_first(self, plan: Plan, start: Cursor, folder: Folder | None, query: MailQuery) -> SearchResult:
        """As `_listed`. The first list of the whole mailbox needs the special folders too: they are read meanwhile."""
        if folder is not None or self._folders.knows_special_places:
            return await self._listed(plan, start, folder, query)
        found = []

        async def list_messages() -> None:
            found.append(await self._listed(plan, start, folder, query))

        await side_by_side(list_messages, self._folders.read_special_places_ahead)
        return found[0]

    async def _listed(self, plan: Plan, start: Cursor, folder: Folder | None, query: MailQuery) -> SearchResult:
        """With the attachments of each message. Where Graph refuses to expand those of a list, they are asked for."""
        # One request more for those that are shown is better than the attachments of all that are looked at.
        is_sorted_here = plan.kind == "search" and query.oldest_first
        if (not plan.checks or plan.file_name) and not is_sorted_here:
            with contextlib.suppress(AnswerUnreadable, RequestRejected):
                return await self._scanned(plan, start, folder, query, with_files=True)
        completed = partial(with_all_files, self._graph) if plan.file_name else None
        scanned = self._oldest_of_index if is_sorted_here else self._scanned
        found = await scanned(plan, start, folder, query, completed=completed)
        return replace(found, messages=await with_inline_files(self._graph, found.messages))

    async def _scanned(
        self,
        plan: Plan,
        start: Cursor,
        folder: Folder | None,
        query: MailQuery,
        *,
        with_files: bool = False,
        completed: Completed | None = None,
    ) -> SearchResult:
        first = self._first_page(plan, folder, with_files=with_files)
        scan = Scan(
            page_url(first.url, start.paging) if start.paging else "",
            start.skip_in_page,
            start.seen,
            until=start.until,
            shown=set(start.shown),
            completed=completed,
        )
        found = await scan.collect(self._graph, plan, first, query.limit)
        notes = [*plan.notes]
        most = self._settings.most_search_results
        capped = plan.kind == "search" and scan.is_at_end and scan.seen >= most
        if capped:
            notes.append(f"Indexed search gives at most {most:,} messages; narrow it to see others.")
        following, stopped_after = None, most if capped else None
        if not scan.is_at_end:
            following = self._cursors.encode(scan.cursor(start, plan), query)
            if len(found) < query.limit:
                stopped_after = scan.seen - start.seen
        is_complete = scan.is_at_end and not capped
        return SearchResult(found, is_complete, plan, following, stopped_after, tuple(notes), folder)

    async def _oldest_of_index(
        self, plan: Plan, start: Cursor, folder: Folder | None, query: MailQuery, *, completed: Completed | None = None
    ) -> SearchResult:
        """The index gives the newest first: all that it gives is put in order, for every page of the list again."""
        most = plan.scan_limit if plan.file_name else self._settings.most_search_results
        scan, first = Scan("", completed=completed), self._first_page(plan, folder, with_files=False)
        newest_first = await scan.collect(self._graph, replace(plan, scan_limit=most), first, most + 1)
        ordered, end = newest_first[::-1], start.seen + query.limit
        ordered.sort(key=attrgetter("order"))
        is_capped = scan.seen >= most
        notes = [*plan.notes]
        if is_capped:
            notes.append(f"Of the index the newest {most:,} messages were put in order; older ones may be missing.")
        following = (
            self._cursors.encode(msgspec.structs.replace(start, seen=end), query) if end < len(ordered) else None
        )
        return SearchResult(
            ordered[start.seen : end],
            is_complete=following is None and not is_capped,
            plan=plan,
            cursor=following,
            stopped_after=scan.seen if is_capped and following is None else None,
            notes=tuple(notes),
            folder=folder,
        )

    def _first_page(self, plan: Plan, folder: Folder | None, *, with_files: bool) -> Any:
        me = self._graph.me
        builder = me.mail_folders.by_mail_folder_id(checked_id(folder.id)).messages if folder else me.messages
        select: Sequence[str] = SUMMARY if plan.checks else LISTING if folder else MIXED_LISTING
        # What waits to be sent stands in one of these two, and looks as if it was sent.
        may_wait = folder is None or folder.well_known in ("outbox", "drafts")
        expanded = f"{FILES_IN_LIST},{EXPAND_DEFERRAL}" if may_wait else FILES_IN_LIST
        expand = {"$expand": expanded} if with_files else {}
        return self._graph.request(builder, query={**plan.params, "$select": select, **expand})
