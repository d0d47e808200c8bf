"""All mail of a sandbox, and what meeting messages change in the calendars of those who get them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from outlook_mcp.sandbox.message import Address, Message
from outlook_mcp.sandbox.mime.calendar import CalendarEvent
from outlook_mcp.sandbox.store.calendar.attendant import MeetingAttendant, event_of_mail
from outlook_mcp.sandbox.store.calendar.delegates import Delegates
from outlook_mcp.sandbox.store.calendar.events import Events
from outlook_mcp.sandbox.store.calendar.rows import StoredEvent
from outlook_mcp.sandbox.store.core.accounts import Account
from outlook_mcp.sandbox.store.core.database import Database
from outlook_mcp.sandbox.store.mail.correspondents import correspondents_of
from outlook_mcp.sandbox.store.mail.mailbox import Mailbox
from outlook_mcp.sandbox.store.mail.mailboxes import Mailboxes
from outlook_mcp.sandbox.store.mail.outbox import Outbox
from outlook_mcp.sandbox.store.mail.rows import StoredMessage
from outlook_mcp.sandbox.store.mail.subscriptions import Subscriptions


class MailStore(Mailboxes):
    """`database` has the tables of mail; `send_delay_s` is how many seconds a sent message stays in the Outbox.

    `now` gives the seconds since 1970.
    """

    def __init__(self, database: Database, *, send_delay_s: float = 0.05, now: Callable[[], float] = time.time) -> None:
        super().__init__(database)
        self.outbox = Outbox(self, send_delay_s, now)
        self.outbox.delivery.on_meeting = MeetingAttendant(database, self.send, now).attend
        self.outbox.delivery.delegates_of = Delegates(database).of
        self.subscriptions = Subscriptions(database, self)
        self.outbox.deliver_due()

    def receive(self, mailbox: Mailbox, message: Message) -> StoredMessage:
        """Deliver a message from outside, as its sender's server would; the rules of the mailbox are applied."""
        return self.outbox.delivery.receive(mailbox, message)

    def correspondents(self, account: Account) -> Sequence[tuple[Address, int]]:
        """With whom this user exchanges mail, and how many messages."""
        return correspondents_of(self.of_account(account))

    def send(self, account: Account, message: Message) -> None:
        """Mail a message from this user, with a copy in Sent Items."""
        mailbox = self.of_account(account)
        draft = mailbox.insert_message(replace(message, is_draft=True, is_read=True), "outbox")
        self.outbox.submit(mailbox, draft)

    def event_of(self, account: Account, event: CalendarEvent) -> StoredEvent | None:
        """As `event_of_mail`, in the calendars of the user."""
        return event_of_mail(Events(self.database, account), event)

    async def settled(self) -> None:
        """Return when everything sent so far has reached Sent Items and the recipients."""
        await self.outbox.settled()

    def clear(self) -> None:
        """Delete every mailbox with all that is in it."""
        with self.database.transaction():
            # The full-text index is a virtual table, which no foreign key reaches.
            self.database.execute("DELETE FROM message_text")
            self.groups.clear()
            self.accounts.clear()

    def close(self) -> None:
        self.database.close()
