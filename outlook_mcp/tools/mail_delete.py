"""Delete messages."""

from typing import Annotated, Any

from pydantic import Field

from outlook_mcp.graph.ids import Handle
from outlook_mcp.mail.area import MAIL
from outlook_mcp.mail.lazy import deleted_answer, deleted_fields
from outlook_mcp.server.answer import Answer, answered
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox
from outlook_mcp.server.targets import progress_of, targets_of


@email_tool(
    toolset="mail-write", destructive=True, idempotent=True, after_deadline=MAIL.look_first, fields=deleted_fields
)
async def mail_delete(
    call: Call,
    ids: Annotated[list[Handle] | None, Field(max_length=1000)] = None,
    where: dict[str, Any] | None = None,
    confirm: str | None = None,
    permanent: Annotated[bool, Field(description="Cannot be undone")] = False,
    account: str | None = None,
) -> Answer:
    """Move messages to Deleted Items."""
    targets = targets_of("mail_delete", ids, where, confirm)
    workspace = await callers_mailbox(call, account)
    observer = progress_of(call, workspace)
    deleted = await workspace.messages.delete_or_choose(targets, permanent=permanent, observer=observer)
    return answered(deleted_answer, answer_context(call, workspace), deleted)
