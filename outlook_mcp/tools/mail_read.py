"""Read messages."""

from typing import Annotated

from pydantic import Field

from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox
from outlook_mcp.workspace.reading import ReadView, read


@email_tool(toolset="mail-read", reads_only=True)
async def mail_read(
    call: Call,
    ids: Annotated[list[str], Field(min_length=1, max_length=20)],
    view: Annotated[ReadView, Field(description="new leaves out quoted mail")] = "new",
    thread: Annotated[bool, Field(description="The whole conversation")] = False,
    offset: Annotated[int, Field(ge=0)] = 0,
    account: str | None = None,
) -> str:
    """Read messages as text. It does not mark them read."""
    mailbox = await callers_mailbox(call, account)
    return await read(mailbox, answer_context(call, mailbox), ids, view=view, thread=thread, offset=offset)
