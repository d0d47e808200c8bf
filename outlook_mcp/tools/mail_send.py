"""Send a draft."""

from typing import Annotated

from pydantic import Field

from outlook_mcp.graph.ids import Handle
from outlook_mcp.mail.answers import sent_answer
from outlook_mcp.mail.area import MAIL
from outlook_mcp.mail.drafts.sending import SentMessage
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox, record_of


@email_tool(toolset="mail-send", destructive=True, open_world=True, after_deadline=MAIL.look_for_sent)
async def mail_send(
    call: Call,
    draft: Handle,
    to: Annotated[list[str] | None, Field(description="All recipients")] = None,
    check: str | None = None,
    account: str | None = None,
) -> str:
    """Send a draft the user agreed to; draft_save shows to and check."""
    workspace = await callers_mailbox(call, account)
    sent = await workspace.drafts.send_draft(draft, to, check)
    if isinstance(sent, SentMessage):
        record_of(call).sent(sent.recipients)
    return sent_answer(answer_context(call, workspace), sent)
