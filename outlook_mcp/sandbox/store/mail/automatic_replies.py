"""The automatic reply of somebody who is out of office, once for each sender."""

from __future__ import annotations

import re
from datetime import datetime

from outlook_mcp.sandbox.message import Address, Message
from outlook_mcp.sandbox.store.core.accounts import Account
from outlook_mcp.sandbox.store.mail.mailbox import Mailbox
from outlook_mcp.sandbox.store.mail.settings import are_replies_on, note_answered, settings_of

_SUPPRESSING = re.compile(r"\b(?:all|oof|autoreply)\b", re.IGNORECASE)
_BULK = {"bulk", "junk", "list"}


def is_automatic(message: Message) -> bool:
    """Whether a program wrote the message (RFC 3834), so that nothing answers it by itself."""
    return any(
        name.lower() == "auto-submitted" and value.strip().lower() not in ("no", "auto-forwarded")
        for name, value in message.headers
    )


def automatic_reply(mailbox: Mailbox, message: Message, sender: Account | None, now: datetime) -> Message | None:
    """What the mailbox answers to a message it has just received; `sender` is the account of its sender, if any.

    The sandbox has no contacts, so with the audience `contactsOnly` nobody outside the organization gets a reply.
    """
    author = message.from_ or message.sender
    own = mailbox.account
    if author is None or not author.address or author.address.lower() == own.upn.lower():
        return None
    if not are_replies_on(mailbox, now) or _wants_no_reply(message):
        return None
    settings = settings_of(mailbox)["automaticRepliesSetting"]
    is_internal = sender is not None and sender.tid == own.tid
    if not is_internal and settings["externalAudience"] != "all":
        return None
    text = settings["internalReplyMessage" if is_internal else "externalReplyMessage"]
    if not text or not note_answered(mailbox, author.address):
        return None
    return Message(
        subject=f"Automatic reply: {message.subject}",
        body=text,
        body_type="html",
        from_=Address(own.upn, own.display_name),
        to=[author],
        in_reply_to=message.internet_message_id,
        references=[*message.references, *([message.internet_message_id] if message.internet_message_id else [])],
        headers=[("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "All")],
    )


def _wants_no_reply(message: Message) -> bool:
    headers = {name.lower(): value.strip().lower() for name, value in message.headers}
    return (
        is_automatic(message)
        or headers.get("precedence", "") in _BULK
        or "list-id" in headers
        or _SUPPRESSING.search(headers.get("x-auto-response-suppress", "")) is not None
    )
