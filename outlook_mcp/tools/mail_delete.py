"""Delete messages."""

from typing import Annotated

from pydantic import Field

from outlook_mcp.graph.ids import Handle
from outlook_mcp.mail.answers import deleted_answer
from outlook_mcp.mail.area import MAIL
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox


@email_tool(toolset="mail-write", destructive=True, idempotent=True, after_deadline=MAIL.look_first)
async def mail_delete(
    call: Call,
    ids: Annotated[list[Handle], Field(min_length=1, max_length=100)],
    permanent: Annotated[bool, Field(description="Cannot be undone")] = False,
    account: str | None = None,
) -> str:
    """Move messages to Deleted Items."""
    workspace = await callers_mailbox(call, account)
    results = await workspace.messages.delete_messages(ids, permanent=permanent)
    return deleted_answer(answer_context(call, workspace), results, permanent=permanent)
