"""Send a draft."""

from outlook_mcp.mail.answers import sent_answer
from outlook_mcp.tools.declare import email_tool
from outlook_mcp.tools.services import Call, answer_context, callers_mailbox


@email_tool(toolset="mail-send", destructive=True, open_world=True)
async def mail_send(call: Call, draft: str, account: str | None = None) -> str:
    """Send a draft saved with draft_save, once the user agreed to it."""
    mailbox = await callers_mailbox(call, account)
    outcome = await mailbox.drafts.send(mailbox.handles.full(draft))
    return sent_answer(answer_context(mailbox), outcome.message)
