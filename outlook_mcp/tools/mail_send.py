"""Send a draft."""

from typing import Annotated

from pydantic import Field

from outlook_mcp.graph.ids import Handle
from outlook_mcp.mail.area import MAIL
from outlook_mcp.mail.lazy import SendRequest, SentMessage, sent_answer, sent_fields
from outlook_mcp.server.answer import Answer, answered
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox, record_of


@email_tool(
    toolset="mail-send", destructive=True, open_world=True, after_deadline=MAIL.look_for_sent, fields=sent_fields
)
async def mail_send(
    call: Call,
    draft: Handle,
    to: Annotated[list[str] | None, Field(description="All recipients")] = None,
    check: str | None = None,
    at: str | None = None,
    undo_s: int | None = None,
    account: str | None = None,
) -> Answer:
    """Send a draft the user agreed to; draft_save shows to and check."""
    workspace = await callers_mailbox(call, account)
    session = (await call.request_context.lifespan_context.services.caller.context()).session.id
    request = SendRequest(to=to, check=check, at=at, undo_s=undo_s, session=session)
    sent = await workspace.drafts.carry_out(draft, request)
    if isinstance(sent, SentMessage):
        record_of(call).sent(sent.recipients)
    return answered(sent_answer, answer_context(call, workspace), sent)
