"""/messages/{id}/attachments: list, get, add, delete, content, upload session."""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import PlainTextResponse, Response

from outlook_mcp.sandbox.graph.core.call import no_content
from outlook_mcp.sandbox.graph.core.errors import GraphFault, bad_request, invalid_body
from outlook_mcp.sandbox.graph.core.refusals import id_refusals
from outlook_mcp.sandbox.graph.core.shapes import read_body
from outlook_mcp.sandbox.graph.mail import shapes
from outlook_mcp.sandbox.graph.mail.attachment_json import (
    DIRECT_LIMIT,
    attachment_json,
    read_attachment,
    selection,
    wants_item,
)
from outlook_mcp.sandbox.graph.mail.call import MailCall
from outlook_mcp.sandbox.message import Attachment
from outlook_mcp.sandbox.query.errors import unknown_expansion
from outlook_mcp.sandbox.store import StoredMessage
from outlook_mcp.sandbox.store.mail.attachments import StoredAttachment

_SESSION_LIMIT = 150 * 1024 * 1024


async def list_attachments(call: MailCall) -> Response:
    """All at once, unless the client asks for pages."""
    stored = call.message()
    if call.options.filter or call.options.search is not None or call.options.orderby:
        raise bad_request("The query parameters $filter, $search and $orderby are not supported for attachments.")
    select = selection(call.options.select)
    with_item = _expands_item(call)
    found = call.mailbox.attachments.of(stored)
    start = call.options.skip
    end = start + (call.options.top or call.prefer.page_size or len(found))
    body = {"@odata.context": call.context(f"messages('{quote(call.arguments['message'])}')/attachments")}
    count = {"@odata.count": len(found)} if call.options.count else {}
    value = [attachment_json(call, stored, attachment, select, with_item=with_item) for attachment in found[start:end]]
    more = {"@odata.nextLink": call.link(skip=str(end))} if end < len(found) else {}
    return call.json_answer({**body, **count, "value": value, **more})


async def count_attachments(call: MailCall) -> Response:
    stored = call.message()
    return PlainTextResponse(str(len(call.mailbox.attachments.of(stored))))


async def get_attachment(call: MailCall) -> Response:
    stored, attachment = _attachment(call)
    body = attachment_json(call, stored, attachment, selection(call.options.select), with_item=_expands_item(call))
    return call.json_answer({"@odata.context": _context(call), **body})


async def get_content(call: MailCall) -> Response:
    _, attachment = _attachment(call)
    if attachment.kind == "reference":
        raise GraphFault(405, "ErrorInvalidRequest", "The content of a reference attachment is not in the mailbox.")
    is_message = attachment.kind == "item" and attachment.content_type == "message/rfc822"
    media_type = "text/plain" if is_message else attachment.content_type
    headers = {"Content-Type": media_type.encode("ascii", "replace").decode("ascii")}
    return Response(call.mailbox.attachments.content(attachment), headers=headers)


async def add_attachment(call: MailCall) -> Response:
    stored = call.message()
    attachment = call.mailbox.attach(stored, read_attachment(await call.json()))
    body = attachment_json(call, stored, attachment)
    location = f"{call.location('messages', stored)}/attachments('{body['id']}')"
    return call.json_answer({"@odata.context": _context(call), **body}, 201, {"Location": location})


async def delete_attachment(call: MailCall) -> Response:
    stored, attachment = _attachment(call)
    call.mailbox.detach(stored, attachment)
    return no_content()


async def create_upload_session(call: MailCall) -> Response:
    """From 3 MB to 150 MB; the URL it answers needs no token."""
    stored = call.message()
    item = read_body(shapes.UPLOAD_SESSION, await call.json()).get("AttachmentItem") or {}
    size = item.get("size")
    if item.get("attachmentType") != "file" or not item.get("name") or size is None:
        raise invalid_body("An AttachmentItem needs attachmentType 'file', a name and a size.")
    if size < DIRECT_LIMIT:
        raise bad_request(
            "Attachment size must be greater than the minimum size.",
            "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize",
        )
    if size > _SESSION_LIMIT:
        raise bad_request("Attachment size exceeds the limit.", "ErrorAttachmentSizeLimitExceeded")
    attachment = Attachment(
        name=item["name"],
        content_type=item.get("contentType") or "application/octet-stream",
        content=b"",
        is_inline=bool(item.get("isInline")),
        content_id=item.get("contentId"),
    )
    upload = call.mailbox.uploads.start(stored, attachment, size)
    owner = quote(f"Users('{call.account.oid}@{call.account.tid}')/Messages('{call.id_of(stored)}')", safe="/()'@")
    url = f"{call.upload_origin}/api/v2.0/{owner}/AttachmentSessions('{upload.id}')?authtoken={upload.id[:16]}"
    return call.json_answer(
        {
            "@odata.context": call.type_context("microsoft.graph.uploadSession"),
            "uploadUrl": url,
            "expirationDateTime": upload.expires,
            "nextExpectedRanges": ["0-"],
        },
        201,
    )


def _attachment(call: MailCall) -> tuple[StoredMessage, StoredAttachment]:
    stored = call.message()
    with id_refusals():
        return stored, call.mailbox.attachments.by_id(stored, call.arguments["attachment"])


def _expands_item(call: MailCall) -> bool:
    for expansion in call.options.expand:
        if not wants_item(expansion.name):
            raise unknown_expansion(expansion.name, "attachment")
    return bool(call.options.expand)


def _context(call: MailCall) -> str:
    return call.context(f"messages('{quote(call.arguments['message'])}')/attachments/$entity")
