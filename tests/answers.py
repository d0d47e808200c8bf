"""What the model reads of an answer."""

from __future__ import annotations

from collections.abc import Sequence

from mcp.types import CallToolResult, TextContent

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.mail.answers.place import NO_PLACES, Places
from outlook_mcp.mail.answers.reading import messages_answer
from outlook_mcp.mail.choices import ReadView
from outlook_mcp.mail.reading import ReadItem, ReadMessages


def text_of(answer: CallToolResult) -> str:
    return "\n".join(block.text for block in answer.content if isinstance(block, TextContent))


def read_answer(
    context: AnswerContext,
    items: Sequence[ReadItem],
    offset: int = 0,
    *,
    view: ReadView = "new",
    places: Places = NO_PLACES,
) -> str:
    """The answer to one who has read these messages."""
    return messages_answer(context, ReadMessages(view=view, items=items, places=places), offset)
