"""What happens to a message that reaches a mailbox."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from outlook_mcp.sandbox.message import Address, Message
from outlook_mcp.sandbox.store.core.accounts import Account
from outlook_mcp.sandbox.store.mail.automatic_replies import automatic_reply
from outlook_mcp.sandbox.store.mail.delegated import MEETING_TYPE, OWNERS_COPY, REPRESENTED
from outlook_mcp.sandbox.store.mail.focused_inbox import classification_of
from outlook_mcp.sandbox.store.mail.mailbox import Mailbox
from outlook_mcp.sandbox.store.mail.mailboxes import Mailboxes
from outlook_mcp.sandbox.store.mail.rows import StoredMessage
from outlook_mcp.sandbox.store.mail.rules import RuleRun, Send
from outlook_mcp.sandbox.store.mail.settings import settings_of


class Delivery:
    """Puts messages into inboxes, classifies them, answers them for those who are out, and applies rules.

    `send` sends what a mailbox answers or forwards; `now` gives the seconds since 1970.
    """

    def __init__(self, mailboxes: Mailboxes, send: Send, now: Callable[[], float]) -> None:
        self._mailboxes, self._send, self._now = mailboxes, send, now
        # What the calendar of the receiver makes of a meeting message.
        self.on_meeting: Callable[[Account, Message], None] = lambda _account, _message: None
        # Who gets a meeting message on behalf of its receiver.
        self.delegates_of: Callable[[Account, str | None], Sequence[Account]] = lambda _account, _calendar: ()

    def receive(self, mailbox: Mailbox, message: Message, *, conversation_id: UUID | None = None) -> StoredMessage:
        """The message where the rules of the mailbox left it, or as it was where one of them erased it."""
        with self._mailboxes.database.transaction():
            if delegates := self.delegates_of(mailbox.account, message.calendar):
                return self._delegate(mailbox, message, delegates)
            stored = mailbox.insert_message(message, conversation_id=conversation_id)
            self.on_meeting(mailbox.account, message)
            if (classified := classification_of(mailbox, message)) is not None:
                stored = mailbox.messages.update_columns(stored, {"inference": classified})
            self._answer_automatically(mailbox, message)
            run = RuleRun(mailbox, message, self._send, self._redirect)
            return run.apply_all(stored) or stored

    def _delegate(self, owner: Mailbox, message: Message, delegates: Sequence[Account]) -> StoredMessage:
        """The message to each delegate in the name of the owner, in whose calendar alone its meeting is."""
        for delegate in delegates:
            copy = replace(message, to=[Address(delegate.upn, delegate.display_name)], cc=[], mime=None)
            mailbox = self._mailboxes.of_account(delegate)
            mailbox.messages.set_extended(mailbox.insert_message(copy), {REPRESENTED: owner.account.upn})
        option = settings_of(owner)["delegateMeetingMessageDeliveryOptions"]
        # What the owner is not to see is left with what is deleted.
        stored = owner.insert_message(message, "deleteditems" if option == "sendToDelegateOnly" else "inbox")
        if option == "sendToDelegateAndInformationToPrincipal":
            owner.messages.set_extended(stored, {MEETING_TYPE: OWNERS_COPY})
        self.on_meeting(owner.account, message)
        return stored

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
