"""sendMail, send, and the reply and forward actions in both forms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from starlette.responses import Response

from outlook_mcp.sandbox.graph.core.call import accepted
from outlook_mcp.sandbox.graph.core.errors import GraphFault, bad_request, invalid_body
from outlook_mcp.sandbox.graph.core.shapes import read_body
from outlook_mcp.sandbox.graph.mail import composing, drafting, shapes
from outlook_mcp.sandbox.graph.mail.attachment_json import read_attachment
from outlook_mcp.sandbox.graph.mail.call import MailCall
from outlook_mcp.sandbox.graph.mail.messages import created
from outlook_mcp.sandbox.graph.mail.senders import checked_sender
from outlook_mcp.sandbox.message import Address, Message
from outlook_mcp.sandbox.store import StoredMessage
from outlook_mcp.sandbox.store.mail.ids import conversation_guid

Kind = Literal["reply", "replyAll", "forward"]
# What Exchange takes for resolved without its directory. Others, and several in one, are refused: Azure/Microsoft365R,
# issue 110; microsoftgraph/msgraph-sdk-powershell, issue 803.
_ADDRESS = re.compile(r"(?:\"[^\"]+\"|[^\s@;,<>\"]+)@[^\s@;,<>\"]+")


async def send_mail(call: MailCall) -> Response:
    if call.is_mime:
        _submit(call, await drafting.mime_draft(call), {})
        return accepted()
    fields = read_body(shapes.SEND_MAIL, await call.json())
    written = fields.get("message")
    if written is None:
        raise invalid_body("The parameter 'Message' is missing.")
    message = drafting.new_draft(call.mailbox, written)
    _submit(call, message, written, keep_copy=fields.get("saveToSentItems") is not False)
    return accepted()


async def send_draft(call: MailCall) -> Response:
    stored = call.message()
    if not stored.is_draft:
        raise bad_request("The message is not a draft and cannot be sent.", "ErrorInvalidRequest")
    message = call.mailbox.messages.load_message(stored)
    message.sender = None if message.sender == message.from_ else message.sender
    sender = _check(call, message)
    columns = {"sender_address": sender.address, "sender_name": sender.name or sender.address}
    _submit_draft(call, call.mailbox.messages.update_columns(stored, columns), keep_copy=True)
    return accepted()


async def reply(call: MailCall) -> Response:
    return await _send_response(call, "reply")


async def reply_all(call: MailCall) -> Response:
    return await _send_response(call, "replyAll")


async def forward(call: MailCall) -> Response:
    return await _send_response(call, "forward")


async def create_reply(call: MailCall) -> Response:
    return await _save_response(call, "reply")


async def create_reply_all(call: MailCall) -> Response:
    return await _save_response(call, "replyAll")


async def create_forward(call: MailCall) -> Response:
    return await _save_response(call, "forward")


async def _send_response(call: MailCall, kind: Kind) -> Response:
    original = call.message()
    message, fields = await _compose(call, original, kind)
    _submit(call, message, fields, conversation=conversation_guid(original.conversation_id))
    return accepted()


async def _save_response(call: MailCall, kind: Kind) -> Response:
    original = call.message()
    message, fields = await _compose(call, original, kind)
    drafts = call.mailbox.folders.by_name("drafts")
    conversation = conversation_guid(original.conversation_id)
    return created(call, drafting.save_draft(call, message, fields, drafts, conversation))


async def _compose(call: MailCall, original: StoredMessage, kind: Kind) -> tuple[Message, Mapping[str, Any]]:
    """The reply or forward, and the fields of `message` in the body."""
    if call.is_mime:
        return await _compose_from_mime(call, original, kind), {}
    body = read_body(shapes.FORWARD if kind == "forward" else shapes.REPLY, await call.json(may_be_empty=True))
    fields = body.get("message") or {}
    comment = body.get("comment")
    if comment and fields.get("body"):
        raise bad_request("Specify either a comment or the body of the message, not both.", "ErrorInvalidRequest")
    if body.get("toRecipients") and fields.get("toRecipients"):
        raise bad_request("Specify the recipients once, not twice.", "ErrorInvalidRequest")
    message = _response_to(call, original, kind, comment or "")
    if body.get("toRecipients"):
        message.to = drafting.addresses(body["toRecipients"])
    drafting.write_fields(message, fields)
    message.headers = list(drafting.custom_headers(fields))
    message.attachments += [read_attachment(attachment) for attachment in fields.get("attachments") or []]
    return message, fields


async def _compose_from_mime(call: MailCall, original: StoredMessage, kind: Kind) -> Message:
    """The MIME form brings its own body; recipients it leaves out come from the original."""
    message, base = await drafting.mime_draft(call), _response_to(call, original, kind, "")
    if not (message.to or message.cc or message.bcc):
        message.to, message.cc = base.to, base.cc
    message.subject = message.subject or base.subject
    message.in_reply_to, message.references = base.in_reply_to, base.references
    return message


def _response_to(call: MailCall, original: StoredMessage, kind: Kind, comment: str) -> Message:
    if kind == "forward":
        return composing.forward(call.mailbox, original, comment, [])
    return composing.reply(call.mailbox, original, comment, to_all=kind == "replyAll")


def _submit(
    call: MailCall,
    message: Message,
    fields: Mapping[str, Any],
    *,
    keep_copy: bool = True,
    conversation: UUID | None = None,
) -> None:
    message.sender = _check(call, message)
    with call.mailbox.database.transaction():
        outbox = call.mailbox.folders.by_name("outbox")
        _submit_draft(call, drafting.save_draft(call, message, fields, outbox, conversation), keep_copy=keep_copy)


def _check(call: MailCall, message: Message) -> Address:
    """The sender of the message. Raises GraphFault where it has no recipient or must not be sent from that mailbox."""
    sender = checked_sender(call, message)
    recipients = [*message.to, *message.cc, *message.bcc]
    if not recipients:
        raise _invalid_recipients("A message can't be sent because it contains no recipients.")
    for recipient in recipients:
        if not _ADDRESS.fullmatch(recipient.address):
            raise _invalid_recipients(
                f"Recipient '{recipient.address or recipient.name}' is not resolved. All recipients must be resolved"
                " before a message can be submitted."
            )
    return sender


def _invalid_recipients(reason: str) -> GraphFault:
    return bad_request(f"At least one recipient is not valid., {reason}", "ErrorInvalidRecipients")


def _submit_draft(call: MailCall, stored: StoredMessage, *, keep_copy: bool) -> None:
    not_before = drafting.deferred_until(call.mailbox, stored)
    call.outbox.submit(call.mailbox, stored, keep_copy=keep_copy, not_before=not_before)
