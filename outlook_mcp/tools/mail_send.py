"""Send a draft."""

from contextlib import suppress

import anyio

from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.errors import AuditUnavailable, OutcomeUnknown
from outlook_mcp.mail.answers import sent_answer
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox
from outlook_mcp.workspace.workspace import EmailWorkspace


@email_tool(toolset="mail-send", destructive=True, open_world=True)
async def mail_send(call: Call, draft: str, account: str | None = None) -> str:
    """Send a draft saved with draft_save, once the user agreed to it."""
    mailbox = await callers_mailbox(call, account)
    try:
        outcome = await mailbox.drafts.send(mailbox.handles.full(draft))
    except OutcomeUnknown:
        await _put_on_record(call, mailbox, AuditTag.MAIL_SEND_UNKNOWN)
        raise
    await _put_on_record(call, mailbox, AuditTag.MAIL_SENT)
    return sent_answer(answer_context(mailbox), outcome.message)


async def _put_on_record(call: Call, mailbox: EmailWorkspace, tag: AuditTag) -> None:
    """What went out stays sent: a log that is lost meanwhile is told at the end of the call."""
    with suppress(AuditUnavailable), anyio.CancelScope(shield=True):
        await call.request_context.lifespan_context.audit.record(tag, mailbox.user, {"drafts": 1})
