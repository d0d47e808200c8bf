"""The folder tree."""

from outlook_mcp.mail.answers import folders_answer
from outlook_mcp.server.declare import email_resource
from outlook_mcp.server.services import Call, callers_mailbox


@email_resource("outlook://me/folders{?under}", toolset="mail-read")
async def folders(call: Call, under: str | None = None) -> str:
    """Folders with counts."""
    workspace = await callers_mailbox(call)
    return folders_answer(await workspace.folders.folder_tree(under))
