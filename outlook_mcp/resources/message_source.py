"""The source of one message."""

from outlook_mcp.graph.ids import Handle
from outlook_mcp.server.declare import email_resource
from outlook_mcp.server.services import Call, callers_mailbox
from outlook_mcp.server.suggestions import accounts


@email_resource(
    "outlook://me/messages/{id}/source{?account}",
    toolset="mail-read",
    suggestions={"account": accounts},
    mime_type="message/rfc822",
)
async def message_source(call: Call, id: str, account: str = "") -> bytes:
    """One message as a file in MIME form (.eml)."""
    workspace = await callers_mailbox(call, account or None)
    return await workspace.exports.read_source(Handle(id))
