"""Find a time for several people."""

from typing import Annotated

from pydantic import Field

from outlook_mcp.calendar.lazy import free_times_answer, free_times_fields
from outlook_mcp.server.answer import Answer, answered
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox, permitted_sources


@email_tool(toolset="calendar-read", reads_only=True, fields=free_times_fields)
async def find_time(
    call: Call,
    people: list[str],
    minutes: Annotated[int, Field(ge=5)] = 30,
    start: str | None = None,
    end: str | None = None,
    account: str | None = None,
) -> Answer:
    """Find free times."""
    workspace = await callers_mailbox(call, account)
    calendar = workspace.calendar(await permitted_sources(call))
    found = await calendar.find_times(people, minutes, start or "today", end)
    return answered(free_times_answer, answer_context(call, workspace), found)
