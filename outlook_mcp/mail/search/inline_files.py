"""Mail whose only files are inline, such as a PDF that a phone put there: Exchange says it has no attachments."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from outlook_mcp.errors import GraphError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.models import Page
from outlook_mcp.mail.models import ATTACHMENT, Attachment, Message

# As many as travel in one batch.
MOST_LOOKED_AT = 20
NOT_COUNTED = "Exchange does not count files that stand in the text, so mail with no others may be missing."


async def with_inline_files(graph: GraphClient, messages: Sequence[Message]) -> list[Message]:
    """The messages, the first 20 that have no attachments as Exchange counts them with their inline ones.

    What cannot be asked counts as none.
    """
    me = graph.me.messages
    doubtful = [message for message in messages if not message.has_files][:MOST_LOOKED_AT]
    requests = [
        graph.request(me.by_message_id(message.id).attachments, query={"$select": ATTACHMENT}) for message in doubtful
    ]
    if not requests:
        return list(messages)
    try:
        answers = await graph.answers_to(requests)
        found = {
            message.id: msgspec.structs.replace(message, attachments=answer.decode(Page[Attachment]).value)
            for message, answer in zip(doubtful, answers, strict=True)
            if answer.is_success
        }
    except GraphError:
        return list(messages)
    return [found.get(message.id, message) for message in messages]
