"""The records of the authorization server in the vault: sealed, and changed by compare-and-swap only.

All servers that share the vault see the same records, so of several simultaneous requests exactly one wins.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from outlook_mcp.errors import GenerationConflict, RecordBroken
from outlook_mcp.identity.user import SERVER
from outlook_mcp.net.clock import UnixClock, unix_time
from outlook_mcp.vault.digests import Digests
from outlook_mcp.vault.records import OpenRecord, RecordKey
from outlook_mcp.vault.vault import CredentialVault


class GrantRecord(BaseModel):
    """`kind` separates the handles: that of a code finds no token. `expires_at` is Unix time in seconds."""

    model_config = ConfigDict(frozen=True)

    kind: ClassVar[str]
    expires_at: float


Record = TypeVar("Record", bound=GrantRecord)


@dataclass(frozen=True, slots=True)
class StoredGeneration(Generic[Record]):
    """A record and its generation, which `replace_record` compares."""

    record: Record
    generation: int


class GrantRecords:
    """Records by the digest of an unguessable handle, which the vault never learns. `clock` is Unix time in seconds."""

    def __init__(self, vault: CredentialVault, digests: Digests, clock: UnixClock = unix_time) -> None:
        self._vault = vault
        self._digests = digests
        self._clock = clock

    def now(self) -> float:
        return self._clock()

    def digest(self, kind: type[GrantRecord], secret: SecretStr) -> str:
        return self._digests.digest_of(kind.kind, secret)

    def matches(self, kind: type[GrantRecord], secret: SecretStr, digest: str) -> bool:
        """True when `digest` is that of `secret`; compared in constant time."""
        return self._digests.matches(kind.kind, secret, digest)

    async def read_record(self, kind: type[Record], handle: SecretStr) -> StoredGeneration[Record] | None:
        """None when it does not exist, has expired, or was sealed for another key of the vault."""
        try:
            found = await self._open(kind, handle)
            record = None if found is None else kind.model_validate_json(found.value)
        except (RecordBroken, ValidationError):
            return None
        if found is None or record is None or record.expires_at <= self._clock():
            return None
        return StoredGeneration(record, found.generation)

    async def create_record(self, handle: SecretStr, record: GrantRecord) -> bool:
        """False when there is a record of this handle already."""
        return await self._write(handle, record, None)

    async def replace_record(self, handle: SecretStr, record: GrantRecord, generation: int) -> bool:
        """Replaces the record that was read at `generation`; False when it has changed since."""
        return await self._write(handle, record, generation)

    async def delete_record(self, kind: type[GrantRecord], handle: SecretStr) -> bool:
        """True for exactly one caller; False when the record is gone already."""
        return await self._vault.delete_record(self._key(kind, handle))

    async def _write(self, handle: SecretStr, record: GrantRecord, expected: int | None) -> bool:
        value = record.model_dump_json().encode()
        key = self._key(type(record), handle)
        try:
            await self._vault.put_record(key, value, expected_generation=expected, expires_at=record.expires_at)
        except GenerationConflict:
            found = await self._open(type(record), handle)
            if (None if found is None else found.generation) == expected:
                # The store had a conflict, but not about this record: it must not count as used.
                raise
            return False
        return True

    async def _open(self, kind: type[GrantRecord], handle: SecretStr) -> OpenRecord | None:
        return await self._vault.get_record(self._key(kind, handle))

    def _key(self, kind: type[GrantRecord], handle: SecretStr) -> RecordKey:
        return RecordKey(SERVER, kind.kind, self.digest(kind, handle))
