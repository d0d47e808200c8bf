"""List folders."""

from outlook_mcp.answers.mailboxes import about_text
from outlook_mcp.mail.lazy import folders_answer, folders_fields
from outlook_mcp.server.answer import Answer
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, about_mailbox, callers_mailbox


@email_tool(toolset="mail-read", reads_only=True, fields=folders_fields)
async def mail_folders(call: Call, under: str | None = None, account: str | None = None) -> Answer:
    """List folders with unread and total counts."""
    workspace = await callers_mailbox(call, account)
    tree = await workspace.folders.folder_tree(under)
    about = None if under else await about_mailbox(call, workspace)
    return Answer("\n".join([*([about_text(about)] if about else []), folders_answer(tree)]), (tree, about))
