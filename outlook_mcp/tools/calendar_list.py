"""List events."""

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from outlook_mcp.calendar.lazy import events_answer, events_fields
from outlook_mcp.server.answer import Answer, answered
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox, permitted_sources


@email_tool(toolset="calendar-read", reads_only=True, fields=events_fields)
async def calendar_list(
    call: Call,
    start: Annotated[str | None, Field(description="ISO date or time, today, +3d")] = None,
    end: Annotated[str | None, Field(description="Default +7d")] = None,
    text: str | None = None,
    calendar: Annotated[str | None, Field(description="Name, address or `all`")] = None,
    free_minutes: Annotated[int | None, Field(ge=5)] = None,
    account: str | None = None,
) -> Answer:
    """List events."""
    workspace = await callers_mailbox(call, account)
    events = workspace.calendar(await permitted_sources(call))
    found = await events.list_events(start or "today", end, text=text, calendar=calendar, free_minutes=free_minutes)
    return answered(events_answer, replace(answer_context(call, workspace), handles=workspace.event_ids), found)
