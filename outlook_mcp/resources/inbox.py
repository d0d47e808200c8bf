"""The newest messages of the inbox."""

from outlook_mcp.mail.lazy import found_answer
from outlook_mcp.resources.messages import newest_page
from outlook_mcp.server.declare import ListedAddress, email_resource
from outlook_mcp.server.services import Call, answer_context, mailbox_with_calendar


@email_resource(
    "outlook://me/inbox{?unread}",
    toolset="mail-read",
    listed=[
        ListedAddress("outlook://me/inbox", "Inbox", "The newest messages of the inbox"),
        ListedAddress("outlook://me/inbox?unread=true", "Unread mail", "The newest unread messages of the inbox"),
    ],
    suggestions={"unread": ("true", "false")},
)
async def inbox(call: Call, unread: str = "") -> str:
    """The newest messages of the inbox, one a line. Listen to it to hear of new mail."""
    workspace = await mailbox_with_calendar(call)
    context, query = newest_page(answer_context(call, workspace), "inbox", unread)
    return found_answer(context, await workspace.search.search_messages(query))
