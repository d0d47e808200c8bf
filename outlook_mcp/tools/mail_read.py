"""Read messages."""

from typing import Annotated

from pydantic import Field

from outlook_mcp.graph.ids import Handle
from outlook_mcp.mail.choices import ReadView
from outlook_mcp.mail.lazy import messages_answer, messages_fields
from outlook_mcp.server.answer import Answer, answered
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, mailbox_with_calendar


@email_tool(toolset="mail-read", reads_only=True, fields=messages_fields)
async def mail_read(
    call: Call,
    ids: Annotated[list[Handle], Field(min_length=1, max_length=20)],
    view: Annotated[ReadView, Field(description="new leaves out quoted mail")] = "new",
    thread: Annotated[bool, Field(description="The whole conversation")] = False,
    offset: Annotated[int, Field(ge=0)] = 0,
    account: str | None = None,
) -> Answer:
    """Read messages; they stay unread."""
    workspace = await mailbox_with_calendar(call, account)
    found = await workspace.messages.read_messages(ids, view=view, whole_conversation=thread, offset=offset)
    return answered(messages_answer, answer_context(call, workspace), found, offset)
