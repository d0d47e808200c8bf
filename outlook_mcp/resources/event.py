"""One event."""

from dataclasses import replace

from outlook_mcp.calendar.lazy import read_events_answer
from outlook_mcp.server.declare import email_resource
from outlook_mcp.server.services import Call, answer_context, callers_mailbox
from outlook_mcp.server.suggestions import accounts


@email_resource(
    "outlook://me/calendar/events/{id}{?account}", toolset="calendar-read", suggestions={"account": accounts}
)
async def event(call: Call, id: str, account: str = "") -> str:
    """One event as text, also by the id of an invitation."""
    workspace = await callers_mailbox(call, account or None)
    context = replace(answer_context(call, workspace), handles=workspace.event_ids, read_on_with="event_read")
    calendar = workspace.calendar()
    return read_events_answer(context, await calendar.read_events([id]))
