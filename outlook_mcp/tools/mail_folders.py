"""List folders."""

from outlook_mcp.mail.answers import folders_answer
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, about_mailbox, callers_mailbox


@email_tool(toolset="mail-read", reads_only=True)
async def mail_folders(call: Call, under: str | None = None, account: str | None = None) -> str:
    """List folders with unread and total counts."""
    workspace = await callers_mailbox(call, account)
    folders = folders_answer(await workspace.folders.folder_tree(under))
    return folders if under else f"{await about_mailbox(call, workspace)}\n{folders}"
