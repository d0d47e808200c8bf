"""What became of changes whose answer was lost: the messages are looked at before anything is said of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import anyio
import msgspec

from outlook_mcp.errors import GraphError, GraphUnavailable, NotFound, OutlookError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.errors import after_looking, still_unknown
from outlook_mcp.graph.ids import FolderId, MessageId
from outlook_mcp.graph.literals import literal
from outlook_mcp.graph.models import Item, Page, ZonedTime
from outlook_mcp.mail.models import Flag, Message, View

# As many requests as Exchange accepts at once for one mailbox.
_AT_ONCE = 4
_LESS_THAN_A_DAY = timedelta(hours=15)


@dataclass(frozen=True, slots=True)
class MessageResult:
    """The outcome for one id: the message as it is now, or the error. Both are None after a permanent deletion.

    `is_verified`: the answer was lost, and a look afterwards has shown that the change was made.
    """

    id: MessageId
    message: Message | None = None
    error: OutlookError | None = None
    is_verified: bool = False

    @property
    def is_done(self) -> bool:
        return self.error is None

    @property
    def is_open(self) -> bool:
        """Whether the change may or may not have been made."""
        return isinstance(self.error, GraphError) and not self.error.outcome_is_known


Fetch = Callable[[Sequence[MessageId], View], Awaitable[list[MessageResult]]]
# From what is seen of a message, the outcome of its change; None when it is as it was before.
Verdict = Callable[[MessageResult], MessageResult | None]


class LostAnswers:
    """Settles the outcomes that are open, of one mailbox.

    A change may still be under way at Exchange, so what looks unchanged is looked at again after `look_again_s`
    seconds. Where the mailbox cannot be read, the outcome stays open.
    """

    def __init__(self, graph: GraphClient, fetch: Fetch, *, look_again_s: float) -> None:
        self._graph = graph
        self._fetch = fetch
        self._look_again_s = look_again_s

    async def settle_patches(
        self, results: Sequence[MessageResult], fields: Mapping[MessageId, Mapping[str, Any]]
    ) -> list[MessageResult]:
        """`fields` is the JSON that was sent for each message."""

        def verdict(seen: MessageResult) -> MessageResult | None:
            return seen if seen.message is None or has_fields(seen.message, fields[seen.id]) else None

        return await self._settle(results, verdict, "A look afterwards shows that nothing was changed.")

    async def settle_moves(self, results: Sequence[MessageResult], folder: FolderId) -> list[MessageResult]:
        """`folder` is an id or a well-known name."""
        if not any(result.is_open for result in results):
            return list(results)
        try:
            builder = self._graph.me.mail_folders.by_mail_folder_id(folder)
            target = await self._graph.answer_to(self._graph.request(builder, query={"$select": ("id",)}), Item)
        except OutlookError:
            return list(results)

        def verdict(seen: MessageResult) -> MessageResult | None:
            return seen if seen.message is None or seen.message.parent_folder_id == target.id else None

        return await self._settle(results, verdict, "A look afterwards shows that nothing was moved.")

    async def settle_erasures(self, results: Sequence[MessageResult]) -> list[MessageResult]:
        """A message that is not found any more was erased."""

        def verdict(seen: MessageResult) -> MessageResult | None:
            return MessageResult(seen.id) if isinstance(seen.error, NotFound) else None

        return await self._settle(results, verdict, "A look afterwards shows that nothing was deleted.")

    async def settle_copies(self, results: Sequence[MessageResult], folder: FolderId) -> list[MessageResult]:
        """A copy that is seen in the folder may be an older one, so it leaves the outcome open."""
        lost = _open_errors(results)
        if not lost:
            return list(results)
        for seen in await self._looked_at(list(lost), "headers"):
            if seen.message is None:
                continue
            try:
                page = await self._graph.answer_to(self._copies_request(folder, seen.message), Page[Item])
            except OutlookError:
                break
            others = [item for item in page.value if item.id != seen.id]
            lost[seen.id] = _copy_error(lost[seen.id], is_there=bool(others))
        return [MessageResult(result.id, error=lost[result.id]) if result.id in lost else result for result in results]

    async def _settle(self, results: Sequence[MessageResult], verdict: Verdict, not_made: str) -> list[MessageResult]:
        lost = _open_errors(results)
        settled: dict[MessageId, MessageResult] = {}
        for pause in (0.0, self._look_again_s):
            unchanged = [message_id for message_id in lost if _is_unchanged(settled.get(message_id))]
            if not unchanged:
                break
            await anyio.sleep(pause)
            for seen in await self._looked_at(unchanged):
                same = MessageResult(seen.id, error=after_looking(lost[seen.id], not_made))
                made = verdict(seen)
                settled[seen.id] = replace(made, is_verified=made.is_done) if made else same
        return [settled.get(result.id, result) for result in results]

    async def _looked_at(self, ids: Sequence[MessageId], view: View = "summary") -> list[MessageResult]:
        """The messages that could be looked at, found or not.

        Those that a batch does not show are asked for one by one, a few at a time, until a few in a row fail.
        """
        seen = {result.id: result for result in await self._fetched(ids, view)}
        unseen = [message_id for message_id in ids if message_id not in seen] if len(ids) > 1 else []
        for start in range(0, len(unseen), _AT_ONCE):
            found: list[MessageResult] = []

            async def look(message_id: MessageId, found: list[MessageResult] = found) -> None:
                found += await self._fetched([message_id], view)

            async with anyio.create_task_group() as group:
                for message_id in unseen[start : start + _AT_ONCE]:
                    group.start_soon(look, message_id)
            if not found:
                break
            seen |= {result.id: result for result in found}
        return list(seen.values())

    async def _fetched(self, ids: Sequence[MessageId], view: View) -> list[MessageResult]:
        try:
            results = await self._fetch(ids, view)
        except OutlookError:
            return []
        return [result for result in results if result.message is not None or isinstance(result.error, NotFound)]

    def _copies_request(self, folder: FolderId, original: Message) -> Any:
        query = {"$filter": f"internetMessageId eq {literal(original.internet_message_id or '')}", "$select": ("id",)}
        return self._graph.request(self._graph.me.mail_folders.by_mail_folder_id(folder).messages, query=query)


def has_fields(message: Message, fields: Mapping[str, Any]) -> bool:
    """Whether the message has these JSON fields of a change."""
    now = {
        "isRead": message.is_read,
        "importance": message.importance,
        "inferenceClassification": message.inference_classification,
        "categories": message.categories,
    }
    return all(
        _has_flag(message, value) if name == "flag" else now.get(name) == value for name, value in fields.items()
    )


def _has_flag(message: Message, wanted: Mapping[str, Any]) -> bool:
    flag = message.flag or Flag()
    if flag.flag_status != wanted["flagStatus"]:
        return False
    if "dueDateTime" not in wanted:
        return True
    due = msgspec.convert(wanted["dueDateTime"], ZonedTime).moment
    there = flag.due_date_time.moment if flag.due_date_time else None
    # Exchange keeps the day, and may write it as midnight of another zone.
    return due is not None and there is not None and abs(there - due) < _LESS_THAN_A_DAY


def _open_errors(results: Sequence[MessageResult]) -> dict[MessageId, GraphError]:
    return {result.id: result.error for result in results if isinstance(result.error, GraphError) and result.is_open}


def _is_unchanged(settled: MessageResult | None) -> bool:
    return settled is None or isinstance(settled.error, GraphUnavailable)


def _copy_error(error: GraphError, *, is_there: bool) -> GraphError:
    if not is_there:
        return after_looking(error, "A look afterwards shows no copy in the folder.")
    step = "The folder holds a copy, of this call or of an earlier one: look there with mail_search first."
    return still_unknown(error, step)
