"""The records of the authorization server in the vault: sealed, and changed by compare-and-swap only.

All servers that share the vault see the same records, so of several simultaneous requests exactly one wins.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, SecretBytes, SecretStr, ValidationError

from outlook_mcp.errors import RecordBroken
from outlook_mcp.identity.user import SERVER
from outlook_mcp.net.clock import UnixClock, unix_time
from outlook_mcp.vault.digests import Digests
from outlook_mcp.vault.records import NewValue, RecordKey
from outlook_mcp.vault.vault import CredentialVault


class GrantRecord(BaseModel):
    """`kind` separates the handles: that of a code finds no token. `expires_at` is Unix time in seconds."""

    model_config = ConfigDict(frozen=True)

    kind: ClassVar[str]
    expires_at: float


Record = TypeVar("Record", bound=GrantRecord)


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

    async def count(self, name: str, *, window_s: float) -> int:
        """How often this was called for `name` since its window began, on all servers."""
        return await self._vault.increment_counter(name, window_s=window_s)

    async def derived_key(self, purpose: str) -> SecretBytes:
        """32 bytes, the same on every server that shares the vault."""
        return await self._vault.derive_key(purpose)

    def derived_secret(self, purpose: str, secret: SecretStr) -> SecretStr:
        """64 hexadecimal digits that only a server with the vault's key can derive from `secret`."""
        return SecretStr(self._digests.digest_of(purpose, secret))

    async def read_record(self, kind: type[Record], handle: SecretStr) -> Record | None:
        """None when it does not exist, has expired, or was sealed for another key of the vault."""
        try:
            found = await self._vault.get_record(self._key(kind, handle))
        except RecordBroken:
            return None
        return self._parsed(kind, None if found is None else found.value)

    async def create_record(self, handle: SecretStr, record: GrantRecord) -> bool:
        """False when there is a record of this handle already."""
        return await self._update_record(type(record), handle, lambda value: record if value is None else None)

    async def change_record(
        self, kind: type[Record], handle: SecretStr, change: Callable[[Record | None], Record | None]
    ) -> bool:
        """Replaces the record by what `change` makes of it; False when that is None, and nothing was changed.

        `change` is given None when there is no record, as `read_record` says. When somebody else writes in between, it
        is called again with the newer record, so of several simultaneous changes each sees those before it.
        """
        try:
            return await self._update_record(kind, handle, lambda value: change(self._parsed(kind, value)))
        except RecordBroken:
            return False

    async def delete_record(self, kind: type[GrantRecord], handle: SecretStr) -> bool:
        """True for exactly one caller; False when the record is gone already."""
        return await self._vault.delete_record(self._key(kind, handle))

    async def _update_record(
        self, kind: type[GrantRecord], handle: SecretStr, change: Callable[[bytes | None], GrantRecord | None]
    ) -> bool:
        is_changed = False

        def apply(value: bytes | None) -> NewValue | None:
            nonlocal is_changed
            changed = change(value)
            is_changed = changed is not None
            return None if changed is None else NewValue(changed.model_dump_json().encode(), changed.expires_at)

        await self._vault.update_record(self._key(kind, handle), apply)
        return is_changed

    def _parsed(self, kind: type[Record], value: bytes | None) -> Record | None:
        try:
            record = None if value is None else kind.model_validate_json(value)
        except ValidationError:
            return None
        return None if record is None or record.expires_at <= self._clock() else record

    def _key(self, kind: type[GrantRecord], handle: SecretStr) -> RecordKey:
        return RecordKey(SERVER, kind.kind, self.digest(kind, handle))
