"""Mail whose only files are inline, such as a PDF that a phone put there: Exchange says it has no attachments."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from outlook_mcp.errors import GraphError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.models import Page
from outlook_mcp.mail.files import type_of
from outlook_mcp.mail.models import ATTACHMENT, Attachment, Message

# As many as travel in one batch.
MOST_LOOKED_AT = 20
NOT_COUNTED = "Exchange does not count files that stand in the text, so mail with no others may be missing."


async def with_inline_files(graph: GraphClient, messages: Sequence[Message]) -> list[Message]:
    """Those of at most 20 messages without attachments in whose text a file stands that is no picture.

    `has_attachments` is set for them. What cannot be asked counts as none.
    """
    me = graph.me.messages
    requests = [
        graph.request(me.by_message_id(message.id).attachments, query={"$select": ATTACHMENT}) for message in messages
    ]
    if not requests:
        return []
    try:
        answers = await graph.answers_to(requests)
        return [
            msgspec.structs.replace(message, has_attachments=True)
            for message, answer in zip(messages, answers, strict=True)
            if answer.is_success and any(map(_is_file, answer.decode(Page[Attachment]).value))
        ]
    except GraphError:
        return []


def _is_file(attachment: Attachment) -> bool:
    return not type_of(attachment).startswith("image/")
