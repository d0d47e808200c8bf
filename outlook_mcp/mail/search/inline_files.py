"""Files of messages that a list does not tell: their names, and those that are inline.

Of mail whose only files are inline, such as a PDF that a phone put there, Exchange says that it has no attachments.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from outlook_mcp.errors import GraphError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import MessageId
from outlook_mcp.graph.models import Page
from outlook_mcp.mail.models import ATTACHMENT, Attachment, Message

# As many as travel in one batch.
MOST_LOOKED_AT = 20
NOT_COUNTED = "Exchange does not count files that stand in the text, so mail with no others may be missing."


async def with_inline_files(graph: GraphClient, messages: Sequence[Message]) -> list[Message]:
    """The messages, the first 20 that have no attachments as Exchange counts them with their inline ones.

    What cannot be asked counts as none.
    """
    doubtful = [message for message in messages if not message.has_files][:MOST_LOOKED_AT]
    try:
        found = await _with_attachments(graph, doubtful)
    except GraphError:
        return list(messages)
    return [found.get(message.id, message) for message in messages]


async def with_all_files(graph: GraphClient, messages: Sequence[Message]) -> list[Message]:
    """The messages with all their files, for names to be compared. Raises GraphError when they cannot be asked for."""
    found = await _with_attachments(graph, messages)
    return [found.get(message.id, message) for message in messages]


async def _with_attachments(graph: GraphClient, messages: Sequence[Message]) -> dict[MessageId, Message]:
    """The messages whose attachments could be read, with these."""
    me = graph.me.messages
    requests = [
        graph.request(me.by_message_id(message.id).attachments, query={"$select": ATTACHMENT}) for message in messages
    ]
    if not requests:
        return {}
    return {
        message.id: msgspec.structs.replace(message, attachments=answer.decode(Page[Attachment]).value)
        for message, answer in zip(messages, await graph.answers_to(requests), strict=True)
        if answer.is_success
    }
