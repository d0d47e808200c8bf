"""The folder tree."""

from outlook_mcp.mail.lazy import folders_answer
from outlook_mcp.server.declare import ListedAddress, email_resource
from outlook_mcp.server.services import Call, callers_mailbox
from outlook_mcp.server.suggestions import accounts, folder_names


@email_resource(
    "outlook://me/folders{?under,account}",
    toolset="mail-read",
    listed=[
        ListedAddress("outlook://me/folders", "Folders", "The folders of the mailbox with unread and total counts")
    ],
    suggestions={"under": folder_names, "account": accounts},
)
async def folders(call: Call, under: str | None = None, account: str = "") -> str:
    """Folders with counts."""
    workspace = await callers_mailbox(call, account or None)
    return folders_answer(await workspace.folders.folder_tree(under))
