"""The item of an item attachment, a message, an event or a contact: from a request, and as JSON."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_OID, uuid5

from outlook_mcp.sandbox.graph.core.errors import bad_request, not_imitated_value
from outlook_mcp.sandbox.graph.core.shapes import read_body
from outlook_mcp.sandbox.graph.mail import shapes
from outlook_mcp.sandbox.graph.mail.call import MailCall
from outlook_mcp.sandbox.graph.mail.contacts import contact_json, write_contact
from outlook_mcp.sandbox.graph.mail.events import event_json, write_event
from outlook_mcp.sandbox.graph.mail.invitation import meeting_properties
from outlook_mcp.sandbox.graph.mail.message_json import recipient
from outlook_mcp.sandbox.message import Address, Message
from outlook_mcp.sandbox.mime import build, parse
from outlook_mcp.sandbox.mime.calendar import read_event
from outlook_mcp.sandbox.mime.documents import document, without_active_content
from outlook_mcp.sandbox.store.core import times
from outlook_mcp.sandbox.store.mail.fulltext import preview
from outlook_mcp.sandbox.store.mail.ids import conversation_id
from outlook_mcp.sandbox.store.mail.insertion import item_type, plain_text
from outlook_mcp.sandbox.store.mail.threads import conversation_index

_MESSAGE, _EVENT, _CONTACT = "message/rfc822", "text/calendar", "text/vcard"
_PREFIX = "microsoft.graph."
_OWN_WEB_LINK = "https://outlook.office365.com/owa/?exvsurl=1&viewmodel=ReadMessageItem"


def read_item(item: object) -> tuple[str, bytes]:
    """The content type and the content that keep the item of a request. Raises GraphFault."""
    written = str(item.get("@odata.type") or _PREFIX + "message") if isinstance(item, dict) else _PREFIX + "message"
    kind = written.removeprefix("#").lower().removeprefix(_PREFIX)
    if kind == "message":
        return _MESSAGE, build(_item_message(read_body(shapes.MESSAGE, item)))
    if kind == "contact":
        return _CONTACT, write_contact(read_body(shapes.CONTACT, item))
    if kind == "event":
        fields = read_body(shapes.EVENT, item)
        if fields.get("recurrence"):
            raise not_imitated_value("recurrence of an attached event")
        return _EVENT, write_event(fields)
    code = "ErrorInvalidItemForOperationCreateItemAttachment"
    raise bad_request(f"An item of type '{written.removeprefix('#')}' cannot be attached.", code)


def expanded_item(call: MailCall, content_type: str, content: bytes, attachment: str, modified: str) -> dict[str, Any]:
    """What `$expand=microsoft.graph.itemAttachment/item` adds to the attachment of this id.

    An attached item has no place in the mailbox, so its id is empty and it has no etag.
    """
    text = content.decode("utf-8", "replace")
    known = {"id": "", "createdDateTime": modified, "lastModifiedDateTime": modified}
    if content_type == _CONTACT:
        item = {"@odata.type": "#microsoft.graph.contact", **known, **contact_json(text)}
    elif content_type == _EVENT:
        item = {"@odata.type": "#microsoft.graph.event", **known, **_event(call, text)}
    else:
        item = _message(call, parse(content), known)
    message = quote(call.arguments.get("message", ""))
    path = f"messages('{message}')/attachments('{quote(attachment)}')/microsoft.graph.itemAttachment/item/$entity"
    return {"item@odata.context": call.context(path), "item": item}


def _event(call: MailCall, text: str) -> dict[str, Any]:
    event = read_event(text)
    if event is None:
        return {}
    return event_json(event, body=event.text("DESCRIPTION"), body_type="text", zone=call.prefer.time_zone)


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


def _message(call: MailCall, message: Message, known: Mapping[str, Any]) -> dict[str, Any]:
    received = message.received or message.sent
    people = {"sender": message.sender or message.from_, "from": message.from_}
    conversation = conversation_id(call.account.guid, uuid5(NAMESPACE_OID, message.internet_message_id or ""))
    kind = item_type(message)
    return {
        "@odata.type": f"#microsoft.graph.{kind}",
        **known,
        **(meeting_properties(message.calendar, call.prefer.time_zone) if kind != "message" else {}),
        "receivedDateTime": times.write_time(received) if received else None,
        "sentDateTime": times.write_time(message.sent) if message.sent else None,
        "hasAttachments": any(not attachment.is_inline for attachment in message.attachments),
        "internetMessageId": message.internet_message_id,
        "subject": message.subject,
        "bodyPreview": preview(plain_text(message)),
        "importance": message.importance,
        "conversationId": conversation,
        "conversationIndex": base64.b64encode(conversation_index(conversation, message)).decode("ascii"),
        "isDeliveryReceiptRequested": False,
        "isReadReceiptRequested": False,
        "isRead": message.is_read,
        "isDraft": False,
        "webLink": _OWN_WEB_LINK,
        "internetMessageHeaders": [],
        "flag": {"flagStatus": message.flag_status},
        "body": {"contentType": "html", "content": without_active_content(document(message.body, message.body_type))},
        **{name: recipient(person) for name, person in people.items() if person},
        "toRecipients": [recipient(person) for person in message.to],
        "ccRecipients": [recipient(person) for person in message.cc],
        "bccRecipients": [],
        "replyTo": [recipient(person) for person in message.reply_to],
    }
