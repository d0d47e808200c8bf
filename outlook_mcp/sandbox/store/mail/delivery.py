"""What happens to a message that reaches a mailbox."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from outlook_mcp.sandbox.message import Address, Message
from outlook_mcp.sandbox.store.mail.mailbox import Mailbox
from outlook_mcp.sandbox.store.mail.mailboxes import Mailboxes
from outlook_mcp.sandbox.store.mail.rows import StoredMessage
from outlook_mcp.sandbox.store.mail.rules import RuleRun, Send


class Delivery:
    """Puts messages into inboxes and applies their rules; `send` sends what a mailbox answers or forwards."""

    def __init__(self, mailboxes: Mailboxes, send: Send) -> None:
        self._mailboxes, self._send = mailboxes, send

    def receive(self, mailbox: Mailbox, message: Message, *, conversation_id: UUID | None = None) -> StoredMessage:
        """The message where the rules of the mailbox left it, or as it was where one of them erased it."""
        with self._mailboxes.database.transaction():
            stored = mailbox.insert_message(message, conversation_id=conversation_id)
            run = RuleRun(mailbox, message, self._send, self._redirect)
            return run.apply_all(stored) or stored

    def _redirect(self, message: Message, to: list[Address]) -> None:
        for person in to:
            mailbox = self._mailboxes.mailbox_by_address(person.address)
            if mailbox is not None:
                self.receive(mailbox, replace(message, received=None))
