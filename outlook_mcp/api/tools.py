"""For tools of your own, which a server offers beside ours when the setting `own_tools` names them.

A tool is an async function with a docstring, which the model reads, and `email_tool` above it. It is offered by an
entry point of the group `outlook_mcp.tools`. Its calls pass what those of ours pass: sign-in, the scope of its toolset,
deadline, audit record.

    @email_tool(toolset="mail-read", reads_only=True)
    async def mail_count(call: Call, folder: str = "inbox", account: str | None = None) -> str:
        \"\"\"Count the unread messages of a folder.\"\"\"
        mailbox = await callers_mailbox(call, account)
        return str((await mailbox.folders.find_folder(folder)).unread_item_count)

Of a mailbox these parts are kept: `search.search_messages(MailQuery(...))`, `folders.find_folder(name)` and
`folders.folder_tree()`, with the properties that Microsoft Graph documents for messages and folders, in snake case.
Text of senders goes into an answer through `framed`. An OutlookError that is raised becomes an answer with its next
step; what else goes wrong is told to the model without details, and stands in the log. A function that waits without
`await` holds up every other call of the server.
"""

from __future__ import annotations

from outlook_mcp.answers.frame import framed
from outlook_mcp.errors import InvalidInput, OutlookError
from outlook_mcp.mail.models import Folder, Message
from outlook_mcp.mail.search.mail_query import MailQuery
from outlook_mcp.server.declare import EmailTool, email_tool
from outlook_mcp.server.services import Call, callers_mailbox

__all__ = [
    "Call",
    "EmailTool",
    "Folder",
    "InvalidInput",
    "MailQuery",
    "Message",
    "OutlookError",
    "callers_mailbox",
    "email_tool",
    "framed",
]
