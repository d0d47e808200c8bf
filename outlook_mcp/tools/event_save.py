"""Create or change an event."""

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from outlook_mcp.calendar.graph_area import CALENDAR
from outlook_mcp.calendar.lazy import EventFields, saved_answer, saved_fields, shown_as
from outlook_mcp.server.answer import Answer, answered
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox, client_of, permitted_sources


@email_tool(toolset="calendar-write", after_deadline=CALENDAR.look_first, fields=saved_fields)
async def event_save(
    call: Call,
    id: Annotated[str | None, Field(description="Without @date: whole series")] = None,
    subject: str | None = None,
    start: Annotated[str | None, Field(description="Date alone: all day")] = None,
    end: str | None = None,
    zone: str | None = None,
    place: str | None = None,
    body: str | None = None,
    attendees: Annotated[list[str] | None, Field(description="`?`: optional")] = None,
    repeat: Annotated[str | None, Field(description="RRULE or none")] = None,
    from_here: bool = False,
    online: bool | None = None,
    show_as: str | None = None,
    private: bool | None = None,
    calendar: str | None = None,
    reminder_minutes: int | None = None,
    account: str | None = None,
) -> Answer:
    """Create or change events. If others hear of it, only prepared for event_send."""
    workspace = await callers_mailbox(call, account)
    fields = EventFields(
        subject=subject,
        start=start,
        end=end,
        zone=zone,
        place=place,
        body=body,
        attendees=attendees,
        repeat=repeat,
        online=online,
        show_as=None if show_as is None else shown_as(show_as),
        private=private,
        reminder_minutes=reminder_minutes,
    )
    editor = workspace.event_editor(await client_of(call), await permitted_sources(call))
    saved = await editor.save_event(fields, id, from_here=from_here, calendar=calendar)
    return answered(saved_answer, replace(answer_context(call, workspace), handles=workspace.event_ids), saved)
