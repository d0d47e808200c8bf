"""Request bodies as messages: the properties of a draft, and those that can be set on any message."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from outlook_mcp.sandbox.graph.core.errors import GraphFault, bad_request, invalid_body
from outlook_mcp.sandbox.graph.core.shapes import read_body
from outlook_mcp.sandbox.graph.mail import shapes
from outlook_mcp.sandbox.graph.mail.attachment_json import read_attachment
from outlook_mcp.sandbox.graph.mail.call import MailCall
from outlook_mcp.sandbox.graph.mail.extended import has_several_values
from outlook_mcp.sandbox.graph.mail.extensions import put_extensions
from outlook_mcp.sandbox.message import Address, Message
from outlook_mcp.sandbox.mime import parse
from outlook_mcp.sandbox.store import Folder, Mailbox, StoredMessage

RECIPIENT_LIMIT = 500
# MAPI's PidTagDeferredSendTime.
_DEFERRED_SEND_TIME = "systemtime 0x3fef"


def owner(mailbox: Mailbox) -> Address:
    return Address(mailbox.account.upn, mailbox.account.display_name)


def new_draft(mailbox: Mailbox, fields: Mapping[str, Any]) -> Message:
    """A draft from the fields of a creation; properties that the server sets are ignored."""
    message = Message(is_draft=True, is_read=True, from_=owner(mailbox))
    write_fields(message, fields)
    message.headers = list(custom_headers(fields))
    message.attachments = [read_attachment(attachment) for attachment in fields.get("attachments") or []]
    return message


def write_fields(message: Message, fields: Mapping[str, Any]) -> None:
    """Set the fields that `Message` has. Raises GraphFault for too many recipients."""
    body = fields.get("body")
    if body is not None:
        message.body_type = body.get("contentType") or "text"
        message.body = body.get("content") or ""
    if "subject" in fields:
        message.subject = fields["subject"] or ""
    if fields.get("from"):
        message.from_ = next(iter(addresses([fields["from"]])), message.from_)
        # The sender of a draft follows from its author, unless it is written too.
        message.sender = None
    if fields.get("sender"):
        message.sender = next(iter(addresses([fields["sender"]])), message.sender)
    for name, field in _PEOPLE.items():
        if name in fields:
            setattr(message, field, addresses(fields[name] or []))
    if fields.get("internetMessageId"):
        message.internet_message_id = fields["internetMessageId"]
    _write_marks(message, fields)
    if len(message.to) + len(message.cc) + len(message.bcc) > RECIPIENT_LIMIT:
        raise bad_request("The message has too many recipients.", "ErrorExceededRecipientLimit")


def columns(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of properties that `Message` has no field for."""
    found: dict[str, Any] = {}
    if fields.get("flag"):
        _check_flag(fields["flag"])
        times = {name: value for name, value in fields["flag"].items() if name != "flagStatus" and value}
        found["flag"] = json.dumps(times)
    if fields.get("inferenceClassification"):
        found["inference"] = fields["inferenceClassification"]
    for name, column in _RECEIPTS.items():
        if name in fields:
            found[column] = int(bool(fields[name]))
    return found


def _check_flag(flag: Mapping[str, Any]) -> None:
    if flag.get("dueDateTime") and not flag.get("startDateTime"):
        raise bad_request("The property 'startDateTime' is needed where 'dueDateTime' is set.", "ErrorInvalidArgument")


def extended_properties(fields: Mapping[str, Any]) -> dict[str, str | None]:
    """The values by id; those of a property with several values as a JSON list."""
    single = fields.get("singleValueExtendedProperties") or []
    multiple = fields.get("multiValueExtendedProperties") or []
    if any(not extended.get("id") for extended in (*single, *multiple)):
        raise invalid_body("An extended property needs an id.")
    if any(not has_several_values(extended["id"]) for extended in multiple):
        raise invalid_body("The id of a property with several values starts with a type such as 'StringArray'.")
    values = {extended["id"]: extended.get("value") for extended in single}
    return {**values, **{extended["id"]: json.dumps(extended.get("value") or []) for extended in multiple}}


def deferred_until(mailbox: Mailbox, draft: StoredMessage) -> datetime | None:
    """The time before which the draft must not be sent, None where the client set none."""
    for name, value in mailbox.messages.extended([draft.key]).get(draft.key, []):
        if name.lower() == _DEFERRED_SEND_TIME and value:
            try:
                moment = datetime.fromisoformat(value)
            except ValueError as error:
                raise bad_request(f"The value '{value}' is not a time.", "ErrorInvalidExtendedPropertyValue") from error
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def custom_headers(fields: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Name and value of each header. Raises GraphFault for a name that does not start with x-."""
    for header in fields.get("internetMessageHeaders") or []:
        name = header.get("name") or ""
        if not name.lower().startswith("x-"):
            raise bad_request(
                f"The internet message header name '{name}' should start with 'x-' or 'X-'.",
                "InvalidInternetMessageHeader",
            )
        yield name, header.get("value") or ""


def save_draft(
    call: MailCall, message: Message, fields: Mapping[str, Any], folder: Folder, conversation: UUID | None = None
) -> StoredMessage:
    """Insert a draft with all the fields."""
    with call.mailbox.database.transaction():
        stored = call.mailbox.messages.insert_message(
            message, folder, conversation=conversation, columns=columns(fields)
        )
        call.mailbox.messages.set_extended(stored, extended_properties(fields))
        put_extensions(call, stored, fields.get("extensions") or [])
        return stored


async def mime_draft(call: MailCall) -> Message:
    """The draft that a text/plain body holds as base64 MIME. Raises GraphFault."""
    raw = b"".join((await call.request.body()).split())
    try:
        mime = base64.b64decode(raw, validate=True)
    except binascii.Error as error:
        raise GraphFault(
            400, "ErrorMimeContentInvalidBase64String", "Invalid base64 string for MIME content."
        ) from error
    message = parse(mime)
    message.mime, message.received = None, None
    message.is_draft, message.is_read = True, True
    message.from_ = message.from_ or owner(call.mailbox)
    message.headers = [(name, value) for name, value in message.headers if name.lower().startswith("x-")]
    return message


async def message_fields(call: MailCall) -> dict[str, Any]:
    return read_body(shapes.MESSAGE, await call.json())


def addresses(recipients: Iterable[Mapping[str, Any]]) -> list[Address]:
    found = []
    for recipient in recipients:
        email = recipient.get("emailAddress") or {}
        if email.get("address") or email.get("name"):
            found.append(Address(email.get("address") or "", email.get("name") or ""))
    return found


_PEOPLE = {"toRecipients": "to", "ccRecipients": "cc", "bccRecipients": "bcc", "replyTo": "reply_to"}
_RECEIPTS = {"isDeliveryReceiptRequested": "delivery_receipt", "isReadReceiptRequested": "read_receipt"}


def _write_marks(message: Message, fields: Mapping[str, Any]) -> None:
    if fields.get("importance"):
        message.importance = fields["importance"]
    if "categories" in fields:
        message.categories = list(dict.fromkeys(fields["categories"] or []))
    if fields.get("isRead") is not None:
        message.is_read = fields["isRead"]
    if fields.get("flag"):
        message.flag_status = fields["flag"].get("flagStatus") or message.flag_status
