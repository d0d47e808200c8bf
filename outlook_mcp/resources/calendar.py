"""The events of today and of the week."""

from dataclasses import replace

from outlook_mcp.calendar.lazy import events_answer
from outlook_mcp.server.declare import ListedAddress, email_resource
from outlook_mcp.server.services import Call, answer_context, callers_mailbox
from outlook_mcp.server.suggestions import accounts


@email_resource(
    "outlook://me/calendar/today{?account}",
    toolset="calendar-read",
    listed=[ListedAddress("outlook://me/calendar/today", "Today", "The events of today")],
    suggestions={"account": accounts},
)
async def calendar_today(call: Call, account: str = "") -> str:
    """The events of today, one a line."""
    return await _events_from_today(call, account, "today")


@email_resource(
    "outlook://me/calendar/week{?account}",
    toolset="calendar-read",
    listed=[ListedAddress("outlook://me/calendar/week", "The next seven days", "The events of seven days from today")],
    suggestions={"account": accounts},
)
async def calendar_week(call: Call, account: str = "") -> str:
    """The events of seven days from today, one a line."""
    return await _events_from_today(call, account, "+7d")


async def _events_from_today(call: Call, account: str, end: str) -> str:
    workspace = await callers_mailbox(call, account or None)
    calendar = workspace.calendar()
    found = await calendar.list_events("today", end)
    return events_answer(replace(answer_context(call, workspace), handles=workspace.event_ids), found)
