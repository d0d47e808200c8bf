"""Unsubscribe from a mailing list."""

from outlook_mcp.graph.ids import Handle
from outlook_mcp.mail.area import MAIL
from outlook_mcp.mail.lazy import Unsubscription, unsubscription_answer, unsubscription_fields
from outlook_mcp.server.answer import Answer, answered
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox, record_of


@email_tool(
    toolset="mail-unsubscribe",
    destructive=True,
    open_world=True,
    after_deadline=MAIL.look_for_sent,
    fields=unsubscription_fields,
)
async def unsubscribe(call: Call, id: Handle, confirm: str | None = None, account: str | None = None) -> Answer:
    """Leave a mailing list."""
    workspace = await callers_mailbox(call, account)
    done = await workspace.unsubscriber.unsubscribe(id, confirm)
    if isinstance(done, Unsubscription):
        record_of(call).unsubscribed(done.host, done.sent.recipients if done.sent else ())
    return answered(unsubscription_answer, answer_context(call, workspace), done)
