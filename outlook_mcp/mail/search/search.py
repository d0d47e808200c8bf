"""Runs a compiled query: pages, conditions applied afterwards, and a cursor that says where it stopped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any

from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import FolderId, checked_id
from outlook_mcp.graph.models import Page
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.email_config import UserEmailConfig
from outlook_mcp.identity.user import UserKey
from outlook_mcp.mail.folders import MailFolders
from outlook_mcp.mail.models import LISTING, MIXED_LISTING, SUMMARY, Folder, Message
from outlook_mcp.mail.search.cursor import Cursor, decode_cursor, digest_of, encode_cursor, key_of, page_url, paging_of
from outlook_mcp.mail.search.matching import matches
from outlook_mcp.mail.search.query import MailQuery, Plan, compile_query
from outlook_mcp.mail.settings import MailSettings
from outlook_mcp.net.clock import utc_now

# With more messages in one second, as after an import, a cursor counts messages instead of naming those shown.
_MOST_IN_A_SECOND = 50
EVERYWHERE = frozenset({"all", "*", "everywhere", "any"})


@dataclass(frozen=True, slots=True)
class SearchResult:
    """`is_complete` means that nothing more matches. Otherwise the list goes on with `cursor`, if there is one.

    `stopped_after` is how many messages were looked at when the search gave up before `limit` of them matched.
    `folder` is None when it was the whole mailbox; then `places` names special folders by their ids.
    """

    messages: list[Message]
    is_complete: bool
    cursor: str | None = None
    stopped_after: int | None = None
    notes: tuple[str, ...] = ()
    folder: Folder | None = None
    places: Mapping[FolderId, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Scan:
    """The position in the pages of a list."""

    page_link: str
    skip_in_page: int = 0
    seen: int = 0
    is_at_end: bool = False
    until: int = 0
    shown: set[bytes] = field(default_factory=set)

    def remember(self, messages: Sequence[Message]) -> None:
        """Remembers the second of the last message, and which messages of that second were looked at."""
        if not messages:
            return
        last = _second_of(messages[-1])
        if last != self.until:
            self.until, self.shown = last, set()
        of_that_second = takewhile(lambda message: _second_of(message) == last, reversed(messages))
        self.shown |= {key_of(message.id) for message in of_that_second}

    def cursor(self, start: Cursor, plan: Plan) -> Cursor:
        """Where to go on."""
        by_time = plan.kind == "filter" and not start.paging and self.until > 0
        if by_time and len(self.shown) <= _MOST_IN_A_SECOND:
            return Cursor(start.digest, start.now, self.seen, 0, {}, self.until, sorted(self.shown))
        paging = paging_of(self.page_link)
        return Cursor(start.digest, start.now, self.seen, self.skip_in_page, paging, start.until, start.shown)


class MailSearch:
    """Lists and searches one mailbox."""

    def __init__(
        self,
        graph: GraphClient,
        folders: MailFolders,
        *,
        user: UserKey,
        connection: ConnectionId | None,
        config: UserEmailConfig,
        settings: MailSettings,
    ) -> None:
        self._graph = graph
        self._folders = folders
        self._user = user
        self._connection = connection
        self._zone = config.zone()
        self._address = config.address
        self._settings = settings

    async def search_messages(self, query: MailQuery, cursor: str | None = None) -> SearchResult:
        """At most `query.limit` messages. `folder` None or `all` means the whole mailbox, Deleted Items too."""
        digest = digest_of(self._user, self._connection, query)
        start = decode_cursor(cursor, digest) if cursor else Cursor(digest, int(utc_now().timestamp()), 0, 0)
        until = datetime.fromtimestamp(start.until, UTC) if start.until else None
        now = datetime.fromtimestamp(start.now, self._zone)
        plan = compile_query(query, now, until, me=self._address, most_scanned=self._settings.most_scanned)
        everywhere = query.folder is None or query.folder.strip().lower() in EVERYWHERE
        folder = None if everywhere else await self._folders.find_folder(query.folder or "")
        first = self._first_page(plan, folder)
        scan = _Scan(page_url(first.url, start.paging) if cursor else "", start.skip_in_page, start.seen)
        scan.until, scan.shown = start.until, set(start.shown)
        found = await self._collect(plan, first, scan, query.limit)
        places = {} if folder else await self._folders.special_places()
        notes = [*plan.notes]
        most = self._settings.most_search_results
        capped = plan.kind == "search" and scan.is_at_end and scan.seen >= most
        if capped:
            notes.append(f"Indexed search gives at most {most:,} messages; narrow it to see others.")
        following, stopped_after = None, most if capped else None
        if not scan.is_at_end:
            following = encode_cursor(scan.cursor(start, plan))
            if len(found) < query.limit:
                stopped_after = scan.seen - start.seen
        return SearchResult(
            found, scan.is_at_end and not capped, following, stopped_after, tuple(notes), folder, places
        )

    def _first_page(self, plan: Plan, folder: Folder | None) -> Any:
        me = self._graph.me
        builder = me.mail_folders.by_mail_folder_id(checked_id(folder.id)).messages if folder else me.messages
        select = SUMMARY if plan.post_filters else LISTING if folder else MIXED_LISTING
        return self._graph.request(builder, query={**plan.params, "$select": select})

    async def _collect(self, plan: Plan, first: Any, scan: _Scan, limit: int) -> list[Message]:
        """Reads pages until `limit` messages match, the list ends or the plan's scan limit is reached."""
        found: list[Message] = []
        budget = scan.seen + plan.scan_limit
        before = frozenset(scan.shown)
        page = await self._page(first, scan)
        while True:
            fresh = page.value
            if before:
                fresh = [message for message in fresh if key_of(message.id) not in before]
            fresh = fresh[scan.skip_in_page :]
            for number, message in enumerate(fresh, 1):
                if not matches(message, plan.post_filters):
                    continue
                found.append(message)
                if len(found) == limit:
                    rest = any(matches(later, plan.post_filters) for later in fresh[number:])
                    scan.remember(fresh[:number] if rest else fresh)
                    self._stop(scan, page, number, len(fresh), rest)
                    return found
            scan.remember(fresh)
            scan.seen += len(fresh)
            scan.skip_in_page = 0
            if not page.next_link:
                scan.is_at_end = True
                return found
            scan.page_link = page.next_link
            if scan.seen >= budget:
                return found
            page = await self._graph.next_page(page.next_link, Page[Message])

    async def _page(self, first: Any, scan: _Scan) -> Page[Message]:
        if scan.page_link:
            return await self._graph.next_page(scan.page_link, Page[Message])
        scan.page_link = first.url
        return await self._graph.answer_to(first, Page[Message])

    def _stop(self, scan: _Scan, page: Page[Message], used: int, fresh: int, rest: bool) -> None:
        """The result is full in the middle of a page: the next call goes on in it, after it, or there is none."""
        if rest:
            scan.seen += used
            scan.skip_in_page += used
            return
        scan.seen += fresh
        scan.skip_in_page = 0
        if page.next_link:
            scan.page_link = page.next_link
        else:
            scan.is_at_end = True


def _second_of(message: Message) -> int:
    """When it came, in Unix seconds; 0 when nothing says so."""
    return int(message.moment.timestamp()) if message.moment else 0
