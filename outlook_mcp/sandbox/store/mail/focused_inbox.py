"""The senders whose messages always go to the focused or to the other part of the inbox."""

from __future__ import annotations

from outlook_mcp.sandbox.message import Message
from outlook_mcp.sandbox.store.mail.mailbox import Mailbox

# Records by the address of the sender: `id`, `classifyAs`, `name`.
OVERRIDES = "override"


def classification_of(mailbox: Mailbox, message: Message) -> str | None:
    """`focused` or `other`, None where the user has said nothing of the sender."""
    sender = message.from_ or message.sender
    found = mailbox.records(OVERRIDES).find_record(sender.address) if sender and sender.address else None
    return None if found is None else str(found["classifyAs"])
