"""What the inbox of a mailbox holds, which shows that the mailbox answers."""

from __future__ import annotations

from outlook_mcp.config import Configuration
from outlook_mcp.errors import AccessDenied
from outlook_mcp.errors.counting import counted
from outlook_mcp.identity.scopes import BY_NAME, covers
from outlook_mcp.mail.area import MAIL
from outlook_mcp.workspace.workspace import EmailWorkspace


async def inbox_line(mailbox: EmailWorkspace, configuration: Configuration) -> str:
    """`Inbox holds 12 messages.`, or that mail may not be read and need not be.

    Raises AccessDenied when an offered tool reads mail, and any other OutlookError.
    """
    try:
        inbox = await mailbox.folders.find_folder("inbox")
    except AccessDenied:
        scopes = configuration.offered_scopes()
        if any(covers(BY_NAME[scope].graph, (MAIL.read_permission,)) for scope in scopes):
            raise
        return "mail may not be read, which no offered tool needs."
    return f"{inbox.name} holds {counted(inbox.total_item_count, 'message')}."
