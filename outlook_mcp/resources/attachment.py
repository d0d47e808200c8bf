"""The bytes of one attachment."""

from outlook_mcp.graph.ids import Handle
from outlook_mcp.server.declare import email_resource
from outlook_mcp.server.links import MAIL_TYPE, MOST_BYTES, UNKNOWN_TYPE, media_type_of
from outlook_mcp.server.services import Call, callers_mailbox, record_of
from outlook_mcp.server.suggestions import accounts


@email_resource(
    "outlook://me/messages/{id}/attachments/{+n}{?account}",
    toolset="mail-read",
    suggestions={"account": accounts},
    mime_type=UNKNOWN_TYPE,
)
async def attachment(call: Call, id: str, n: str, account: str = "") -> bytes:
    """An attachment as a file, up to 10 MB; 2/1 is file 1 inside attachment 2."""
    workspace = await callers_mailbox(call, account or None)
    content = bytearray()
    async with workspace.attachments.open_download(Handle(id), n, limit=MOST_BYTES) as download:
        async for chunk in download.chunks:
            content += chunk
    is_item = download.attachment.kind == "item"
    record_of(call).media_type = MAIL_TYPE if is_item else media_type_of(download.attachment.content_type)
    return bytes(content)
