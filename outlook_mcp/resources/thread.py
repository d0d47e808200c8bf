"""A whole conversation."""

from dataclasses import replace

from outlook_mcp.graph.ids import Handle
from outlook_mcp.mail.lazy import messages_answer
from outlook_mcp.server.declare import email_resource
from outlook_mcp.server.services import Call, answer_context, mailbox_with_calendar
from outlook_mcp.server.suggestions import accounts


@email_resource("outlook://me/threads/{id}{?account}", toolset="mail-read", suggestions={"account": accounts})
async def thread(call: Call, id: str, account: str = "") -> str:
    """The conversation of a message, oldest first, each one without what the earlier ones say."""
    workspace = await mailbox_with_calendar(call, account or None)
    found = await workspace.messages.read_messages([Handle(id)], view="new", whole_conversation=True)
    # A resource takes no offset, so the rest of a long conversation is read with the tool.
    return messages_answer(replace(answer_context(call, workspace), read_on_with="mail_read, thread=true"), found)
