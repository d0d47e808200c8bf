"""What is shown of an attachment."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.graph.ids import MessageId
from outlook_mcp.mail.lazy import attachment_answer
from outlook_mcp.workspace.workspace import EmailWorkspace


async def shown(mailbox: EmailWorkspace, message: MessageId, number: int | str) -> str:
    """The answer about an attachment, without its frame."""
    context = AnswerContext(mailbox.handles, UTC, datetime.now(UTC))
    answer = attachment_answer(context, await mailbox.attachments.read_attachment(message, str(number)))
    return re.sub(r"^<data.*\n|\n</data\d+>.*", "", answer)
