"""Runs a compiled query: where it looks, where it looks next, and how the list goes on."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import msgspec

from outlook_mcp.errors import AnswerUnreadable, GraphError, GraphUnavailable, InvalidInput, RequestRejected
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import FolderId, MessageId, checked_id
from outlook_mcp.identity.email_config import UserEmailConfig
from outlook_mcp.mail.authentication import forged_among
from outlook_mcp.mail.categories import CategoryList, category_list
from outlook_mcp.mail.folders import MailFolders
from outlook_mcp.mail.models import FILES_IN_LIST, LISTING, MIXED_LISTING, SUMMARY, Folder, Message
from outlook_mcp.mail.search.cursor import Cursor, CursorFormat, page_url
from outlook_mcp.mail.search.inline_files import MOST_LOOKED_AT, NOT_COUNTED, with_inline_files
from outlook_mcp.mail.search.plan import Plan, compile_query
from outlook_mcp.mail.search.query import MailQuery
from outlook_mcp.mail.search.scan import Scan
from outlook_mcp.mail.settings import MailSettings
from outlook_mcp.net.clock import utc_now

NOWHERE = FolderId("")
EVERYWHERE = frozenset({"all", "*", "everywhere", "any", "anywhere", "all mail", "all folders", "whole mailbox"})


@dataclass(frozen=True, slots=True)
class SearchResult:
    """`is_complete` means that nothing more matches. Otherwise the list goes on with `cursor`, if there is one.

    `stopped_after` is how many messages were looked at when the search gave up before `limit` of them matched.
    `folder` is None when it was the whole mailbox; then `places` names folders by their ids. `nothing_in` is the folder
    that was asked for, when nothing was found there and so the whole mailbox was searched. `categories` are those of
    the mailbox, when none of its messages has the one that was asked for. `forged` are messages that say they are from
    the user and are not.
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


class MailSearch:
    """Lists and searches one mailbox."""

    def __init__(
        self,
        graph: GraphClient,
        folders: MailFolders,
        *,
        cursors: CursorFormat,
        config: UserEmailConfig,
        settings: MailSettings,
    ) -> None:
        self._graph = graph
        self._folders = folders
        self._cursors = cursors
        self._zone = config.zone()
        self._address = config.address
        self._settings = settings

    async def search_messages(self, query: MailQuery, cursor: str | None = None) -> SearchResult:
        """At most `query.limit` messages. `folder` None or `all` means the whole mailbox, Deleted Items too.

        Where people, words or a category are not found in a folder, the whole mailbox is searched for them. Where the
        index does not answer, words are looked for in what a list shows.
        """
        start = self._cursors.decode(cursor, query) if cursor else Cursor(int(utc_now().timestamp()), 0, 0)
        plan = self._plan(query, start)
        folder = await self._folder(plan.folder or query.folder, start)
        try:
            found = await self._listed(plan, start, folder, query)
        except (AnswerUnreadable, GraphUnavailable, RequestRejected) as failed:
            start = msgspec.structs.replace(start, without_index=True)
            plan = self._plan_without_index(query, start, plan, failed)
            found = await self._listed(plan, start, folder, query)
        if folder and not found.messages and found.is_complete and plan.is_specific and not cursor:
            start = msgspec.structs.replace(start, everywhere=True)
            found = replace(await self._listed(plan, start, None, query), nothing_in=folder)
        if query.attachments:
            found = await self._with_inline_files(query, start, found)
        elif found.plan.wants_attachments:
            found = replace(found, notes=(*found.notes, NOT_COUNTED))
        if found.folder is None:
            found = replace(found, places=await self._places(found))
        if found.plan.names_category and not found.messages and found.is_complete:
            found = replace(found, categories=await category_list(self._graph))
        return replace(found, forged=await self._forged(found))

    async def _forged(self, found: SearchResult) -> frozenset[MessageId]:
        """Their headers are asked for only where somebody else may have sent them: outside Sent Items."""
        if found.folder and found.folder.well_known == "sentitems":
            return frozenset()
        suspects = [
            message
            for message in found.messages
            if self._is_mine(message)
            and not message.is_draft
            and found.places.get(message.parent_folder_id or NOWHERE) != "Sent"
        ]
        return await forged_among(self._graph, suspects)

    def _is_mine(self, message: Message) -> bool:
        sender = message.from_.email_address.address if message.from_ else None
        return bool(sender) and (sender or "").casefold() == self._address.casefold()

    async def _with_inline_files(self, query: MailQuery, start: Cursor, found: SearchResult) -> SearchResult:
        """Once the list is complete, mail is added whose files Exchange does not count as attachments."""
        if not found.is_complete or len(found.messages) >= query.limit:
            return replace(found, notes=(*found.notes, NOT_COUNTED))
        wider = replace(query, attachments=None, limit=MOST_LOOKED_AT + len(found.messages))
        others = await self._listed(self._plan(wider, start), start, found.folder, wider)
        known = {message.id for message in found.messages}
        added = [message for message in others.messages if message.has_files and message.id not in known]
        added = added[: query.limit - len(found.messages)]
        oldest = datetime.min.replace(tzinfo=UTC)
        messages = sorted([*found.messages, *added], key=lambda message: message.moment or oldest, reverse=True)
        notes = found.notes if others.is_complete else (*found.notes, NOT_COUNTED)
        return replace(found, messages=messages if added else found.messages, notes=notes)

    def _plan(self, query: MailQuery, start: Cursor) -> Plan:
        """The request at the time of the first page."""
        return compile_query(
            query,
            datetime.fromtimestamp(start.now, self._zone),
            datetime.fromtimestamp(start.until, UTC) if start.until else None,
            me=self._address,
            most_scanned=self._settings.most_scanned,
            with_index=not start.without_index,
        )

    def _plan_without_index(self, query: MailQuery, start: Cursor, plan: Plan, failed: GraphError) -> Plan:
        """Raises `failed` when it was not the index that failed, or nobody else can answer."""
        was_answered = failed.status >= 400 or isinstance(failed, AnswerUnreadable)
        if plan.kind != "search" or start.paging or not was_answered:
            raise failed
        try:
            return self._plan(query, start)
        except InvalidInput:
            raise failed from None

    async def _folder(self, name: str | None, start: Cursor) -> Folder | None:
        """The folder to look in, None for the whole mailbox."""
        if name is None or start.everywhere or name.strip().lower() in EVERYWHERE:
            return None
        return await self._folders.find_folder(name)

    async def _places(self, found: SearchResult) -> Mapping[FolderId, str]:
        special = await self._folders.special_places()
        if found.nothing_in is None:
            return special
        # Somebody who asked for another folder needs to know where each message is.
        return {**await self._folders.folder_paths(), **special} if found.messages else special

    async def _listed(self, plan: Plan, start: Cursor, folder: Folder | None, query: MailQuery) -> SearchResult:
        """With the attachments of each message. Where Graph refuses to expand those of a list, they are asked for."""
        # One request more for those that are shown is better than the attachments of all that are looked at.
        if not plan.checks:
            with contextlib.suppress(AnswerUnreadable, RequestRejected):
                return await self._scanned(plan, start, folder, query, with_files=True)
        found = await self._scanned(plan, start, folder, query)
        return replace(found, messages=await with_inline_files(self._graph, found.messages))

    async def _scanned(
        self, plan: Plan, start: Cursor, folder: Folder | None, query: MailQuery, *, with_files: bool = False
    ) -> SearchResult:
        first = self._first_page(plan, folder, with_files=with_files)
        scan = Scan(
            page_url(first.url, start.paging) if start.paging else "", start.skip_in_page, start.seen, until=start.until
        )
        scan.shown = set(start.shown)
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

    def _first_page(self, plan: Plan, folder: Folder | None, *, with_files: bool) -> Any:
        me = self._graph.me
        builder = me.mail_folders.by_mail_folder_id(checked_id(folder.id)).messages if folder else me.messages
        select: Sequence[str] = SUMMARY if plan.checks else LISTING if folder else MIXED_LISTING
        expand = {"$expand": FILES_IN_LIST} if with_files else {}
        return self._graph.request(builder, query={**plan.params, "$select": select, **expand})
