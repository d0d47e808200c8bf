"""Move or copy messages."""

from typing import Annotated

from pydantic import Field

from outlook_mcp.mail.answers import outcomes_answer
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox


@email_tool(toolset="mail-write")
async def mail_move(
    call: Call,
    ids: Annotated[list[str], Field(min_length=1, max_length=100)],
    folder: Annotated[str, Field(description="Name or path")],
    copy: bool = False,
    account: str | None = None,
) -> str:
    """Move messages to a folder."""
    mailbox = await callers_mailbox(call, account)
    target = await mailbox.folders.resolve(folder)
    full_ids = [mailbox.handles.full(one) for one in ids]
    transfer = mailbox.messages.copy if copy else mailbox.messages.move
    results = await transfer(full_ids, target.id)
    done = f"{'Copied' if copy else 'Moved'} to {target.path or target.name}"
    return outcomes_answer(answer_context(call, mailbox), results, done, new_id="copy" if copy else "now")
