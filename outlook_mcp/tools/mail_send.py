"""Send a draft."""

from outlook_mcp.mail.answers import sent_answer
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox, record_of


@email_tool(toolset="mail-send", destructive=True, open_world=True)
async def mail_send(call: Call, draft: str, account: str | None = None) -> str:
    """Send a draft saved with draft_save, once the user agreed to it."""
    mailbox = await callers_mailbox(call, account)
    outcome = await mailbox.drafts.send(mailbox.handles.full(draft))
    record_of(call).sent(recipient.email_address.address or "" for recipient in outcome.message.recipients)
    return sent_answer(answer_context(call, mailbox), outcome.message)
