"""What the authorization server keeps between requests: sealed, and changed by compare-and-swap alone.

Every server that shares the vault sees the same record, so of many who come at once exactly one is first.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from outlook_mcp.errors import GenerationConflict, RecordBroken
from outlook_mcp.identity.user import SERVER
from outlook_mcp.vault.digests import Digests
from outlook_mcp.vault.records import OpenRecord, RecordKey
from outlook_mcp.vault.vault import CredentialVault


class GrantRecord(BaseModel):
    """`kind` keeps handles apart: one given for a code opens no token. `expires_at` is Unix time in seconds."""

    model_config = ConfigDict(frozen=True)

    kind: ClassVar[str]
    expires_at: float


Record = TypeVar("Record", bound=GrantRecord)


@dataclass(frozen=True, slots=True)
class StoredGeneration(Generic[Record]):
    """A record and the generation to name when it is replaced."""

    record: Record
    generation: int


class GrantRecords:
    """Records under the digest of an unguessable handle; the vault never learns the handle. `clock` is Unix time."""

    def __init__(self, vault: CredentialVault, digests: Digests, clock: Callable[[], float] = time.time) -> None:
        self._vault = vault
        self._digests = digests
        self._clock = clock

    def now(self) -> float:
        return self._clock()

    def digest(self, kind: type[GrantRecord], secret: SecretStr) -> str:
        return self._digests.of(kind.kind, secret)

    def matches(self, kind: type[GrantRecord], secret: SecretStr, digest: str) -> bool:
        """Compared in constant time."""
        return self._digests.matches(kind.kind, secret, digest)

    async def read(self, kind: type[Record], handle: SecretStr) -> StoredGeneration[Record] | None:
        """None when there is none, its time is over, or it was not sealed for this place."""
        try:
            found = await self._get(kind, handle)
            record = None if found is None else kind.model_validate_json(found.value)
        except (RecordBroken, ValidationError):
            return None
        if found is None or record is None or record.expires_at <= self._clock():
            return None
        return StoredGeneration(record, found.generation)

    async def create(self, handle: SecretStr, record: GrantRecord) -> bool:
        """True for the first under this handle."""
        return await self._put(handle, record, None)

    async def swap(self, handle: SecretStr, record: GrantRecord, generation: int) -> bool:
        """Replace what was read at `generation`; False when somebody else did meanwhile."""
        return await self._put(handle, record, generation)

    async def remove(self, kind: type[GrantRecord], handle: SecretStr) -> bool:
        """True for exactly one caller."""
        return await self._vault.delete(self._key(kind, handle))

    async def _put(self, handle: SecretStr, record: GrantRecord, expected: int | None) -> bool:
        value = record.model_dump_json().encode()
        key = self._key(type(record), handle)
        try:
            await self._vault.put(key, value, expected_generation=expected, expires_at=record.expires_at)
        except GenerationConflict:
            found = await self._get(type(record), handle)
            if (None if found is None else found.generation) == expected:
                # The store was contended, this record was not: nobody may take it for used.
                raise
            return False
        return True

    async def _get(self, kind: type[GrantRecord], handle: SecretStr) -> OpenRecord | None:
        return await self._vault.get(self._key(kind, handle))

    def _key(self, kind: type[GrantRecord], handle: SecretStr) -> RecordKey:
        return RecordKey(SERVER, kind.kind, self.digest(kind, handle))
