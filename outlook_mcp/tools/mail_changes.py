"""Tell what changed in a folder."""

from outlook_mcp.mail.answers import changes_answer
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox


@email_tool(toolset="mail-sync", reads_only=True)
async def mail_changes(
    call: Call, since: str | None = None, folder: str | None = None, account: str | None = None
) -> str:
    """What changed since a cursor."""
    workspace = await callers_mailbox(call, account)
    return changes_answer(answer_context(call, workspace), await workspace.changes.changes_since(since, folder))
