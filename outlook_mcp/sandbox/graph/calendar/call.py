"""A request to the calendars of a user."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from outlook_mcp.sandbox.graph.core.call import Call
from outlook_mcp.sandbox.graph.core.errors import (
    GraphFault,
    access_denied,
    bad_request,
    item_not_found,
)
from outlook_mcp.sandbox.graph.core.refusals import id_refusals
from outlook_mcp.sandbox.message import Message
from outlook_mcp.sandbox.store.calendar.calendars import (
    CalendarExists,
    Calendars,
    DefaultCalendar,
    StoredCalendar,
)
from outlook_mcp.sandbox.store.calendar.events import Events
from outlook_mcp.sandbox.store.calendar.rows import StoredEvent
from outlook_mcp.sandbox.store.core.accounts import Account, Accounts
from outlook_mcp.sandbox.store.core.database import Database

# Whoever has none of them, only Calendars.ReadBasic, reads events without their texts.
READ_BODIES = (
    *("Calendars.Read", "Calendars.Read.Shared"),
    *("Calendars.ReadWrite", "Calendars.ReadWrite.Shared"),
)
_READ_ROLES = frozenset(
    {"read", "write", "delegateWithoutPrivateEventAccess", "delegateWithPrivateEventAccess", "limitedRead"}
)
_WRITE_ROLES = frozenset({"write", "delegateWithoutPrivateEventAccess", "delegateWithPrivateEventAccess"})


@dataclass(frozen=True, slots=True)
class CalendarSources:
    """What calendars need of other areas: `send` mails a message from the mailbox of an account and keeps a copy.

    `working_hours` and `may_open` are settings of a mailbox and the rights of one user in the mailbox of another.
    """

    database: Database
    accounts: Accounts
    send: Callable[[Account, Message], None]
    working_hours: Callable[[Account], Mapping[str, Any]]
    may_open: Callable[[Account, str, bool], bool]
    is_personal: Callable[[Account], bool]


@dataclass(frozen=True, slots=True)
class CalendarCall(Call):
    """`calendars` and `events` are those of the user in the path."""

    calendars: Calendars
    events: Events
    sources: CalendarSources

    @classmethod
    def of(cls, call: Call, sources: CalendarSources) -> CalendarCall:
        return cls(
            *call.parts,
            Calendars(sources.database, call.account),
            Events(sources.database, call.account),
            sources,
        )

    @property
    def is_own(self) -> bool:
        """Whether the calendars are the caller's own."""
        return self.account.oid == self.caller.oid

    def calendar(self) -> StoredCalendar:
        """The calendar of the path, else the default one; refused where it is not shared with the caller."""
        with store_refusals():
            name = self.arguments.get("calendar")
            found = self.calendars.by_id(name) if name else self.calendars.default_calendar()
        self._check_share(found)
        return found

    def event(self) -> StoredEvent:
        """The event of the path, which must be in the calendar of the path."""
        with store_refusals():
            event = self.events.by_id(self.arguments["event"])
        if "calendar" in self.arguments and event.calendar_id != self.calendar().id:
            raise item_not_found()
        with store_refusals():
            self._check_share(self.calendars.by_id(event.calendar_id))
        return event

    def role_in(self, calendar: StoredCalendar) -> str | None:
        """What was shared with a caller who is not the owner."""
        return calendar.permissions.get(self.caller.upn.lower())

    def sees_private(self, calendar: StoredCalendar) -> bool:
        return self.is_own or self.role_in(calendar) == "delegateWithPrivateEventAccess"

    @property
    def sees_bodies(self) -> bool:
        return not self.allows("Calendars.ReadBasic") or self.allows(*READ_BODIES)

    def series_id_of(self, event: StoredEvent) -> str:
        return event.immutable_series_id if self.prefer.immutable_ids else event.series_id

    def _check_share(self, calendar: StoredCalendar) -> None:
        if self.is_own:
            return
        is_change = self.request.method != "GET"
        roles = _WRITE_ROLES if is_change else _READ_ROLES
        if self.role_in(calendar) not in roles and not self.sources.may_open(self.account, self.caller.oid, is_change):
            raise access_denied()


def invalid_property(message: str) -> GraphFault:
    return bad_request(message, "ErrorPropertyValidationFailure")


@contextmanager
def store_refusals() -> Iterator[None]:
    """Turns refusals of the store into the answers of Graph."""
    try:
        with id_refusals():
            yield
    except CalendarExists as error:
        message = "A folder with the specified name already exists."
        raise GraphFault(409, "ErrorFolderExists", message) from error
    except DefaultCalendar as error:
        raise bad_request("Distinguished folders cannot be deleted.", "ErrorDeleteDistinguishedFolder") from error
