"""Tickets: values kept in the vault for a limited time under an unguessable handle, such as the state of a sign-in."""

from __future__ import annotations

import secrets
import struct

from pydantic import SecretStr

from outlook_mcp.errors import GenerationConflict
from outlook_mcp.identity.user import SERVER
from outlook_mcp.net.clock import UnixClock, unix_time
from outlook_mcp.vault.digests import Digests
from outlook_mcp.vault.records import RecordKey
from outlook_mcp.vault.vault import CredentialVault

_EXPIRY = struct.Struct(">d")


class Tickets:
    """Every server that shares the vault accepts a ticket. The vault holds only the digest of its handle.

    `purpose` keeps kinds of tickets apart: a handle given for one is unknown to the others.
    """

    def __init__(self, vault: CredentialVault, digests: Digests, clock: UnixClock = unix_time) -> None:
        self._vault = vault
        self._digests = digests
        self._clock = clock

    async def issue_ticket(self, purpose: str, value: bytes, *, lifetime_s: float) -> SecretStr:
        """Keeps the value under a new handle of 256 bits."""
        handle = SecretStr(secrets.token_urlsafe(32))
        await self.put_ticket(purpose, handle, value, lifetime_s=lifetime_s)
        return handle

    async def put_ticket(self, purpose: str, handle: SecretStr, value: bytes, *, lifetime_s: float) -> None:
        """Keeps the value under this handle, in place of what was there."""
        expires_at = self._clock() + lifetime_s
        sealed = _EXPIRY.pack(expires_at) + value
        await self._vault.replace_record(self._key(purpose, handle), sealed, expires_at=expires_at)

    async def read_ticket(self, purpose: str, handle: SecretStr) -> bytes | None:
        """The value; None when there is none or it has expired."""
        record = await self._vault.get_record(self._key(purpose, handle))
        if record is None or _EXPIRY.unpack_from(record.value)[0] <= self._clock():
            return None
        return record.value[_EXPIRY.size :]

    async def take_ticket(self, purpose: str, handle: SecretStr) -> bytes | None:
        """The value, for exactly one caller; None for every later one."""
        value = await self.read_ticket(purpose, handle)
        if value is None or not await self._vault.delete_record(self._key(purpose, handle)):
            return None
        return value

    async def mark_handle(self, purpose: str, handle: SecretStr, *, lifetime_s: float) -> bool:
        """True for the first caller with this handle, on any server; False for every later one within `lifetime_s`."""
        expires_at = self._clock() + lifetime_s
        try:
            await self._vault.put_record(
                self._key(purpose, handle), _EXPIRY.pack(expires_at), expected_generation=None, expires_at=expires_at
            )
        except GenerationConflict:
            # A record that is there already is the answer, not a reason to write again.
            return False
        return True

    async def discard_ticket(self, purpose: str, handle: SecretStr) -> None:
        """Deletes the ticket, if there is one."""
        await self._vault.delete_record(self._key(purpose, handle))

    def _key(self, purpose: str, handle: SecretStr) -> RecordKey:
        return RecordKey(SERVER, purpose, self._digests.digest_of(purpose, handle))
