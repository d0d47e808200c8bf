"""The resources, which a client can attach to a conversation without a tool call."""

from __future__ import annotations

from outlook_mcp.resources.attachment import attachment
from outlook_mcp.resources.calendar import calendar_today, calendar_week
from outlook_mcp.resources.contact import contact
from outlook_mcp.resources.event import event
from outlook_mcp.resources.folders import folders
from outlook_mcp.resources.inbox import inbox
from outlook_mcp.resources.message import message
from outlook_mcp.resources.message_source import message_source
from outlook_mcp.resources.messages import messages
from outlook_mcp.resources.thread import thread
from outlook_mcp.server.declare import EmailResource

CATALOGUE: tuple[EmailResource, ...] = (
    inbox,
    messages,
    message,
    message_source,
    thread,
    attachment,
    folders,
    calendar_today,
    calendar_week,
    event,
    contact,
)
