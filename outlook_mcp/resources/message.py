"""One message."""

from dataclasses import replace

from outlook_mcp.server.declare import email_resource
from outlook_mcp.server.services import Call, answer_context, callers_mailbox
from outlook_mcp.workspace.reading import read


@email_resource("outlook://me/messages/{id}", toolset="mail-read")
async def message(call: Call, id: str) -> str:
    """One message as text."""
    mailbox = await callers_mailbox(call)
    # A resource takes no offset, so the rest of a long message is read with the tool.
    context = replace(answer_context(call, mailbox), read_on_with='mail_read, view="full"')
    return await read(mailbox, context, [id], view="full")
