"""Messages as files: one as it came (.eml), several in one (.mbox)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from outlook_mcp.errors import GraphError, InvalidInput, NotFound
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.handles import Handles
from outlook_mcp.graph.ids import Handle, MessageId, checked_id
from outlook_mcp.mail.lost_answers import MessageResult
from outlook_mcp.mail.message_requests import MessageRequests
from outlook_mcp.mail.models import Message
from outlook_mcp.mail.saved_files import NewFile, SavedFile, new_file
from outlook_mcp.mail.search.mail_query import MailQuery
from outlook_mcp.mail.search.search import MailSearch
from outlook_mcp.mail.sources import MOST_BYTES
from outlook_mcp.mail.sync.mbox import MboxMessage, separator
from outlook_mcp.net.clock import utc_now

MOST_MESSAGES = 1000
_PAGE = 100
_MOST_IN_MEMORY = 25 * 2**20
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
# Is told how many messages were written and how many there are.
ExportProgress = Callable[[int, int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Exported:
    """`file` is None where no folder is allowed: then `ids` can be read as resources.

    `failed` are not in the file. `is_complete` is False when the search found more than were taken.
    """

    ids: Sequence[MessageId]
    file: SavedFile | None = None
    failed: Sequence[MessageResult] = ()
    is_complete: bool = True


@dataclass(frozen=True, slots=True)
class MailExport:
    """Writes messages of one mailbox into the first of `folders`; memory holds one piece of one message at a time."""

    graph: GraphClient
    messages: MessageRequests
    search: MailSearch
    handles: Handles
    folders: Sequence[Path]
    on_progress: ExportProgress | None = None

    async def export_messages(self, chosen: Sequence[Handle] | MailQuery, name: str | None = None) -> Exported:
        """The messages with these ids, or those that a search finds, at most 1,000, the oldest first.

        A file that cannot be finished is deleted. Raises InvalidInput when there is nothing to write, and the error of
        Graph when no message can be read.
        """
        if isinstance(chosen, MailQuery):
            ids, is_complete = await self._found(chosen)
        else:
            ids, is_complete = self.handles.full_ids(dict.fromkeys(chosen)), True
        if not ids:
            raise InvalidInput("There is no message to export.", next_step="Look with mail_search what there is.")
        if not self.folders:
            failed = [] if isinstance(chosen, MailQuery) else await self._missing(ids)
            return Exported(_done(ids, failed), failed=failed, is_complete=is_complete)
        one = len(ids) == 1 and not isinstance(chosen, MailQuery)
        ending = ".eml" if one else ".mbox"
        async with new_file(self.folders, f"{name or f'mail {utc_now():%Y-%m-%d %H%M}'}{ending}") as file:
            failed = [] if one else await self._write_all(ids, file)
            if one:
                await self._write_source(ids[0], file)
            done = _done(ids, failed)
        return Exported(done, file.saved, failed, is_complete)

    async def read_source(self, message: Handle) -> bytes:
        """A message as it came. AnswerUnreadable above 25 MB; larger ones can be saved as files."""
        builder = self.graph.me.messages.by_message_id(checked_id(self.handles.full(message)))
        return await self.graph.bytes_of(self.graph.value_request(builder), limit=_MOST_IN_MEMORY)

    async def _found(self, query: MailQuery) -> tuple[list[MessageId], bool]:
        query = replace(query, limit=_PAGE)
        ids: dict[MessageId, None] = {}
        cursor, is_complete = None, False
        while len(ids) < MOST_MESSAGES:
            found = await self.search.search_messages(query, cursor)
            ids.update((message.id, None) for message in found.messages)
            cursor, is_complete = found.cursor, found.is_complete
            if cursor is None:
                break
        newest_first = list(ids)[:MOST_MESSAGES]
        return newest_first if query.oldest_first else newest_first[::-1], is_complete and len(ids) <= MOST_MESSAGES

    async def _write_all(self, ids: Sequence[MessageId], file: NewFile) -> list[MessageResult]:
        failed: list[MessageResult] = []
        seen = 0
        for start in range(0, len(ids), _PAGE):
            for result in await self.messages.fetch_messages(ids[start : start + _PAGE], "summary"):
                if result.message is None:
                    failed.append(result)
                else:
                    failed += await self._write_one(result.message, file)
                seen += 1
                if self.on_progress is not None:
                    await self.on_progress(seen, len(ids))
        return failed

    async def _missing(self, ids: Sequence[MessageId]) -> list[MessageResult]:
        """The messages that cannot be read: links to them would lead nowhere."""
        pages = [ids[start : start + _PAGE] for start in range(0, len(ids), _PAGE)]
        found = [result for page in pages for result in await self.messages.fetch_messages(page, "summary")]
        return [result for result in found if result.message is None]

    async def _write_one(self, message: Message, file: NewFile) -> list[MessageResult]:
        """The message if it cannot be read, else none. What was written of it before it broke off stays."""
        quoted, size_before = MboxMessage(), file.size
        failed: list[MessageResult] = []
        try:
            async with self._source(message.id) as pieces:
                await file.write_piece(separator(message.author.address or "", message.moment or _NO_TIME))
                async for piece in pieces:
                    await file.write_piece(quoted.quoted_piece(piece))
        except GraphError as error:
            failed.append(MessageResult(message.id, error=error))
        if file.size > size_before:
            await file.write_piece(quoted.quoted_end())
        return failed

    async def _write_source(self, message_id: MessageId, file: NewFile) -> None:
        async with self._source(message_id) as pieces:
            async for piece in pieces:
                await file.write_piece(piece)

    def _source(self, message_id: MessageId) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        builder = self.graph.me.messages.by_message_id(checked_id(message_id))
        return self.graph.stream_of(self.graph.value_request(builder), limit=MOST_BYTES)


def _done(ids: Sequence[MessageId], failed: Sequence[MessageResult]) -> list[MessageId]:
    """The messages that did not fail. Raises the error of the first where all did."""
    if len(failed) == len(ids):
        raise failed[0].error or NotFound("There is no such message.")
    of_failed = {result.id for result in failed}
    return [message_id for message_id in ids if message_id not in of_failed]
