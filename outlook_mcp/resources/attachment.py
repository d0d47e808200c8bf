"""The bytes of one attachment."""

import re

from outlook_mcp.graph.ids import Handle
from outlook_mcp.server.declare import email_resource
from outlook_mcp.server.services import Call, callers_mailbox, record_of
from outlook_mcp.server.suggestions import accounts

_MOST_BYTES = 10 * 2**20
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,100}")
_UNKNOWN = "application/octet-stream"


@email_resource(
    "outlook://me/messages/{id}/attachments/{+n}{?account}",
    toolset="mail-read",
    suggestions={"account": accounts},
    mime_type=_UNKNOWN,
)
async def attachment(call: Call, id: str, n: str, account: str = "") -> bytes:
    """An attachment as a file, up to 10 MB; 2/1 is file 1 inside attachment 2."""
    workspace = await callers_mailbox(call, account or None)
    content = bytearray()
    async with workspace.attachments.open_download(Handle(id), n, limit=_MOST_BYTES) as download:
        async for chunk in download.chunks:
            content += chunk
    named = (download.attachment.content_type or "").partition(";")[0].strip().lower()
    kind = "message/rfc822" if download.attachment.kind == "item" else named
    # The type is a sender's word, and stands in the answer as if it were ours.
    record_of(call).media_type = kind if _MEDIA_TYPE.fullmatch(kind) else _UNKNOWN
    return bytes(content)
