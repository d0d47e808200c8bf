"""Reading and changing messages, many at a time; each id has its own outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from outlook_mcp.errors import Conflict, GraphError, NotFound
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import item_id
from outlook_mcp.mail.models import SELECT, FlagStatus, Importance, Message, Page, View

if TYPE_CHECKING:
    from kiota_abstractions.request_information import RequestInformation

_THREAD_PAGE = 50
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class MessageResult:
    """What became of one id: the message as it is now, or the error. Both are None after a permanent deletion."""

    id: str
    message: Message | None = None
    error: GraphError | None = None

    @property
    def is_done(self) -> bool:
        return self.error is None


@dataclass(frozen=True, slots=True)
class Thread:
    """Messages of one conversation, oldest first; `complete` is False when there are more."""

    messages: list[Message]
    complete: bool


class Messages:
    """The messages of one mailbox."""

    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def get(self, ids: Sequence[str], view: View = "full") -> list[MessageResult]:
        """The messages in the order asked; an unknown id has a NotFound in its place."""
        query = {"$select": SELECT[view]}
        return await self._each(ids, lambda one: self._graph.request(self._item(one), query=query))

    async def thread(self, conversation_id: str, view: View = "full", limit: int = 50) -> Thread:
        """The conversation, drafts included, copies of one message shown once."""
        wanted = conversation_id.replace("'", "''")
        query = {
            "$filter": f"conversationId eq '{wanted}'",
            "$select": (*SELECT[view], *(("internetMessageId",) if view == "summary" else ())),
            "$top": min(limit, _THREAD_PAGE),
        }
        # No $orderby: with this filter Graph answers 400 InefficientFilter.
        page = await self._graph.answer_to(self._graph.request(self._graph.me.messages, query=query), Page[Message])
        found = list(page.value)
        while page.next_link and len(found) < limit:
            page = await self._graph.next_page(page.next_link, Page[Message])
            found += page.value
        members = [message for message in found if message.conversation_id == conversation_id]
        ordered = sorted(_once(members), key=lambda message: message.moment or _BEFORE_ALL)
        return Thread(ordered[-limit:], complete=page.next_link is None and len(ordered) <= limit)

    async def update(
        self,
        ids: Sequence[str],
        *,
        read: bool | None = None,
        flag: FlagStatus | None = None,
        add_categories: Sequence[str] = (),
        remove_categories: Sequence[str] = (),
        importance: Importance | None = None,
        focused: bool | None = None,
    ) -> list[MessageResult]:
        """Changes what is given and leaves the rest."""
        change: dict[str, Any] = {}
        if read is not None:
            change["isRead"] = read
        if flag is not None:
            change["flag"] = {"flagStatus": flag}
        if importance is not None:
            change["importance"] = importance
        if focused is not None:
            change["inferenceClassification"] = "focused" if focused else "other"
        if add_categories or remove_categories:
            return await self._recategorise(ids, change, add_categories, remove_categories)
        return await self._each(ids, lambda one: self._graph.request(self._item(one), "PATCH", json=change))

    async def move(self, ids: Sequence[str], folder_id: str) -> list[MessageResult]:
        """Each message as it is in its new folder; its id differs where the mailbox has no immutable ids."""
        return await self._to_folder(ids, folder_id, "move")

    async def copy(self, ids: Sequence[str], folder_id: str) -> list[MessageResult]:
        """The copies, which have ids of their own."""
        return await self._to_folder(ids, folder_id, "copy")

    async def delete(self, ids: Sequence[str], *, permanent: bool = False) -> list[MessageResult]:
        """To Deleted Items, where it stays, or past every recovery by the user when `permanent`."""
        if permanent:
            return await self._each(
                ids, lambda one: self._graph.request(self._item(one).permanent_delete, "POST"), answers=False
            )
        # A DELETE would erase what is in Deleted Items already, as when it is asked for a second time.
        return await self.move(ids, "deleteditems")

    async def _to_folder(
        self, ids: Sequence[str], folder_id: str, action: Literal["move", "copy"]
    ) -> list[MessageResult]:
        body = {"destinationId": item_id(folder_id)}
        return await self._each(
            ids, lambda one: self._graph.request(getattr(self._item(one), action), "POST", json=body)
        )

    async def _recategorise(
        self, ids: Sequence[str], change: dict[str, Any], add: Sequence[str], remove: Sequence[str]
    ) -> list[MessageResult]:
        """Categories are replaced as a whole, so they are read first; a message changed meanwhile is read again."""
        results = {result.id: result for result in await self._patch_categories(ids, change, add, remove)}
        clashed = [result.id for result in results.values() if isinstance(result.error, Conflict)]
        if clashed:
            again = await self._patch_categories(clashed, change, add, remove)
            results.update((result.id, result) for result in again)
        return list(results.values())

    async def _patch_categories(
        self, ids: Sequence[str], change: dict[str, Any], add: Sequence[str], remove: Sequence[str]
    ) -> list[MessageResult]:
        current = {result.id: result for result in await self.get(ids, "summary")}

        def patch(one: str) -> RequestInformation:
            message = current[one].message
            assert message is not None
            body = {**change, "categories": _categories(message.categories, add, remove)}
            headers = {"If-Match": message.etag} if message.etag else None
            return self._graph.request(self._item(one), "PATCH", json=body, headers=headers)

        readable = [one for one, result in current.items() if result.is_done]
        done = {result.id: result for result in await self._each(readable, patch)}
        return [done.get(one, result) for one, result in current.items()]

    async def _each(
        self,
        ids: Sequence[str],
        make: Callable[[str], RequestInformation],
        *,
        answers: bool = True,
    ) -> list[MessageResult]:
        """One request for one id, batches for more."""
        results: dict[str, MessageResult] = {}
        infos: dict[str, RequestInformation] = {}
        for one in dict.fromkeys(ids):
            try:
                infos[item_id(one)] = make(one)
            except NotFound as error:
                results[one] = MessageResult(one, error=error)
        if len(infos) == 1:
            ((one, info),) = infos.items()
            results[one] = await self._single(one, info, answers)
        elif infos:
            for one, answer in zip(infos, await self._graph.answers_to(list(infos.values())), strict=True):
                try:
                    if not answer.is_success:
                        raise answer.error()
                    results[one] = MessageResult(one, answer.decode(Message) if answers else None)
                except GraphError as error:
                    results[one] = MessageResult(one, error=error)
        return [results[one] for one in dict.fromkeys(ids)]

    async def _single(self, one: str, info: RequestInformation, answers: bool) -> MessageResult:
        try:
            if answers:
                return MessageResult(one, await self._graph.answer_to(info, Message))
            await self._graph.perform(info)
            return MessageResult(one)
        except GraphError as error:
            return MessageResult(one, error=error)

    def _item(self, message_id: str) -> Any:
        return self._graph.me.messages.by_message_id(message_id)


def _categories(current: Iterable[str], add: Iterable[str], remove: Iterable[str]) -> list[str]:
    """Categories are told apart without regard to case, as Outlook does."""
    gone = {name.casefold() for name in remove}
    kept = {name.casefold(): name for name in current if name.casefold() not in gone}
    for name in add:
        kept.setdefault(name.casefold(), name)
    return list(kept.values())


def _once(messages: Iterable[Message]) -> Iterable[Message]:
    seen: set[str] = set()
    for message in messages:
        key = message.internet_message_id or message.id
        if key not in seen:
            seen.add(key)
            yield message
