"""Move or copy messages."""

from typing import Annotated, Any

from pydantic import Field

from outlook_mcp.graph.ids import Handle
from outlook_mcp.mail.area import MAIL
from outlook_mcp.mail.lazy import moved_answer, moved_fields
from outlook_mcp.server.answer import Answer, answered
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox
from outlook_mcp.server.targets import progress_of, targets_of


@email_tool(toolset="mail-write", after_deadline=MAIL.look_first, fields=moved_fields)
async def mail_move(
    call: Call,
    folder: str,
    ids: Annotated[list[Handle] | None, Field(max_length=1000)] = None,
    where: dict[str, Any] | None = None,
    confirm: str | None = None,
    copy: bool = False,
    account: str | None = None,
) -> Answer:
    """Move messages."""
    targets = targets_of("mail_move", ids, where, confirm)
    workspace = await callers_mailbox(call, account)
    moved = await workspace.messages.move_or_choose(targets, folder, copy=copy, observer=progress_of(call, workspace))
    return answered(moved_answer, answer_context(call, workspace), moved)
