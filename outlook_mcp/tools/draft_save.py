"""Write a draft."""

from typing import Annotated

from pydantic import Field

from outlook_mcp.graph.ids import Handle
from outlook_mcp.mail.answers import draft_answer
from outlook_mcp.mail.area import MAIL
from outlook_mcp.mail.drafts.attaching import AttachmentRef
from outlook_mcp.mail.drafts.content import DraftContent
from outlook_mcp.mail.drafts.writing import DraftKind
from outlook_mcp.mail.models import Importance
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox


@email_tool(toolset="mail-write", after_deadline=MAIL.look_first)
async def draft_save(
    call: Call,
    id: Annotated[Handle | None, Field(description="Draft to change")] = None,
    kind: DraftKind = "new",
    of: Annotated[Handle | None, Field(description="Message to answer or forward")] = None,
    to: Annotated[list[str] | None, Field(description="Added to those of a reply")] = None,
    cc: list[str] | None = None,
    bcc: list[str] | None = None,
    subject: str | None = None,
    body: Annotated[str | None, Field(description="Markdown; quoted mail is added")] = None,
    attach: Annotated[list[str] | None, Field(description="`id/n`: attachment n of message id")] = None,
    importance: Importance | None = None,
    account: str | None = None,
) -> str:
    """Save a draft, or change one. Sends nothing."""
    workspace = await callers_mailbox(call, account)
    content = DraftContent(
        to=to,
        cc=cc,
        bcc=bcc,
        subject=subject,
        body=body,
        importance=importance,
        attach=tuple(map(AttachmentRef.parse, attach or ())),
    )
    saved = await workspace.drafts.save_draft(content, draft=id, kind=kind, of=of)
    return draft_answer(answer_context(call, workspace), saved)
