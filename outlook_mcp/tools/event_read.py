"""Read events."""

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from outlook_mcp.calendar.lazy import read_events_answer, read_events_fields
from outlook_mcp.server.answer import Answer, answered
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox


@email_tool(toolset="calendar-read", reads_only=True, fields=read_events_fields)
async def event_read(
    call: Call,
    ids: Annotated[list[str], Field(min_length=1, description="Events or invitations")],
    offset: Annotated[int | None, Field(ge=0)] = None,
    account: str | None = None,
) -> Answer:
    """Read events."""
    workspace = await callers_mailbox(call, account)
    calendar = workspace.calendar()
    found = await calendar.read_events(ids)
    context = replace(answer_context(call, workspace), handles=workspace.event_ids)
    return answered(read_events_answer, context, found, offset or 0)
