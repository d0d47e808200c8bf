"""Write a draft."""

from dataclasses import replace
from functools import partial
from typing import Annotated, Any

from pydantic import Field, WithJsonSchema

from outlook_mcp.graph.ids import Handle
from outlook_mcp.mail.area import MAIL
from outlook_mcp.mail.choices import DraftKind, Importance
from outlook_mcp.mail.lazy import (
    DraftContent,
    draft_answer,
    draft_fields,
    parse_receipts,
    parse_references,
    reply_to_addresses,
)
from outlook_mcp.server.answer import Answer, answered
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox, permitted_sources

# Models that know other servers give an object with a name and a content; clients are told of text only.
FileToAttach = Annotated[str | dict[str, Any], WithJsonSchema({"type": "string"})]


@email_tool(toolset="mail-write", after_deadline=MAIL.look_first, fields=draft_fields)
async def draft_save(
    call: Call,
    id: Annotated[Handle | None, Field(description="Draft to change")] = None,
    kind: DraftKind = "new",
    of: Annotated[Handle | None, Field(description="Message answered or forwarded")] = None,
    to: Annotated[list[str] | None, Field(description="Added to those of a reply")] = None,
    cc: list[str] | None = None,
    bcc: list[str] | None = None,
    subject: str | None = None,
    body: Annotated[str | None, Field(description="Markdown; quoted mail is added")] = None,
    attach: Annotated[
        list[FileToAttach] | None, Field(description="Attachment `id/n`, message `id`, `name.txt: text` or path")
    ] = None,
    importance: Importance | None = None,
    receipts: str | None = None,
    reply_to: str | None = None,
    from_: Annotated[str | None, Field(validation_alias="from")] = None,
    account: str | None = None,
) -> Answer:
    """Save a draft, or change one. Sends nothing."""
    workspace = await callers_mailbox(call, account)
    content = DraftContent(
        to=to,
        cc=cc,
        bcc=bcc,
        subject=subject,
        body=body,
        importance=importance,
        receipts=None if receipts is None else parse_receipts(receipts),
        reply_to=None if reply_to is None else reply_to_addresses(reply_to),
        sender=from_,
        attach=parse_references(attach or ()),
    )
    # Whoever may write drafts may name people of Sent Items.
    sources = replace(await permitted_sources(call), sent_items=True)
    drafts = workspace.drafts_telling(partial(_tell_progress, call), names_from=sources)
    saved = await drafts.save_draft(content, draft=id, kind=kind, of=of)
    return answered(draft_answer, answer_context(call, workspace), saved)


async def _tell_progress(call: Call, name: str, arrived: int, size: int) -> None:
    """To clients that asked for it."""
    await call.report_progress(arrived, size, f"Uploading {name}: {arrived // 2**20} of {size // 2**20} MB")
