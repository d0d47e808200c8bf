"""Requests for messages by their full ids, many at a time; each id has its own outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import anyio.lowlevel
import msgspec

from outlook_mcp.errors import Conflict, GraphError, NotFound, OutlookError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import ConversationId, FolderId, MessageId, checked_id
from outlook_mcp.graph.literals import literal
from outlook_mcp.graph.models import Page
from outlook_mcp.mail.lost_answers import LostAnswers, MessageResult
from outlook_mcp.mail.models import ATTACHMENT, EXPAND, SELECT, Attachment, Message, View

if TYPE_CHECKING:
    from kiota_abstractions.request_information import RequestInformation

_DELETED_ITEMS = FolderId("deleteditems")
_CONVERSATION_PAGE = 50


@dataclass(frozen=True, slots=True)
class Conversation:
    """Messages of one conversation, oldest first; `is_complete` is False when there are more."""

    messages: list[Message]
    is_complete: bool


class MessageRequests:
    """The messages of one mailbox.

    When the answer to a change is lost, the messages are looked at, and again after `look_again_s` seconds. With
    `is_batched` a single change travels in a batch too, as the last of many does.
    """

    def __init__(self, graph: GraphClient, *, look_again_s: float = 1.0, is_batched: bool = False) -> None:
        self._graph = graph
        self._is_batched = is_batched
        self._look_again_s = look_again_s
        self._lost = LostAnswers(graph, self.fetch_messages, look_again_s=look_again_s)

    def always_in_batches(self) -> MessageRequests:
        """Requests that travel in a batch even for one message, as for the last of many."""
        return MessageRequests(self._graph, look_again_s=self._look_again_s, is_batched=True)

    async def fetch_messages(self, ids: Sequence[MessageId], view: View = "full") -> list[MessageResult]:
        """The messages in the order of `ids`; an unknown id has a NotFound in its place."""
        query = {"$select": SELECT[view], **EXPAND[view]}
        return await self._each(
            ids, lambda message_id: self._graph.request(self._item(message_id), query=query), is_change=False
        )

    async def fetch_conversation(
        self, conversation_id: ConversationId, view: View = "full", limit: int = 50
    ) -> Conversation:
        """The newest `limit` messages, drafts included, copies of one message shown once."""
        query = {
            "$filter": f"conversationId eq {literal(conversation_id)}",
            "$select": (*SELECT[view], "conversationIndex", *(("internetMessageId",) if view == "summary" else ())),
            "$top": min(limit, _CONVERSATION_PAGE),
        }
        # No $orderby: with this filter Graph answers 400 InefficientFilter.
        page = await self._graph.answer_to(self._graph.request(self._graph.me.messages, query=query), Page[Message])
        found = list(page.value)
        while page.next_link and len(found) < limit:
            page = await self._graph.next_page(page.next_link, Page[Message])
            found += page.value
        members = [message for message in found if message.conversation_id == conversation_id]
        ordered = _oldest_first(_without_copies(members))
        shown = ordered[-limit:]
        if view == "full":
            shown = await self._with_attachments(shown)
        return Conversation(shown, is_complete=page.next_link is None and len(ordered) <= limit)

    async def _with_attachments(self, messages: Sequence[Message]) -> list[Message]:
        """Graph documents $expand=attachments for one message, so those of a list are asked for in a batch."""
        # To decode many large messages takes as long as to make the requests: others have their turn in between.
        await anyio.lowlevel.checkpoint()
        query = {"$select": ATTACHMENT}
        requests = [self._graph.request(self._item(message.id).attachments, query=query) for message in messages]
        answers = await self._graph.answers_to(requests)
        return [
            msgspec.structs.replace(message, attachments=answer.decode(Page[Attachment]).value)
            for message, answer in zip(messages, answers, strict=True)
        ]

    async def patch_messages(self, ids: Sequence[MessageId], fields: Mapping[str, Any]) -> list[MessageResult]:
        """Sets these JSON fields of each message and leaves the others."""
        results = await self._each(ids, lambda message_id: self._patch(message_id, fields))
        return await self._lost.settle_patches(results, dict.fromkeys(ids, fields))

    async def patch_categories(
        self,
        ids: Sequence[MessageId],
        fields: Mapping[str, Any],
        categories_from: Callable[[Sequence[str]], list[str]],
    ) -> list[MessageResult]:
        """As `patch_messages`, with new categories that are made from the present ones.

        Graph replaces categories as a whole, so they are read first. A message that changed in between is tried once
        more.
        """
        results = {result.id: result for result in await self._patch_categories(ids, fields, categories_from)}
        clashed = [result.id for result in results.values() if isinstance(result.error, Conflict)]
        if clashed:
            again = await self._patch_categories(clashed, fields, categories_from)
            results.update((result.id, result) for result in again)
        return list(results.values())

    async def move_messages(self, ids: Sequence[MessageId], folder_id: FolderId) -> list[MessageResult]:
        """Each message as it is in its new folder; its id differs where the mailbox has no immutable ids."""
        return await self._lost.settle_moves(await self._transfer(ids, folder_id, "move"), folder_id)

    async def copy_messages(self, ids: Sequence[MessageId], folder_id: FolderId) -> list[MessageResult]:
        """The copies, which have ids of their own."""
        return await self._lost.settle_copies(await self._transfer(ids, folder_id, "copy"), folder_id)

    async def delete_messages(self, ids: Sequence[MessageId], *, permanent: bool = False) -> list[MessageResult]:
        """Moves to Deleted Items, or erases so that the user cannot recover it when `permanent`."""
        if permanent:
            results = await self._each(
                ids,
                lambda message_id: self._graph.request(self._item(message_id).permanent_delete, "POST"),
                has_answer=False,
            )
            return await self._lost.settle_erasures(results)
        # A DELETE would erase what is in Deleted Items already, as when it is asked for a second time.
        return await self.move_messages(ids, _DELETED_ITEMS)

    async def _transfer(
        self, ids: Sequence[MessageId], folder_id: FolderId, action: Literal["move", "copy"]
    ) -> list[MessageResult]:
        body = {"destinationId": checked_id(folder_id)}
        return await self._each(
            ids, lambda message_id: self._graph.request(getattr(self._item(message_id), action), "POST", json=body)
        )

    async def _patch_categories(
        self,
        ids: Sequence[MessageId],
        fields: Mapping[str, Any],
        categories_from: Callable[[Sequence[str]], list[str]],
    ) -> list[MessageResult]:
        current = {result.id: result for result in await self.fetch_messages(ids, "summary")}
        messages = {message_id: result.message for message_id, result in current.items() if result.message}
        changed = {
            message_id: {**fields, "categories": categories_from(message.categories)}
            for message_id, message in messages.items()
        }
        results = await self._each(
            list(messages), lambda message_id: self._patch(message_id, changed[message_id], messages[message_id].etag)
        )
        done = {result.id: result for result in await self._lost.settle_patches(results, changed)}
        return [done.get(message_id, result) for message_id, result in current.items()]

    async def _each(
        self,
        ids: Sequence[MessageId],
        request_for: Callable[[MessageId], RequestInformation],
        *,
        has_answer: bool = True,
        is_change: bool = True,
    ) -> list[MessageResult]:
        """A single request for one id, batches for more. With `has_answer`, Graph answers with the message."""
        results: dict[MessageId, MessageResult] = {}
        requests: dict[MessageId, RequestInformation] = {}
        for message_id in dict.fromkeys(ids):
            try:
                requests[checked_id(message_id)] = request_for(message_id)
            except NotFound as error:
                results[message_id] = MessageResult(message_id, error=error)
        if len(requests) == 1 and not (is_change and self._is_batched):
            ((message_id, request),) = requests.items()
            results[message_id] = await self._single(message_id, request, has_answer=has_answer)
        elif requests:
            answers = await self._graph.answers_to(list(requests.values()))
            for message_id, answer in zip(requests, answers, strict=True):
                try:
                    if not answer.is_success:
                        raise answer.error()
                    results[message_id] = MessageResult(message_id, answer.decode(Message) if has_answer else None)
                except OutlookError as error:
                    results[message_id] = MessageResult(message_id, error=error)
        return [results[message_id] for message_id in dict.fromkeys(ids)]

    async def _single(self, message_id: MessageId, request: RequestInformation, *, has_answer: bool) -> MessageResult:
        try:
            if has_answer:
                return MessageResult(message_id, await self._graph.answer_to(request, Message))
            await self._graph.perform(request)
            return MessageResult(message_id)
        except GraphError as error:
            return MessageResult(message_id, error=error)

    def _patch(self, message_id: MessageId, fields: Mapping[str, Any], etag: str | None = None) -> RequestInformation:
        headers = {"If-Match": etag} if etag else None
        return self._graph.request(self._item(message_id), "PATCH", json=fields, headers=headers)

    def _item(self, message_id: MessageId) -> Any:
        return self._graph.me.messages.by_message_id(message_id)


def _oldest_first(newest_first: Iterable[Message]) -> list[Message]:
    """Times have no fractions of a second, so within one an answer comes after what it answers, later mail last."""
    messages = [*newest_first]
    messages.reverse()
    messages.sort(key=lambda message: (message.order, len(message.conversation_index or "")))
    return messages


def _without_copies(messages: Iterable[Message]) -> Iterable[Message]:
    seen: set[str] = set()
    for message in messages:
        key = message.internet_message_id or message.id
        if key not in seen:
            seen.add(key)
            yield message
