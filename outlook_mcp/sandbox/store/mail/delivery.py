"""What happens to a message that reaches a mailbox."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from outlook_mcp.sandbox.message import Address, Message
from outlook_mcp.sandbox.store.core.accounts import Account
from outlook_mcp.sandbox.store.mail.automatic_replies import automatic_reply
from outlook_mcp.sandbox.store.mail.focused_inbox import classification_of
from outlook_mcp.sandbox.store.mail.mailbox import Mailbox
from outlook_mcp.sandbox.store.mail.mailboxes import Mailboxes
from outlook_mcp.sandbox.store.mail.rows import StoredMessage
from outlook_mcp.sandbox.store.mail.rules import RuleRun, Send


class Delivery:
    """Puts messages into inboxes, classifies them, answers them for those who are out, and applies rules.

    `send` sends what a mailbox answers or forwards; `now` gives the seconds since 1970.
    """

    def __init__(self, mailboxes: Mailboxes, send: Send, now: Callable[[], float]) -> None:
        self._mailboxes, self._send, self._now = mailboxes, send, now
        # What the calendar of the receiver makes of a meeting message.
        self.on_meeting: Callable[[Account, Message], None] = lambda _account, _message: None

    def receive(self, mailbox: Mailbox, message: Message, *, conversation_id: UUID | None = None) -> StoredMessage:
        """The message where the rules of the mailbox left it, or as it was where one of them erased it."""
        with self._mailboxes.database.transaction():
            stored = mailbox.insert_message(message, conversation_id=conversation_id)
            self.on_meeting(mailbox.account, message)
            if (classified := classification_of(mailbox, message)) is not None:
                stored = mailbox.messages.update_columns(stored, {"inference": classified})
            self._answer_automatically(mailbox, message)
            run = RuleRun(mailbox, message, self._send, self._redirect)
            return run.apply_all(stored) or stored

    def _answer_automatically(self, mailbox: Mailbox, message: Message) -> None:
        author = message.from_ or message.sender
        sender = self._mailboxes.accounts.by_address(author.address) if author else None
        reply = automatic_reply(mailbox, message, sender, datetime.fromtimestamp(self._now(), UTC))
        if reply is not None:
            self._send(mailbox, reply)

    def _redirect(self, message: Message, to: list[Address]) -> None:
        for person in to:
            mailbox = self._mailboxes.mailbox_by_address(person.address)
            if mailbox is not None:
                self.receive(mailbox, replace(message, received=None))
