"""The report that tells a sender who could not be reached."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

from outlook_mcp.sandbox.message import Address, Message
from outlook_mcp.sandbox.store.core.accounts import Account
from outlook_mcp.sandbox.store.mail.mailbox import Mailbox
from outlook_mcp.sandbox.store.mail.recipients import recipient_settings

UNKNOWN, _FULL, _RESTRICTED, _TOO_LARGE = "unknown", "full", "restricted", "too large"
# What people read, and what the server of the recipient answered, by reason; in the words of Exchange Online.
_REASONS = {
    UNKNOWN: (
        "The email address you entered couldn't be found. Please check the recipient's email address and try to resend"
        " the message.",
        "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
    ),
    _FULL: (
        "The recipient's mailbox is full and can't accept messages now. Please try resending your message later.",
        "554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException",
    ),
    _RESTRICTED: (
        "Your message couldn't be delivered because you don't have permission to send to this recipient.",
        "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required",
    ),
    _TOO_LARGE: (
        "This message is too large for the recipient.",
        "550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient",
    ),
}


def refusal(recipient: Mailbox, sender: Account, size: int) -> str | None:
    """Why a mailbox does not accept a message of that many bytes, None where it does."""
    settings = recipient_settings(recipient)
    if settings.mailbox_full:
        return _FULL
    if settings.delivery_restricted and sender.tid != recipient.account.tid:
        return _RESTRICTED
    return _TOO_LARGE if size > settings.max_message_size else None


def non_delivery_report(message: Message, people: list[Address], reason: str = UNKNOWN) -> Message:
    """What the sender is told of the recipients that the message did not reach."""
    sender = message.from_ or message.sender or Address("postmaster@localhost")
    domain = sender.address.rpartition("@")[2]
    postmaster = Address(f"MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@{domain}", "Microsoft Outlook")
    names = ", ".join(f"{person.name} ({person.address})" if person.name else person.address for person in people)
    text, answer = _REASONS[reason]
    body = (
        "<html><head></head><body><p><b>Delivery has failed to these recipients or groups:</b></p>"
        f"<p>{escape(names)}</p><p>{escape(text, quote=False)}</p>"
        f"<p>Remote server returned '{escape(answer, quote=False)}'</p></body></html>"
    )
    parent = [message.internet_message_id] if message.internet_message_id else []
    return Message(
        subject=f"Undeliverable: {message.subject}",
        body=body,
        body_type="html",
        sender=postmaster,
        from_=postmaster,
        to=[sender],
        received=datetime.now(UTC),
        in_reply_to=message.internet_message_id,
        references=[*message.references, *parent],
        headers=[("Auto-Submitted", "auto-replied"), ("X-MS-Exchange-Message-Is-Ndr", "")],
    )
