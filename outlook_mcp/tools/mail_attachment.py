"""Read one attachment."""

from typing import Annotated

from pydantic import Field

from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox
from outlook_mcp.workspace.reading import read_attachment


@email_tool(toolset="mail-read", reads_only=True)
async def mail_attachment(
    call: Call,
    id: str,
    n: Annotated[int, Field(ge=1, description="Number in mail_read's list")],
    offset: Annotated[int, Field(ge=0)] = 0,
    account: str | None = None,
) -> str:
    """Read a text attachment, or what is known of another."""
    mailbox = await callers_mailbox(call, account)
    return await read_attachment(mailbox, answer_context(call, mailbox), id, n, offset=offset)
