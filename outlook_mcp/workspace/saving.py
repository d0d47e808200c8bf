"""Saves a draft and shows it as its readers will see it."""

from __future__ import annotations

from outlook_mcp.errors import InvalidInput
from outlook_mcp.mail.answers import AnswerContext, draft_answer
from outlook_mcp.mail.drafts.attaching import AttachmentRef
from outlook_mcp.mail.drafts.drafts import DraftContent, DraftKind
from outlook_mcp.text.html import convert
from outlook_mcp.workspace.workspace import EmailWorkspace


async def save_draft(
    mailbox: EmailWorkspace,
    context: AnswerContext,
    content: DraftContent,
    *,
    id: str | None = None,
    kind: DraftKind = "new",
    of: str | None = None,
) -> str:
    """Saves it and answers with recipients, text and attachments as they are now. Sends nothing."""
    saved = await mailbox.drafts.save(
        content,
        id=mailbox.handles.full(id) if id else None,
        kind=kind,
        of=mailbox.handles.full(of) if of else None,
    )
    body = saved.message.body
    text = await convert((body.content if body else None) or "", drop_quotes=True)
    attachments = await mailbox.attachments.list(saved.message.id) if saved.message.has_attachments else ()
    return draft_answer(context, saved.message, text, attachments)


def attachment_reference(mailbox: EmailWorkspace, written: str) -> AttachmentRef:
    """`id/n` as a reference into this mailbox. Raises InvalidInput."""
    message, slash, number = written.rpartition("/")
    if not slash or not message or not number.isascii() or not number.isdecimal() or int(number) < 1:
        raise InvalidInput(
            f"{written[:80]!r} is no attachment.", next_step="Write `id/n`: attachment n of message id, such as 4711/1."
        )
    return AttachmentRef(mailbox.handles.full(message), int(number))
