"""Move or copy messages."""

from typing import Annotated

from pydantic import Field

from outlook_mcp.graph.ids import Handle
from outlook_mcp.mail.answers import moved_answer
from outlook_mcp.mail.area import MAIL
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox


@email_tool(toolset="mail-write", after_deadline=MAIL.look_first)
async def mail_move(
    call: Call,
    ids: Annotated[list[Handle], Field(min_length=1, max_length=100)],
    folder: Annotated[str, Field(description="Name or path")],
    copy: bool = False,
    account: str | None = None,
) -> str:
    """Move messages to a folder."""
    workspace = await callers_mailbox(call, account)
    moved = await workspace.messages.move_messages(ids, folder, copy=copy)
    return moved_answer(answer_context(call, workspace), moved)
