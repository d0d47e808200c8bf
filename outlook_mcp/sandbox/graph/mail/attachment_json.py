"""Attachments to and from JSON; @odata.type tells the kinds apart."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from outlook_mcp.sandbox.graph.core.errors import invalid_body, too_large
from outlook_mcp.sandbox.graph.core.shapes import Shape, read_body
from outlook_mcp.sandbox.graph.mail import shapes
from outlook_mcp.sandbox.graph.mail.call import MailCall
from outlook_mcp.sandbox.graph.mail.items import expanded_item, read_item
from outlook_mcp.sandbox.message import Attachment
from outlook_mcp.sandbox.query import Expansion
from outlook_mcp.sandbox.query.options import select_of
from outlook_mcp.sandbox.store import StoredMessage
from outlook_mcp.sandbox.store.mail.attachments import StoredAttachment

# From this size on Graph wants an upload session.
DIRECT_LIMIT = 3 * 1024 * 1024
ATTACHMENT_PROPERTIES = ("id", "lastModifiedDateTime", "name", "contentType", "size", "isInline")
_CAST = "microsoft.graph."
_SHAPES = {
    "microsoft.graph.fileattachment": shapes.FILE_ATTACHMENT,
    "microsoft.graph.itemattachment": shapes.ITEM_ATTACHMENT,
    "microsoft.graph.referenceattachment": shapes.REFERENCE_ATTACHMENT,
}


def read_attachment(body: object) -> Attachment:
    """The attachment of a request. Raises GraphFault, 413 from 3 MB on."""
    kind = str(body.get("@odata.type", "")).lower().removeprefix("#") if isinstance(body, dict) else ""
    shape = _SHAPES.get(kind, shapes.ATTACHMENT)
    fields = read_body(shape, body)
    if shape is shapes.ATTACHMENT:
        raise invalid_body("Cannot create an abstract class of type 'microsoft.graph.attachment'.")
    content_type, content = _content(shape, fields)
    attachment = Attachment(
        name=fields.get("name") or "attachment",
        content_type=content_type,
        content=content,
        is_inline=bool(fields.get("isInline")),
        content_id=fields.get("contentId"),
        kind=shape.name.removesuffix("Attachment"),
    )
    if len(attachment.content) >= DIRECT_LIMIT:
        raise too_large()
    return attachment


def attachment_json(
    call: MailCall,
    stored: StoredMessage,
    attachment: StoredAttachment,
    select: frozenset[str] | None = None,
    *,
    with_item: bool = False,
) -> dict[str, Any]:
    """`select` None gives all, contentBytes included; `with_item` opens an attached item."""
    answer: dict[str, Any] = {
        "@odata.type": f"#microsoft.graph.{attachment.kind}Attachment",
        "@odata.mediaContentType": attachment.content_type,
        "id": attachment.id(call.id_of(stored)),
        "lastModifiedDateTime": attachment.modified,
        "name": attachment.name,
        "contentType": attachment.content_type if attachment.kind == "file" else None,
        "size": attachment.size,
        "isInline": attachment.is_inline,
    }
    if attachment.kind == "file":
        answer |= {"contentId": attachment.content_id, "contentLocation": None}
        if select is None or "contentBytes" in select:
            answer["contentBytes"] = base64.b64encode(call.mailbox.attachments.content(attachment)).decode("ascii")
    if attachment.kind == "item" and with_item:
        content = call.mailbox.attachments.content(attachment)
        answer |= expanded_item(call, attachment.content_type, content, answer["id"], attachment.modified)
    if select is None:
        return answer
    return {name: value for name, value in answer.items() if "@" in name or name in select | {"id", "item"}}


def selection(select: tuple[str, ...] | None) -> frozenset[str] | None:
    """Derived properties need their type in front, as in microsoft.graph.fileAttachment/contentBytes."""
    if select is None:
        return None
    casts = {name.rpartition("/")[2] for name in select if name.lower().startswith(_CAST)}
    plain = [name for name in select if not name.lower().startswith(_CAST)]
    return (select_of(plain, ATTACHMENT_PROPERTIES, "attachment") or frozenset()) | casts


def expanded(call: MailCall, stored: StoredMessage, expansion: Expansion) -> list[dict[str, Any]]:
    """The value of $expand=attachments, with its own $select and $expand."""
    select = expansion.options.get("$select")
    chosen = selection(tuple(name.strip() for name in select.split(","))) if select else None
    with_item = wants_item(expansion.options.get("$expand", ""))
    found = call.mailbox.attachments.of(stored)
    return [attachment_json(call, stored, attachment, chosen, with_item=with_item) for attachment in found]


def wants_item(expand: str) -> bool:
    return expand.lower().removeprefix(_CAST) == "itemattachment/item"


def _content(shape: Shape, fields: Mapping[str, Any]) -> tuple[str, bytes]:
    """The content type and the content."""
    if shape is shapes.ITEM_ATTACHMENT:
        return read_item(fields.get("item") or {})
    content_type = fields.get("contentType") or "application/octet-stream"
    try:
        return content_type, base64.b64decode(fields.get("contentBytes") or "", validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid_body(
            "Cannot convert the value of the property 'contentBytes' to the expected type 'Edm.Binary'."
        ) from error
