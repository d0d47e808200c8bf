"""Delete messages."""

from typing import Annotated

from pydantic import Field

from outlook_mcp.mail.answers import outcomes_answer
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox


@email_tool(toolset="mail-write", destructive=True, idempotent=True)
async def mail_delete(
    call: Call,
    ids: Annotated[list[str], Field(min_length=1, max_length=100)],
    permanent: Annotated[bool, Field(description="Cannot be undone")] = False,
    account: str | None = None,
) -> str:
    """Move messages to Deleted Items."""
    mailbox = await callers_mailbox(call, account)
    results = await mailbox.messages.delete([mailbox.handles.full(one) for one in ids], permanent=permanent)
    done = "Deleted for good" if permanent else "Moved to Deleted Items"
    return outcomes_answer(answer_context(call, mailbox), results, done)
