"""Write a draft."""

from typing import Annotated

from pydantic import Field

from outlook_mcp.mail.drafts.drafts import DraftContent, DraftKind
from outlook_mcp.mail.models import Importance
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox
from outlook_mcp.text.markdown import markdown_to_html
from outlook_mcp.workspace.saving import attachment_reference, save_draft


@email_tool(toolset="mail-write")
async def draft_save(
    call: Call,
    id: Annotated[str | None, Field(description="Draft to change")] = None,
    kind: DraftKind = "new",
    of: Annotated[str | None, Field(description="Message to answer or forward")] = None,
    to: Annotated[list[str] | None, Field(description="Addresses; a reply has its own")] = None,
    cc: list[str] | None = None,
    bcc: list[str] | None = None,
    subject: str | None = None,
    body: Annotated[str | None, Field(description="Markdown; quoted mail is added")] = None,
    attach: Annotated[list[str] | None, Field(description="`id/n`: attachment n of message id")] = None,
    importance: Importance | None = None,
    account: str | None = None,
) -> str:
    """Save a draft, or change one. Sends nothing."""
    mailbox = await callers_mailbox(call, account)
    content = DraftContent(
        to=tuple(to) if to is not None else None,
        cc=tuple(cc) if cc is not None else None,
        bcc=tuple(bcc) if bcc is not None else None,
        subject=subject,
        html=markdown_to_html(body) if body is not None else None,
        importance=importance,
        attach=tuple(attachment_reference(mailbox, one) for one in attach or ()),
    )
    return await save_draft(mailbox, answer_context(call, mailbox), content, id=id, kind=kind, of=of)
