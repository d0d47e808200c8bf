"""Rounds of delta queries on the messages of one folder.

Source: https://learn.microsoft.com/graph/delta-query-messages
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import msgspec

from outlook_mcp.errors import AnswerUnreadable, GraphError, InvalidInput, NotFound
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import FolderId, checked_id
from outlook_mcp.mail.models import MIXED_LISTING, Message
from outlook_mcp.text.dates import graph_time

_PAGE = 200
_GONE = 410
_TOKENS = {"$skiptoken": True, "$deltatoken": False}


class Removal(msgspec.Struct, frozen=True):
    """Why a message is no longer in the folder; Graph says `deleted` of moved ones, too."""

    reason: str = ""


class DeltaItem(Message, frozen=True, kw_only=True):
    """A message that came or changed, or only the id of one that left the folder."""

    removed: Removal | None = msgspec.field(name="@removed", default=None)


class DeltaPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a round: the last one has a delta link, the others a next link."""

    value: list[DeltaItem]
    next_link: str | None = msgspec.field(name="@odata.nextLink", default=None)
    delta_link: str | None = msgspec.field(name="@odata.deltaLink", default=None)


@dataclass(frozen=True, slots=True)
class Position:
    """Graph's state token: of the next page with `is_in_round`, else of the next round."""

    token: str
    is_in_round: bool


@dataclass(frozen=True, slots=True)
class Round:
    """What was read of a round, in the order of Graph, and how it goes on."""

    items: list[DeltaItem]
    position: Position


class DeltaRounds:
    """The delta queries of one mailbox, whose answers come in pages of about `page` messages.

    `select` are the fields that are read of each message.
    """

    def __init__(self, graph: GraphClient, *, page: int = _PAGE, select: Sequence[str] = MIXED_LISTING) -> None:
        self._graph = graph
        self._select = select
        self._headers: Mapping[str, str] = {"Prefer": f"odata.maxpagesize={page}"}

    async def first_round(self, folder: FolderId, window_start: int, most: int) -> Round:
        """Begins to watch the mail that arrived since `window_start` (Unix seconds), or arrives later."""
        since = graph_time(datetime.fromtimestamp(window_start, UTC))
        query = {"$select": self._select, "$filter": f"receivedDateTime ge {since}"}
        request = self._graph.request(self._delta_of(folder), query=query, headers=self._headers)
        return await self._read_pages(folder, await self._graph.answer_to(request, DeltaPage), most)

    async def next_round(self, folder: FolderId, position: Position, most: int) -> Round:
        """At least `most` changes, if there are as many. Raises InvalidInput when Graph has forgotten the token."""
        try:
            return await self._read_pages(folder, await self._page_at(folder, position), most)
        except GraphError as error:
            if _is_forgotten(error):
                raise InvalidInput(
                    "Microsoft no longer knows what changed since then, as it was too long ago.",
                    next_step="Leave `since` out to begin anew, and look with mail_search for what came meanwhile.",
                ) from None
            raise

    async def _read_pages(self, folder: FolderId, page: DeltaPage, most: int) -> Round:
        items = list(page.value)
        position = _position_after(page)
        while position.is_in_round and len(items) < most:
            page = await self._page_at(folder, position)
            items += page.value
            position = _position_after(page)
        return Round(items, position)

    async def _page_at(self, folder: FolderId, position: Position) -> DeltaPage:
        # Made anew: a link that came back out of a cursor is never followed.
        name = "$skiptoken" if position.is_in_round else "$deltatoken"
        url = f"{self._graph.request(self._delta_of(folder)).url}?{name}={quote(position.token, safe='')}"
        return await self._graph.next_page(url, DeltaPage, headers=self._headers)

    def _delta_of(self, folder: FolderId) -> Any:
        return self._graph.me.mail_folders.by_mail_folder_id(checked_id(folder)).messages.delta


def _position_after(page: DeltaPage) -> Position:
    link = page.next_link or page.delta_link or ""
    for name, value in parse_qsl(urlsplit(link).query):
        if name.lower() in _TOKENS:
            return Position(value, _TOKENS[name.lower()])
    raise AnswerUnreadable("Microsoft Graph did not say how its list of changes goes on.")


def _is_forgotten(error: GraphError) -> bool:
    """Documented is 410 with SyncStateNotFound; another code about the state of the synchronisation means the same."""
    return (isinstance(error, NotFound) and error.status == _GONE) or "syncstate" in error.graph_code.lower()


def latest_of_each(items: list[DeltaItem]) -> list[DeltaItem]:
    """Each message once, as it was told last: a round may name one on several pages."""
    return list({item.id: item for item in items}.values())
