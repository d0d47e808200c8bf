"""What arrives in the mailboxes of the sandbox, and what its calendars say of a meeting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from outlook_mcp.sandbox import Sandbox, User
from outlook_mcp.sandbox.store.calendar.calendars import Calendars
from outlook_mcp.sandbox.store.calendar.events import Events
from outlook_mcp.sandbox.store.calendar.rows import StoredEvent

# Requests that make Exchange send mail, by the end of their path.
_ACTIONS = ("/accept", "/tentativelyaccept", "/decline", "/cancel", "/forward", "/sendmail", "/send", "/reply")
# Of these nobody is told; what the store keeps for itself begins with `_`.
_QUIET = frozenset({"isReminderOn", "reminderMinutesBeforeStart", "categories", "responseRequested", "transactionId"})


@dataclass
class Watched:
    """Mail that arrived and requests that were made are counted from the last look on."""

    sandbox: Sandbox
    _last_message: int = 0

    def users(self) -> Sequence[User]:
        """Two of one organisation and one of another, who have mailboxes."""
        return self.sandbox.users[:4]

    def events_of(self, user: User) -> list[StoredEvent]:
        """Single events and series of the default calendar."""
        calendar = Calendars(self.sandbox.store.database, self._account(user)).default_calendar()
        return Events(self.sandbox.store.database, self._account(user)).masters_in(calendar)

    def event(self, user: User, uid: str, day: date | None = None) -> Mapping[str, Any] | None:
        """The fields of the event or series, or of the date of the series, to which others may be invited."""
        found = Events(self.sandbox.store.database, self._account(user)).by_uid_and_day(uid, day)
        return None if found is None else found.fields

    async def look(self) -> tuple[Counter[str], list[str]]:
        """Who got mail since the last look, by address, and the requests by which Exchange was told to send some."""
        await self.sandbox.store.outbox.settled()
        rows = self.sandbox.store.database.rows(
            "SELECT m.id, b.oid, f.well_known FROM message m JOIN mailbox b ON b.id = m.mailbox"
            " JOIN folder f ON f.id = m.folder WHERE m.id > ?",
            (self._last_message,),
        )
        self._last_message = max((row["id"] for row in rows), default=self._last_message)
        addresses = {user.oid: user.upn for user in self.sandbox.users}
        told = Counter(addresses[row["oid"]] for row in rows if row["well_known"] not in ("sentitems", "outbox"))
        paths = [record.path.lower() for record in self.sandbox.log.records if record.method == "POST"]
        self.sandbox.log.clear()
        return told, [path for path in paths if path.endswith(_ACTIONS)]

    def empty_calendars(self) -> None:
        self.sandbox.store.database.execute("DELETE FROM event")

    def _account(self, user: User) -> Any:
        return self.sandbox.store.mailbox(user.oid).account


def attendees(fields: Mapping[str, Any] | None) -> set[str]:
    """The addresses of those who are invited."""
    return {person["emailAddress"]["address"].lower() for person in (fields or {}).get("attendees") or ()}


def who_has_to_hear(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> set[str]:
    """Of the change of a meeting: everybody, or those alone who are new or dropped where nothing else changed."""
    old, new = attendees(before), attendees(after)
    if before is None or after is None:
        return old | new
    names = {name for name in {*before, *after} if before.get(name) != after.get(name)} - _QUIET - {"attendees"}
    return old | new if any(not name.startswith("_") for name in names) else old ^ new
