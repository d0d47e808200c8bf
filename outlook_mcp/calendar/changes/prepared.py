"""Prepared changes: what would be sent, sealed in the vault for a day, and taken once on whatever server."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from typing import Any, Literal, TypeVar

import msgspec

from outlook_mcp.calendar.models import CalendarId
from outlook_mcp.errors import Conflict, InvalidInput
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.shared_store import UserTicketStore
from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.clock import UtcClock

LIFETIME_S = 86_400.0
_PURPOSE, _USED = "prepared_change", "used_change"
_MARK = "prepared-"
_CODE_BYTES = 5
T = TypeVar("T")
UsedState = Literal["begun", "sent", "unsent", "unknown"]


class PreparedChange(msgspec.Struct, frozen=True, kw_only=True):
    """One request that reaches others: the POST of a new event, or the PATCH of `event_id` as it was with `etag`.

    `mailbox` is the address of the mailbox it is in, "" for the user's own, and `calendar_id` the calendar of a new
    event, None for the default one. `told` are the addresses of those who get mail. `client` is the client to which it
    was shown.
    """

    connection: str | None
    client: str
    body: dict[str, Any]
    told: list[str]
    subject: str
    mailbox: str = ""
    calendar_id: CalendarId | None = None
    event_id: str = ""
    etag: str = ""
    transaction_id: str = ""
    wants_online: bool = False


class UsedChange(msgspec.Struct, frozen=True, kw_only=True):
    """One that a call took at `begun_at`, in Unix time.

    `state` is what that call could say of it; one that still is `begun` is under way, or its server was stopped.
    """

    change: PreparedChange
    begun_at: float
    state: UsedState = "begun"


def is_prepared_id(written: str) -> bool:
    """Whether it is the id of a prepared change, not of an event or a message.

    >>> is_prepared_id("prepared-abcdefgh"), is_prepared_id("4711")
    (True, False)
    """
    return written.strip().lower().startswith(_MARK)


class PreparedChanges:
    """The prepared changes of one mailbox that one client was shown."""

    def __init__(
        self, store: UserTicketStore, user: UserKey, connection: ConnectionId | None, client: str, clock: UtcClock
    ) -> None:
        self._clock = clock
        self._store = store
        self._user = user
        self._connection = connection
        self._client = client

    async def seal_change(self, make: Callable[[str | None, str], PreparedChange]) -> str:
        """Keeps what `make` gives for the connection and the client, for 24 hours; returns its id."""
        code = _MARK + base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode("ascii").lower()
        await self._keep_ticket(_PURPOSE, code, make(self._connection, self._client))
        return code

    async def find_change(self, code: str) -> PreparedChange | UsedChange:
        """The change under this id, which stays for a later call.

        Raises InvalidInput for one that is not of this mailbox and client, or not known.
        """
        found: PreparedChange | UsedChange | None = await self._read_ticket(_PURPOSE, code, PreparedChange)
        found = found or await self._read_ticket(_USED, code, UsedChange)
        if found is None:
            raise InvalidInput(
                "This prepared change is not known: it was used, is older than 24 hours, or is misspelt. Nothing was "
                "sent.",
                next_step="Look at the event (event_read, calendar_list), and prepare it again with event_save if need "
                "be.",
            )
        change = found.change if isinstance(found, UsedChange) else found
        if change.connection != self._connection:
            raise InvalidInput(
                "This change was prepared for another mailbox. Nothing was sent.",
                next_step="Give the `account` of the call that prepared it.",
            )
        if change.client != self._client:
            raise InvalidInput(
                "This change was prepared by another client. Nothing was sent.",
                next_step="Prepare it here with event_save, and show it to the user.",
            )
        return found

    async def take_change(self, code: str, change: PreparedChange) -> UsedChange:
        """For exactly one caller on all servers; Conflict for the others. It is kept as begun before it returns."""
        if not await self._store.discard_ticket(self._user, _PURPOSE, _key(code)):
            raise Conflict(
                "Another call took this change a moment ago, so this call sent nothing.",
                next_step="Look at the event (event_read, calendar_list).",
            )
        used = UsedChange(change=change, begun_at=self._clock().timestamp())
        await self._keep_ticket(_USED, code, used)
        return used

    async def note_state(self, code: str, used: UsedChange, state: UsedState) -> None:
        """Keeps what became of one that was taken."""
        await self._keep_ticket(_USED, code, msgspec.structs.replace(used, state=state))

    async def give_back(self, code: str, change: PreparedChange) -> bool:
        """Lets one that was taken be sent again, since its request was not carried out. True for exactly one caller."""
        was_taken = await self._store.discard_ticket(self._user, _USED, _key(code))
        if was_taken:
            await self._keep_ticket(_PURPOSE, code, change)
        return was_taken

    async def _keep_ticket(self, purpose: str, code: str, value: PreparedChange | UsedChange) -> None:
        packed = msgspec.msgpack.encode(value)
        await self._store.put_ticket(self._user, purpose, _key(code), packed, lifetime_s=LIFETIME_S)

    async def _read_ticket(self, purpose: str, code: str, kind: type[T]) -> T | None:
        """None also for one of another form."""
        packed = await self._store.read_ticket(self._user, purpose, _key(code))
        try:
            return None if packed is None else msgspec.msgpack.decode(packed, type=kind)
        except msgspec.DecodeError:
            return None


def _key(code: str) -> str:
    return code.strip().lower()
