"""Read one attachment."""

from base64 import b64encode
from typing import Annotated

from mcp.types import ContentBlock, ImageContent
from pydantic import Field

from outlook_mcp.graph.ids import Handle
from outlook_mcp.mail.lazy import SavedFile, attachment_answer, attachment_fields, saved_answer
from outlook_mcp.server.answer import Answer
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.links import MAIL_TYPE, MOST_BYTES, attachment_link, links_for, media_type_of
from outlook_mcp.server.services import Call, answer_context, callers_mailbox


@email_tool(toolset="mail-read", reads_only=True, saves_files=True, fields=attachment_fields)
async def mail_attachment(
    call: Call,
    id: Handle,
    n: Annotated[str, Field(description="Number in mail_read's list; 2/1 is file 1 inside it")],
    offset: Annotated[int, Field(ge=0)] = 0,
    save: bool = False,
    account: str | None = None,
) -> Answer:
    """Read an attachment as text or picture."""
    workspace = await callers_mailbox(call, account)
    found = await workspace.attachments.read_or_save(id, n, save=save)
    context = answer_context(call, workspace)
    if isinstance(found, SavedFile):
        return Answer(saved_answer(found), (context, found))
    blocks: list[ContentBlock] = []
    if found.picture is not None:
        shown = b64encode(found.picture.content).decode()
        blocks.append(ImageContent(type="image", data=shown, mime_type=found.picture.media_type))
    if found.can_be_fetched(MOST_BYTES):
        kind = MAIL_TYPE if found.attachment.kind == "item" else media_type_of(found.attachment.content_type)
        blocks += links_for(call, [attachment_link(id, found.path, kind, found.attachment.size, account)])
    return Answer(attachment_answer(context, found, offset), (context, found, offset), blocks)
