"""The source of one message."""

from outlook_mcp.graph.ids import Handle
from outlook_mcp.server.declare import email_resource
from outlook_mcp.server.services import Call, callers_mailbox


@email_resource("outlook://me/messages/{id}/source", toolset="mail-read", mime_type="message/rfc822")
async def message_source(call: Call, id: str) -> bytes:
    """One message as a file in MIME form (.eml)."""
    workspace = await callers_mailbox(call)
    return await workspace.exports.read_source(Handle(id))
