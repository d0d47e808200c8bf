"""Sending: a submitted message waits in the Outbox, then reaches Sent Items and the recipients."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import anyio

from outlook_mcp.sandbox.message import Address, Message
from outlook_mcp.sandbox.mime import build, parse
from outlook_mcp.sandbox.store.core import times
from outlook_mcp.sandbox.store.mail import ids
from outlook_mcp.sandbox.store.mail.automatic_replies import is_automatic
from outlook_mcp.sandbox.store.mail.bounce import UNKNOWN, non_delivery_report, refusal
from outlook_mcp.sandbox.store.mail.delivery import Delivery
from outlook_mcp.sandbox.store.mail.mailbox import Mailbox
from outlook_mcp.sandbox.store.mail.mailboxes import Mailboxes
from outlook_mcp.sandbox.store.mail.rows import StoredMessage

# A message deferred beyond this is not waited for.
_SOON_S = 30.0


class Outbox:
    """Nothing runs in the background: each request first delivers what is due, also after a restart.

    `now` gives the seconds since 1970.
    """

    def __init__(self, mailboxes: Mailboxes, delay_s: float, now: Callable[[], float] = time.time) -> None:
        self._mailboxes, self.delay_s, self._now = mailboxes, delay_s, now
        self.delivery = Delivery(mailboxes, self._send_unkept, now)

    def submit(
        self, mailbox: Mailbox, draft: StoredMessage, *, keep_copy: bool = True, not_before: datetime | None = None
    ) -> None:
        """Take a draft for sending; it is no draft any more and stands in the Outbox."""
        due = self._now() + self.delay_s
        with self._mailboxes.database.transaction():
            waiting = mailbox.messages.move(draft, mailbox.folders.by_name("outbox"))
            mailbox.messages.update_columns(
                waiting,
                {
                    "submit_at": max(due, not_before.timestamp()) if not_before else due,
                    "keep_copy": int(keep_copy),
                    "is_draft": 0,
                    "is_read": 1,
                    "sent": times.write_time(self.utc()),
                },
            )

    def deliver_due(self) -> None:
        for row in self._mailboxes.database.rows(
            "SELECT m.id, b.oid FROM message m JOIN mailbox b ON b.id = m.mailbox"
            " WHERE m.submit_at <= ? ORDER BY m.submit_at, m.id",
            (self._now(),),
        ):
            mailbox = self._mailboxes.mailbox(row["oid"])
            with self._mailboxes.database.transaction():
                self._deliver(mailbox, mailbox.messages.by_key(row["id"]))

    async def settled(self) -> None:
        """Wait for everything that is due within 30 seconds; what is deferred beyond that is not waited for."""
        while (due := self._next_due()) is not None:
            await anyio.sleep(max(0.0, due - self._now()))
            self.deliver_due()

    def utc(self) -> datetime:
        """The time by which mail becomes due."""
        return datetime.fromtimestamp(self._now(), UTC)

    def _next_due(self) -> float | None:
        return self._mailboxes.database.value(  # type: ignore[no-any-return]
            "SELECT min(submit_at) FROM message WHERE submit_at < ?", (self._now() + _SOON_S,)
        )

    def _deliver(self, mailbox: Mailbox, stored: StoredMessage) -> None:
        message = mailbox.messages.load_message(stored)
        message.sent = self.utc()
        conversation = ids.conversation_guid(stored.conversation_id)
        delivered = parse(build(replace(message, bcc=[], mime=None)))
        delivered = replace(delivered, received=message.sent, is_read=False, is_draft=False)
        failed: dict[str, list[Address]] = {}
        reached: set[int] = set()
        for recipient in self._mailboxes.groups.expand([*message.to, *message.cc, *message.bcc]):
            other = self._mailboxes.mailbox_by_address(recipient.address)
            if other is None:
                failed.setdefault(UNKNOWN, []).append(recipient)
            elif (reason := refusal(other, mailbox.account, len(delivered.mime or b""))) is not None:
                failed.setdefault(reason, []).append(recipient)
            elif other.account.key not in reached:
                # Somebody who has two of the addresses gets one copy.
                reached.add(other.account.key)
                self.delivery.receive(other, delivered, conversation_id=conversation)
        self._file(mailbox, stored)
        for reason, people in failed.items():
            if not is_automatic(message):
                report = non_delivery_report(message, people, reason)
                self.delivery.receive(mailbox, report, conversation_id=conversation)

    def _send_unkept(self, mailbox: Mailbox, message: Message) -> None:
        """Send a message that a rule or a setting of the mailbox made; no copy goes to Sent Items."""
        draft = mailbox.insert_message(replace(message, is_draft=True, is_read=True), "outbox")
        self.submit(mailbox, draft, keep_copy=False)

    def _file(self, mailbox: Mailbox, stored: StoredMessage) -> None:
        """Keep the sent message in Sent Items, unless the sender asked for no copy."""
        if not stored.row["keep_copy"]:
            mailbox.messages.erase(stored)
            return
        moment = times.write_time(self.utc())
        sent = mailbox.messages.update_columns(stored, {"submit_at": None, "sent": moment, "received": moment})
        mailbox.messages.move(sent, mailbox.folders.by_name("sentitems"))
