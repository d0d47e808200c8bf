"""The folder tree."""

from outlook_mcp.mail.answers import folders_answer
from outlook_mcp.mail.folders import WELL_KNOWN
from outlook_mcp.server.declare import ListedAddress, email_resource
from outlook_mcp.server.services import Call, callers_mailbox


@email_resource(
    "outlook://me/folders{?under}",
    toolset="mail-read",
    listed=[
        ListedAddress("outlook://me/folders", "Folders", "The folders of the mailbox with unread and total counts")
    ],
    suggestions={"under": WELL_KNOWN},
)
async def folders(call: Call, under: str | None = None) -> str:
    """Folders with counts."""
    workspace = await callers_mailbox(call)
    return folders_answer(await workspace.folders.folder_tree(under))
