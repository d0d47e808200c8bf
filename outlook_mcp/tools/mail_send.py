"""Send a draft."""

from outlook_mcp.graph.ids import Handle
from outlook_mcp.mail.answers import sent_answer
from outlook_mcp.mail.area import MAIL
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox, record_of


@email_tool(toolset="mail-send", destructive=True, open_world=True, after_deadline=MAIL.look_for_sent)
async def mail_send(call: Call, draft: Handle, account: str | None = None) -> str:
    """Send a draft saved with draft_save, once the user agreed to it."""
    workspace = await callers_mailbox(call, account)
    sent = await workspace.drafts.send_draft(draft)
    record_of(call).sent(sent.recipients)
    return sent_answer(answer_context(call, workspace), sent)
