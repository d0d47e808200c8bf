"""Tell what changed in a folder."""

from outlook_mcp.mail.lazy import changes_answer, changes_fields
from outlook_mcp.server.answer import Answer, answered
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox


@email_tool(toolset="mail-sync", reads_only=True, fields=changes_fields)
async def mail_changes(
    call: Call, since: str | None = None, folder: str | None = None, account: str | None = None
) -> Answer:
    """What changed since a cursor."""
    workspace = await callers_mailbox(call, account)
    found = await workspace.changes.changes_since(since, folder)
    return answered(changes_answer, answer_context(call, workspace), found)
