"""Replies and forwards as Outlook writes them: subject prefix, recipients, quoted original."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import escape

from outlook_mcp.sandbox.graph.mail.drafting import owner
from outlook_mcp.sandbox.message import Address, Message
from outlook_mcp.sandbox.mime.documents import document, inner
from outlook_mcp.sandbox.store import Mailbox, StoredMessage

_PREFIX = re.compile(r"^\s*(?:(?:re|fw|fwd|aw|wg)\s*:\s*)+", re.IGNORECASE)


def reply(mailbox: Mailbox, stored: StoredMessage, comment: str, *, to_all: bool) -> Message:
    """Goes to Reply-To where there is one; `to_all` adds the other recipients but the owner."""
    original = mailbox.messages.load_message(stored)
    draft = _response_to(mailbox, original, "RE", comment)
    draft.to = original.reply_to or [person for person in [original.from_ or original.sender] if person]
    if to_all:
        own = {mailbox.account.upn.lower(), *(alias.lower() for alias in mailbox.account.aliases)}
        seen = {*own, *(person.address.lower() for person in draft.to)}
        draft.to = [*draft.to, *_others(original.to, seen)]
        draft.cc = _others(original.cc, seen)
    draft.attachments = [attachment for attachment in original.attachments if attachment.is_inline]
    return draft


def forward(mailbox: Mailbox, stored: StoredMessage, comment: str, to: list[Address]) -> Message:
    original = mailbox.messages.load_message(stored)
    draft = _response_to(mailbox, original, "FW", comment)
    draft.to, draft.attachments = to, original.attachments
    return draft


def _response_to(mailbox: Mailbox, original: Message, prefix: str, comment: str) -> Message:
    parent = [original.internet_message_id] if original.internet_message_id else []
    return Message(
        subject=f"{prefix}: {_PREFIX.sub('', original.subject)}",
        body=_quoted(original, comment),
        body_type="html",
        from_=owner(mailbox),
        in_reply_to=original.internet_message_id,
        references=[*original.references, *parent],
        is_draft=True,
        is_read=True,
    )


def _quoted(original: Message, comment: str) -> str:
    sent = (original.sent or original.received or datetime.now(UTC)).strftime("%A, %B %d, %Y %I:%M:%S %p")
    lines = {
        "From": _names([original.from_] if original.from_ else []),
        "Sent": sent,
        "To": _names(original.to),
        "Cc": _names(original.cc),
        "Subject": original.subject,
    }
    fields = "<br>\r\n".join(f"<b>{name}:</b> {escape(value)}" for name, value in lines.items() if value)
    said = escape(comment, quote=False).replace("\n", "<br>\r\n")
    history = inner(document(original.body, original.body_type))
    return document(
        f'{said}<hr tabindex="-1" style="display:inline-block; width:98%">\r\n'
        f'<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif" color="#000000"'
        f' style="font-size:11pt">{fields}</font>\r\n<div>&nbsp;</div>\r\n</div>\r\n{history}',
        "html",
    )


def _names(people: list[Address]) -> str:
    return "; ".join(f"{person.name} <{person.address}>" if person.name else person.address for person in people)


def _others(people: list[Address], seen: set[str]) -> list[Address]:
    found = []
    for person in people:
        if person.address.lower() not in seen:
            seen.add(person.address.lower())
            found.append(person)
    return found
