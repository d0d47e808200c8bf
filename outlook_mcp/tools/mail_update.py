"""Mark messages."""

from typing import Annotated, Any

from pydantic import Field

from outlook_mcp.graph.ids import Handle
from outlook_mcp.mail.area import MAIL
from outlook_mcp.mail.choices import FlagName, Importance
from outlook_mcp.mail.lazy import MessageChange, updated_answer, updated_fields
from outlook_mcp.server.answer import Answer, answered
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox
from outlook_mcp.server.targets import progress_of, targets_of


@email_tool(toolset="mail-write", idempotent=True, after_deadline=MAIL.look_first, fields=updated_fields)
async def mail_update(
    call: Call,
    ids: Annotated[list[Handle] | None, Field(max_length=1000)] = None,
    where: dict[str, Any] | None = None,
    confirm: str | None = None,
    read: bool | None = None,
    flag: FlagName | None = None,
    due: str | None = None,
    start: str | None = None,
    add_categories: list[str] | None = None,
    remove_categories: list[str] | None = None,
    importance: Importance | None = None,
    focused: bool | None = None,
    account: str | None = None,
) -> Answer:
    """Mark messages."""
    targets = targets_of("mail_update", ids, where, confirm)
    workspace = await callers_mailbox(call, account)
    change = MessageChange(
        read=read,
        flag=flag,
        start=start,
        due=due,
        add_categories=tuple(add_categories or ()),
        remove_categories=tuple(remove_categories or ()),
        importance=importance,
        focused=focused,
    )
    updated = await workspace.messages.update_or_choose(targets, change, progress_of(call, workspace))
    return answered(updated_answer, answer_context(call, workspace), updated)
