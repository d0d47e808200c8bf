"""Send what was prepared, answer invitations, and cancel meetings."""

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from outlook_mcp.calendar.graph_area import CALENDAR
from outlook_mcp.calendar.lazy import sent_event_answer, sent_event_fields
from outlook_mcp.server.answer import Answer, answered
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import (
    Call,
    answer_context,
    callers_mailbox,
    client_of,
    permitted_sources,
    record_of,
)


@email_tool(
    toolset="calendar-send",
    destructive=True,
    open_world=True,
    after_deadline=CALENDAR.look_for_sent,
    fields=sent_event_fields,
)
async def event_send(
    call: Call,
    id: Annotated[str, Field(description="Prepared change, event or mail")],
    action: Literal["send", "accept", "tentative", "decline", "cancel"],
    comment: str | None = None,
    proposed_start: str | None = None,
    account: str | None = None,
) -> Answer:
    """Send what was prepared, answer or cancel a meeting, once the user agreed."""
    workspace = await callers_mailbox(call, account)
    editor = workspace.event_editor(await client_of(call), await permitted_sources(call))
    sent = await editor.send(id, action, comment=comment or "", proposed_start=proposed_start)
    if sent.told:
        record_of(call).sent(sent.told)
    return answered(sent_event_answer, replace(answer_context(call, workspace), handles=workspace.event_ids), sent)
