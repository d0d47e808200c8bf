"""The MIME source of a message as it came, in parts."""

from __future__ import annotations

from dataclasses import dataclass

from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import MessageId, checked_id

_PART_BYTES = 20_000
# Exchange Online takes no larger messages.
MOST_BYTES = 150 * 2**20


@dataclass(frozen=True, slots=True)
class SourcePart:
    """`text` stands at the byte `start` of the source of a message; `following` is where the next part does, if any."""

    message_id: MessageId
    text: str
    start: int
    following: int | None


class MessageSources:
    """The sources of one mailbox's messages."""

    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def part_of(self, message_id: MessageId, offset: int) -> SourcePart:
        """The part from byte `offset` on. No more than this part is held, and nothing is read behind it.

        AnswerUnreadable for an offset beyond the largest message that Exchange takes.
        """
        request = self._graph.value_request(self._graph.me.messages.by_message_id(checked_id(message_id)))
        wanted, position, found = _PART_BYTES + 1, 0, bytearray()
        async with self._graph.stream_of(request, limit=MOST_BYTES) as body:
            async for piece in body:
                found += piece[max(0, offset - position) :]
                position += len(piece)
                if len(found) >= wanted:
                    break
        return _part(message_id, bytes(found[:wanted]), offset)


def _part(message_id: MessageId, raw: bytes, offset: int) -> SourcePart:
    """Ends at the end of a line where there is one, and is never longer as text than as many bytes of ASCII."""
    is_last = len(raw) <= _PART_BYTES
    part = raw[:_PART_BYTES]
    if not is_last:
        part = part[: part.rfind(b"\n", _PART_BYTES // 2) + 1 or _PART_BYTES]
    text = part.decode("utf-8", "replace")
    while len(text.encode()) > _PART_BYTES:
        # Bytes that are no UTF-8 become three bytes each.
        part, is_last = part[: len(part) // 2], False
        text = part.decode("utf-8", "replace")
    return SourcePart(message_id, text.replace("\r\n", "\n"), offset, None if is_last else offset + len(part))
