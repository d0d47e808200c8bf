"""Attachments to and from JSON; @odata.type tells the kinds apart."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from outlook_mcp.sandbox.graph.core.errors import bad_request, invalid_body, too_large
from outlook_mcp.sandbox.graph.core.shapes import Shape, read_body
from outlook_mcp.sandbox.graph.mail import shapes
from outlook_mcp.sandbox.graph.mail.call import MailCall
from outlook_mcp.sandbox.graph.mail.documents import document, without_active_content
from outlook_mcp.sandbox.graph.mail.message_json import recipient
from outlook_mcp.sandbox.message import Address, Attachment, Message
from outlook_mcp.sandbox.mime import build, parse
from outlook_mcp.sandbox.query import Expansion
from outlook_mcp.sandbox.query.options import select_of
from outlook_mcp.sandbox.store import StoredMessage
from outlook_mcp.sandbox.store.core import times
from outlook_mcp.sandbox.store.mail.attachments import StoredAttachment
from outlook_mcp.sandbox.store.mail.ids import conversation_id
from outlook_mcp.sandbox.store.mail.threads import conversation_index

# From this size on Graph wants an upload session.
DIRECT_LIMIT = 3 * 1024 * 1024
ATTACHMENT_PROPERTIES = ("id", "lastModifiedDateTime", "name", "contentType", "size", "isInline")
_CAST = "microsoft.graph."
_MESSAGE = "microsoft.graph.message"
_MESSAGE_TYPE = f"#{_MESSAGE}"
_SHAPES = {
    "microsoft.graph.fileattachment": shapes.FILE_ATTACHMENT,
    "microsoft.graph.itemattachment": shapes.ITEM_ATTACHMENT,
    "microsoft.graph.referenceattachment": shapes.REFERENCE_ATTACHMENT,
}


def read_attachment(body: object) -> Attachment:
    """Raises GraphFault, 413 from 3 MB on."""
    kind = str(body.get("@odata.type", "")).lower().removeprefix("#") if isinstance(body, dict) else ""
    shape = _SHAPES.get(kind, shapes.ATTACHMENT)
    fields = read_body(shape, body)
    if shape is shapes.ATTACHMENT:
        raise invalid_body("Cannot create an abstract class of type 'microsoft.graph.attachment'.")
    attachment = Attachment(
        name=fields.get("name") or "attachment",
        content_type=fields.get("contentType") or "application/octet-stream",
        content=_content(shape, fields),
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
    """`select` None gives all, contentBytes included; `with_item` opens an attached message."""
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
        item = parse(call.mailbox.attachments.content(attachment))
        answer["item"] = _item_json(call, item, attachment.modified)
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


def _content(shape: Shape, fields: Mapping[str, Any]) -> bytes:
    if shape is shapes.ITEM_ATTACHMENT:
        return build(_item_message(_item_fields(fields.get("item") or {})))
    try:
        return base64.b64decode(fields.get("contentBytes") or "", validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid_body(
            "Cannot convert the value of the property 'contentBytes' to the expected type 'Edm.Binary'."
        ) from error


def _item_fields(item: object) -> dict[str, Any]:
    """Only a message can be attached: there is no calendar and no address book here."""
    kind = str(item.get("@odata.type") or _MESSAGE) if isinstance(item, dict) else _MESSAGE
    if kind.removeprefix("#").lower() != _MESSAGE:
        code = "ErrorInvalidItemForOperationCreateItemAttachment"
        raise bad_request(f"An item of type '{kind.removeprefix('#')}' cannot be attached.", code)
    return read_body(shapes.MESSAGE, item)


def _item_message(fields: Mapping[str, Any]) -> Message:
    body = fields.get("body") or {}
    sender = (fields.get("from") or {}).get("emailAddress") or {}
    return Message(
        subject=fields.get("subject") or "",
        body=body.get("content") or "",
        body_type=body.get("contentType") or "text",
        from_=Address(sender["address"], sender.get("name") or "") if sender.get("address") else None,
        to=[
            Address(person["emailAddress"]["address"], person["emailAddress"].get("name") or "")
            for person in fields.get("toRecipients") or []
            if (person.get("emailAddress") or {}).get("address")
        ],
    )


def _item_json(call: MailCall, message: Message, modified: str) -> dict[str, Any]:
    """An attached message; it has no place in the mailbox, so its id is empty and it has no etag."""
    received = message.received or message.sent
    people = {"sender": message.sender or message.from_, "from": message.from_}
    conversation = conversation_id(call.account.guid, uuid5(NAMESPACE_OID, message.internet_message_id or ""))
    return {
        "@odata.type": _MESSAGE_TYPE,
        "id": "",
        "createdDateTime": modified,
        "lastModifiedDateTime": modified,
        "receivedDateTime": times.write_time(received) if received else None,
        "sentDateTime": times.write_time(message.sent) if message.sent else None,
        "hasAttachments": any(not attachment.is_inline for attachment in message.attachments),
        "internetMessageId": message.internet_message_id,
        "subject": message.subject,
        "importance": message.importance,
        "conversationId": conversation,
        "conversationIndex": base64.b64encode(conversation_index(conversation, message)).decode("ascii"),
        "isDeliveryReceiptRequested": False,
        "isReadReceiptRequested": False,
        "isRead": message.is_read,
        "isDraft": False,
        "webLink": "https://outlook.office365.com/owa/?exvsurl=1&viewmodel=ReadMessageItem",
        "body": {
            "contentType": "html",
            "content": without_active_content(document(message.body, message.body_type)),
        },
        **{name: recipient(person) for name, person in people.items() if person},
        "toRecipients": [recipient(person) for person in message.to],
        "ccRecipients": [recipient(person) for person in message.cc],
        "bccRecipients": [],
        "replyTo": [recipient(person) for person in message.reply_to],
    }
