"""Read one attachment."""

from typing import Annotated

from pydantic import Field

from outlook_mcp.graph.ids import Handle
from outlook_mcp.mail.answers import attachment_answer
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox


@email_tool(toolset="mail-read", reads_only=True)
async def mail_attachment(
    call: Call,
    id: Handle,
    n: Annotated[str, Field(description="Number in mail_read's list; 2/1 is file 1 inside it")],
    offset: Annotated[int, Field(ge=0)] = 0,
    account: str | None = None,
) -> str:
    """Read an attachment as text."""
    workspace = await callers_mailbox(call, account)
    found = await workspace.attachments.read_attachment(id, n)
    return attachment_answer(answer_context(call, workspace), found, offset)
