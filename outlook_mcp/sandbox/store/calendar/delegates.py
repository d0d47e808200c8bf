"""Who gets the meeting messages of somebody with delegates.

They go as the mailbox setting delegateMeetingMessageDeliveryOptions says:
https://learn.microsoft.com/graph/outlook-create-event-in-shared-delegated-calendar.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from outlook_mcp.sandbox.mime.calendar import read_event
from outlook_mcp.sandbox.store.calendar.calendars import Calendars
from outlook_mcp.sandbox.store.core.accounts import Account, Accounts
from outlook_mcp.sandbox.store.core.database import Database

_WITH_PRIVATE, _WITHOUT_PRIVATE = "delegateWithPrivateEventAccess", "delegateWithoutPrivateEventAccess"


@dataclass(frozen=True, slots=True)
class Delegates:
    """The delegates of one mailbox, as far as they may see a message."""

    database: Database

    def of(self, account: Account, calendar: str | None) -> Sequence[Account]:
        """The accounts that get a message with this iCalendar part, besides or in place of this one."""
        event = read_event(calendar) if calendar else None
        if event is None or not event.method:
            return ()
        is_private = event.text("CLASS").upper() in ("PRIVATE", "CONFIDENTIAL")
        roles = (_WITH_PRIVATE,) if is_private else (_WITH_PRIVATE, _WITHOUT_PRIVATE)
        permissions = Calendars(self.database, account).default_calendar().permissions
        accounts = Accounts(self.database)
        found = [accounts.by_address(address) for address, role in permissions.items() if role in roles]
        return [delegate for delegate in found if delegate is not None]
