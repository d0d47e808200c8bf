"""The ids of all messages that a search finds, without the messages themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.handles import Handles
from outlook_mcp.graph.ids import MessageId, checked_id
from outlook_mcp.graph.models import WireModel
from outlook_mcp.identity.email_config import UserEmailConfig
from outlook_mcp.mail.folders import MailFolders
from outlook_mcp.mail.models import SUMMARY, Folder, Message
from outlook_mcp.mail.search.conversation import conversation_of
from outlook_mcp.mail.search.inline_files import NOT_COUNTED, with_all_files
from outlook_mcp.mail.search.mail_query import MailQuery
from outlook_mcp.mail.search.plan import Plan, compile_query
from outlook_mcp.mail.search.search import EVERYWHERE
from outlook_mcp.mail.settings import MailSettings
from outlook_mcp.net.clock import utc_now
from outlook_mcp.text.characters import one_line

# What Graph gives in one page at most, and so many messages one call changes.
MOST_MESSAGES = 1000


class _Page(WireModel, frozen=True, kw_only=True):
    """One page of a list of messages; `count` is of all pages, where it was asked for."""

    value: list[Message]
    next_link: str | None = msgspec.field(name="@odata.nextLink", default=None)
    count: int | None = msgspec.field(name="@odata.count", default=None)


@dataclass(frozen=True, slots=True)
class FoundIds:
    """In the order of the query, at most 1,000. `folder` is None for the whole mailbox.

    `total` is how many messages match in all, None when that is not known. `is_complete` is False when more match, or
    when the search stopped after looking at `stopped_after` messages.
    """

    ids: list[MessageId]
    plan: Plan
    folder: Folder | None
    is_complete: bool
    total: int | None = None
    stopped_after: int | None = None


class IdSearch:
    """Searches one mailbox as `mail_search` does, but in the named folder only, and never for a part of what is asked.

    A change must not reach more than was meant. So it raises InvalidInput where a part of the query cannot be answered,
    and the error of Graph where the search index does not answer.
    """

    def __init__(
        self,
        graph: GraphClient,
        folders: MailFolders,
        handles: Handles,
        *,
        config: UserEmailConfig,
        settings: MailSettings,
    ) -> None:
        self._graph = graph
        self._folders = folders
        self._handles = handles
        self._config = config
        self._settings = settings

    async def find_ids(self, query: MailQuery) -> FoundIds:
        """The ids of at most 1,000 messages. Memory holds one page at a time, however large the mailbox is."""
        now = utc_now()
        plan = compile_query(
            query,
            datetime.fromtimestamp(now.timestamp(), self._config.zone()),
            me=self._config.address,
            conversation=await conversation_of(self._graph, self._handles, query),
            most_scanned=self._settings.most_scanned_for_changes,
        )
        if plan.ignored:
            named = ", ".join(f"`{one_line(part, 80).replace('`', '')}`" for part in plan.ignored[:5])
            raise InvalidInput(
                f"`where` has parts that cannot be answered: {named}. Nothing was changed.",
                next_step="Leave them out, or use the other fields of mail_search.",
            )
        if plan.wants_attachments or plan.file_name:
            plan = replace(plan, notes=(*plan.notes, NOT_COUNTED))
        name = plan.folder or query.folder
        is_everywhere = name is None or name.strip().lower() in EVERYWHERE
        folder = None if is_everywhere or name is None else await self._folders.find_folder(name)
        return await self._listed(plan, folder)

    async def _listed(self, plan: Plan, folder: Folder | None) -> FoundIds:
        ids: dict[MessageId, None] = {}
        page = await self._graph.answer_to(self._first_page(plan, folder), _Page)
        total, seen = page.count, 0
        while True:
            seen += len(page.value)
            messages = await with_all_files(self._graph, page.value) if plan.file_name else page.value
            ids.update((message.id, None) for message in messages if plan.matches(message))
            is_full = len(ids) > MOST_MESSAGES or (len(ids) == MOST_MESSAGES and bool(page.next_link))
            gives_up = bool(plan.checks) and seen >= plan.scan_limit
            if page.next_link is None or is_full or gives_up:
                break
            page = await self._graph.next_page(page.next_link, _Page)
        is_capped = plan.kind == "search" and seen >= self._settings.most_search_results
        is_complete = page.next_link is None and not is_full and not is_capped
        return FoundIds(
            list(ids)[:MOST_MESSAGES],
            plan,
            folder,
            is_complete,
            total=len(ids) if is_complete else total,
            stopped_after=None if is_complete or is_full or total else seen,
        )

    def _first_page(self, plan: Plan, folder: Folder | None) -> Any:
        """Ids only, unless the properties of each message have to be looked at."""
        me = self._graph.me
        builder = me.mail_folders.by_mail_folder_id(checked_id(folder.id)).messages if folder else me.messages
        # Each of them costs a request more where the names of its files are looked at.
        top = min(plan.scan_limit, MOST_MESSAGES) if plan.file_name else MOST_MESSAGES
        query: dict[str, Any] = {**plan.params, "$top": top, "$select": SUMMARY if plan.checks else ("id",)}
        if plan.kind == "filter" and not plan.checks:
            query["$count"] = "true"
        return self._graph.request(builder, query=query)
