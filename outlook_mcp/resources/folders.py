"""The folder tree."""

from outlook_mcp.mail.answers import folders_answer
from outlook_mcp.server.declare import email_resource
from outlook_mcp.server.services import Call, callers_mailbox


@email_resource("outlook://me/folders{?under}", toolset="mail-read")
async def folders(call: Call, under: str | None = None) -> str:
    """Folders with counts."""
    mailbox = await callers_mailbox(call)
    return folders_answer(await mailbox.folders.tree(under))
