"""Prepared changes: what would be sent, sealed in the vault for a day, and taken once on whatever server."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from typing import Any, Literal, Protocol

import msgspec

from outlook_mcp.calendar.models import CalendarId
from outlook_mcp.errors import Conflict, InvalidInput
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey

LIFETIME_S = 86_400.0
_PURPOSE, _USED = "prepared_change", "used_change"
_MARK = "prepared-"
_CODE_BYTES = 5
UsedState = Literal["begun", "sent", "unsent", "unknown"]
_TOLD = {
    "begun": "was handed to Exchange by another call, whose outcome is not known here",
    "sent": "was sent already",
    "unsent": "was refused when it was sent, and is used up",
    "unknown": "was handed to Exchange, and may or may not have been sent",
}


class TicketStore(Protocol):
    """Values of one user in the store that all servers share. See `outlook_mcp.vault.user_tickets.UserTickets`."""

    async def put_ticket(self, user: UserKey, purpose: str, name: str, value: bytes, /, *, lifetime_s: float) -> None:
        """Keeps the value under this name, in place of what was there."""

    async def read_ticket(self, user: UserKey, purpose: str, name: str, /) -> bytes | None:
        """The value; None when there is none or it has expired."""

    async def discard_ticket(self, user: UserKey, purpose: str, name: str, /) -> bool:
        """True for exactly one caller; False when there was none."""


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


def is_prepared_id(written: str) -> bool:
    """Whether it is the id of a prepared change, not of an event or a message.

    >>> is_prepared_id("prepared-abcdefgh"), is_prepared_id("4711")
    (True, False)
    """
    return written.strip().lower().startswith(_MARK)


class PreparedChanges:
    """Those of one mailbox that one client was shown."""

    def __init__(self, store: TicketStore, user: UserKey, connection: ConnectionId | None, client: str) -> None:
        self._store = store
        self._user = user
        self._connection = connection
        self._client = client

    async def seal_change(self, make: Callable[[str | None, str], PreparedChange]) -> str:
        """Keeps what `make` gives for the connection and the client, for 24 hours; returns its id."""
        code = _MARK + base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode("ascii").lower()
        await self._keep_change(code, make(self._connection, self._client))
        return code

    async def find_change(self, code: str) -> PreparedChange:
        """It is left for a later call. Raises Conflict for one that was used, InvalidInput for one that is not of this
        mailbox and client, or not known."""
        code = code.strip().lower()
        value = await self._store.read_ticket(self._user, _PURPOSE, code)
        if value is None:
            raise await self._gone(code)
        try:
            change = msgspec.msgpack.decode(value, type=PreparedChange)
        except msgspec.DecodeError:
            raise _unknown() from None
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
        return change

    async def take_change(self, code: str) -> None:
        """For exactly one caller on all servers; Conflict for the others. It is marked as begun before it returns."""
        code = code.strip().lower()
        if not await self._store.discard_ticket(self._user, _PURPOSE, code):
            raise await self._gone(code)
        await self.note_state(code, "begun")

    async def note_state(self, code: str, state: UsedState) -> None:
        """Keeps what became of one that was taken."""
        code = code.strip().lower()
        await self._store.put_ticket(self._user, _USED, code, state.encode(), lifetime_s=LIFETIME_S)

    async def give_back(self, code: str, change: PreparedChange) -> None:
        """Lets one be sent again whose request did not reach Exchange or was turned away without being looked at."""
        await self._store.discard_ticket(self._user, _USED, code.strip().lower())
        await self._keep_change(code.strip().lower(), change)

    async def _keep_change(self, code: str, change: PreparedChange) -> None:
        value = msgspec.msgpack.encode(change)
        await self._store.put_ticket(self._user, _PURPOSE, code, value, lifetime_s=LIFETIME_S)

    async def _gone(self, code: str) -> Conflict | InvalidInput:
        state = await self._store.read_ticket(self._user, _USED, code)
        if state is None:
            return _unknown()
        return Conflict(
            f"This change {_TOLD.get(state.decode(), _TOLD['begun'])}, so this call sent nothing.",
            next_step="Look at the event (event_read, calendar_list) before preparing it again.",
        )


def _unknown() -> InvalidInput:
    return InvalidInput(
        "This prepared change is not known: it was used, is older than 24 hours, or is misspelt. Nothing was sent.",
        next_step="Look at the event (event_read, calendar_list), and prepare it again with event_save if need be.",
    )
