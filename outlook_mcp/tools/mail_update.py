"""Mark messages."""

from typing import Annotated

from pydantic import Field

from outlook_mcp.graph.ids import Handle
from outlook_mcp.mail.answers import updated_answer
from outlook_mcp.mail.area import MAIL
from outlook_mcp.mail.messages import FlagName, MessageChange
from outlook_mcp.mail.models import Importance
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox


@email_tool(toolset="mail-write", idempotent=True, after_deadline=MAIL.look_first)
async def mail_update(
    call: Call,
    ids: Annotated[list[Handle], Field(min_length=1, max_length=100)],
    read: bool | None = None,
    flag: FlagName | None = None,
    add_categories: list[str] | None = None,
    remove_categories: Annotated[list[str] | None, Field(description="`*`: all")] = None,
    importance: Importance | None = None,
    focused: bool | None = None,
    account: str | None = None,
) -> str:
    """Mark messages: read, flag, categories, importance."""
    workspace = await callers_mailbox(call, account)
    change = MessageChange(
        read=read,
        flag=flag,
        add_categories=tuple(add_categories or ()),
        remove_categories=tuple(remove_categories or ()),
        importance=importance,
        focused=focused,
    )
    updated = await workspace.messages.update_messages(ids, change)
    return updated_answer(answer_context(call, workspace), updated)
