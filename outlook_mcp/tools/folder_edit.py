"""Create, rename, move, delete and empty folders."""

from outlook_mcp.mail.area import MAIL
from outlook_mcp.mail.choices import FolderAction
from outlook_mcp.mail.lazy import edited_folder_answer, edited_folder_fields
from outlook_mcp.server.answer import Answer, answered
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox


@email_tool(toolset="mail-organize", destructive=True, after_deadline=MAIL.look_first, fields=edited_folder_fields)
async def folder_edit(
    call: Call,
    action: FolderAction,
    folder: str,
    to: str | None = None,
    confirm: str | None = None,
    account: str | None = None,
) -> Answer:
    """Change a folder; nothing is erased."""
    workspace = await callers_mailbox(call, account)
    edited = await workspace.folder_edits.edit_folder(action, folder, to=to, confirm=confirm)
    return answered(edited_folder_answer, answer_context(call, workspace), edited)
