"""Delete events."""

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from outlook_mcp.calendar.graph_area import CALENDAR
from outlook_mcp.calendar.lazy import deleted_answer, deleted_fields
from outlook_mcp.server.answer import Answer, answered
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox, client_of, permitted_sources


@email_tool(toolset="calendar-write", destructive=True, after_deadline=CALENDAR.look_first, fields=deleted_fields)
async def event_delete(
    call: Call,
    ids: Annotated[list[str], Field(min_length=1)],
    account: str | None = None,
) -> Answer:
    """Delete events; tells nobody."""
    workspace = await callers_mailbox(call, account)
    editor = workspace.event_editor(await client_of(call), await permitted_sources(call))
    deleted = await editor.delete_events(ids)
    return answered(deleted_answer, replace(answer_context(call, workspace), handles=workspace.event_ids), deleted)
