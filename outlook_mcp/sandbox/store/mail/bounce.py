"""The report that tells a sender who could not be reached."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

from outlook_mcp.sandbox.message import Address, Message


def non_delivery_report(message: Message, unknown: list[Address]) -> Message:
    """In the words of Exchange Online."""
    sender = message.from_ or message.sender or Address("postmaster@localhost")
    domain = sender.address.rpartition("@")[2]
    postmaster = Address(f"MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@{domain}", "Microsoft Outlook")
    names = ", ".join(f"{person.name} ({person.address})" if person.name else person.address for person in unknown)
    body = (
        "<html><head></head><body><p><b>Delivery has failed to these recipients or groups:</b></p>"
        f"<p>{escape(names)}</p>"
        "<p>The email address you entered couldn't be found. Please check the recipient's email address and try to"
        " resend the message.</p><p>Remote server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not"
        " found by SMTP address lookup'</p></body></html>"
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
