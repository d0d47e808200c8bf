"""Tickets of one user: values kept for a limited time, sealed with the user's own data key."""

from __future__ import annotations

import struct

from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.clock import UnixClock, unix_time
from outlook_mcp.vault.records import RecordKey
from outlook_mcp.vault.vault import CredentialVault

_EXPIRY = struct.Struct(">d")


class UserTickets:
    """Every server that shares the vault finds them, and only under the same user. They go when the user is erased.

    `purpose` keeps kinds of tickets apart. A name needs not be secret, since nobody else can ask for it.
    """

    def __init__(self, vault: CredentialVault, clock: UnixClock = unix_time) -> None:
        self._vault = vault
        self._clock = clock

    async def put_ticket(self, user: UserKey, purpose: str, name: str, value: bytes, /, *, lifetime_s: float) -> None:
        """Keeps the value under this name, in place of what was there."""
        expires_at = self._clock() + lifetime_s
        sealed = _EXPIRY.pack(expires_at) + value
        await self._vault.replace_record(RecordKey(user, purpose, name), sealed, expires_at=expires_at)

    async def read_ticket(self, user: UserKey, purpose: str, name: str, /) -> bytes | None:
        """The value; None when there is none or it has expired."""
        record = await self._vault.get_record(RecordKey(user, purpose, name))
        if record is None or _EXPIRY.unpack_from(record.value)[0] <= self._clock():
            return None
        return record.value[_EXPIRY.size :]

    async def discard_ticket(self, user: UserKey, purpose: str, name: str, /) -> bool:
        """Deletes it. True for exactly one caller, on whatever server; False when there was none."""
        return await self._vault.delete_record(RecordKey(user, purpose, name))
