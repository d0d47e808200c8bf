"""Mail with a canary in every field, so that a word of one user is known wherever it turns up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from outlook_mcp.sandbox import User
from outlook_mcp.sandbox.message import Address, Attachment, Message

# Where a canary stands, and the word that follows it there.
FIELDS = ("subject", "body", "sender", "address", "file", "content", "category", "folder")


def marked_messages(user: User, canary: str, *, count: int, newest: datetime) -> Iterator[tuple[Message, str]]:
    """Each message with its folder; subject and text also hold a word that all mailboxes share."""
    for number in range(count):
        sender = Address(f"{canary}address@elsewhere.example", f"{canary}sender Smith")
        message = Message(
            subject=f"Harvest {number} {canary}subject",
            body=f"<p>Harvest {canary}body <a href='https://{canary}body.example/'>more</a></p>",
            body_type="html",
            from_=sender,
            sender=sender,
            to=[Address(user.upn, user.display_name)],
            received=newest - timedelta(minutes=number),
            categories=[f"{canary}category"],
            internet_message_id=f"<{canary}{number}@elsewhere.example>",
            headers=[("X-Canary", f"{canary}body")],
        )
        message.attachments.append(Attachment(f"{canary}file.txt", "text/plain", f"{canary}content".encode()))
        yield message, "inbox" if number % 2 else f"Projects/{canary}folder"
