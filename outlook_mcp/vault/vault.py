"""The credential vault: it encrypts every record before the store sees it.

A store can lose a row, or bring back a whole older row with its generation, as a restored backup does. A row that was
swapped, altered, planted or moved to another generation raises RecordBroken.
"""

from __future__ import annotations

from collections.abc import Callable

from pydantic import SecretBytes, SecretStr

from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault import user_keys
from outlook_mcp.vault.contention import repeat_on_conflict
from outlook_mcp.vault.digests import Digests
from outlook_mcp.vault.envelope import seal, unseal
from outlook_mcp.vault.key_ring import KeyRing
from outlook_mcp.vault.personal_fields import PersonalFieldKeys
from outlook_mcp.vault.records import NewValue, OpenRecord, RecordKey, StoredRecord, next_generation
from outlook_mcp.vault.root import VaultRoot
from outlook_mcp.vault.rotation import KeyRotation
from outlook_mcp.vault.sealed_logs import SealedLogs
from outlook_mcp.vault.store import VaultStore
from outlook_mcp.vault.user_keys import DataKeySettings, UserKeys

UPDATE_ATTEMPTS = 10


class CredentialVault:
    """Encrypted records in `store`, with the master keys of `key_ring`. The first use opens it."""

    def __init__(self, store: VaultStore, key_ring: KeyRing, data_keys: DataKeySettings = DataKeySettings()) -> None:
        self._store = store
        self._root = VaultRoot(store, key_ring)
        self._user_keys = UserKeys(store, key_ring, data_keys)
        self.rotation = KeyRotation(store, key_ring, self._root, self._user_keys)
        self.personal_fields = PersonalFieldKeys(self._user_keys, self.open_or_create)
        self.logs = SealedLogs(store.logs, self.derive_key)

    async def open_or_create(self) -> bool:
        """Checks the key, and makes the vault if there is none: True when it was made now.

        Raises KeyMismatch, and changes nothing, when the key does not fit.
        """
        return await self._root.open_or_create()

    async def get_record(self, key: RecordKey) -> OpenRecord | None:
        """The record, None if there is none. Raises RecordBroken when the row was not sealed for this key."""
        await self._ready(key)
        row = await self._store.get_record(key)
        if row is None:
            return None
        data_key, revoked = await self._user_keys.key_for_opening(key, row.blob)
        return OpenRecord(unseal(data_key, key, row.generation, row.blob), row.generation, revoked)

    async def put_record(
        self, key: RecordKey, value: bytes, *, expected_generation: int | None, expires_at: float | None = None
    ) -> int:
        """Replaces the generation last read (None: there was no record); returns the new generation.

        Raises GenerationConflict when somebody else wrote first. After `expires_at` (Unix time, seconds) the store
        deletes the row. That time is not authenticated: a value that must not be used late contains its own.
        """
        return await self._put_record(
            key, value, expected_generation, expires_at, makes_keys=expected_generation is None
        )

    async def update_record(
        self, key: RecordKey, change: Callable[[bytes | None], NewValue | None]
    ) -> OpenRecord | None:
        """Writes what `change` makes of the present value (None: there is no record) unless that is None.

        Returns the record as it is afterwards. When somebody else writes in between, `change` is called again with the
        newer value. Raises GenerationConflict when that happens each time, and RecordBroken as `get_record` does.
        """

        async def attempt() -> OpenRecord | None:
            present = await self.get_record(key)
            changed = change(None if present is None else present.value)
            if changed is None:
                return present
            expected, expires_at = None if present is None else present.generation, changed.expires_at
            generation = await self.put_record(key, changed.value, expected_generation=expected, expires_at=expires_at)
            return OpenRecord(changed.value, generation)

        return await repeat_on_conflict(attempt, _named(key), UPDATE_ATTEMPTS)

    async def replace_record(self, key: RecordKey, value: bytes, *, expires_at: float | None = None) -> int:
        """Replaces whatever is stored, readable or not; the new generation. For a new sign-in, never for a refresh."""
        await self._ready(key)
        await self._user_keys.shred_altered_keys_of(key.user)

        async def attempt() -> int:
            present = await self._store.get_record(key)
            expected = None if present is None else present.generation
            return await self._put_record(key, value, expected, expires_at, makes_keys=True)

        return await repeat_on_conflict(attempt, _named(key))

    async def delete_record(self, key: RecordKey) -> bool:
        """Deletes one record; False when there was none."""
        await self._ready(key)
        return await self._store.delete_record(key)

    async def record_ids_of(self, user: UserKey, kind: str) -> tuple[str, ...]:
        """The ids of a user's records of one kind, in order."""
        await self.open_or_create()
        return tuple(key.id for key in await self._store.record_keys_of(user, kind))

    async def users(self) -> tuple[UserKey, ...]:
        """Everybody who has a record, in order."""
        await self.open_or_create()
        return await self._store.users()

    async def erase_user(self, user: UserKey) -> int:
        """Deletes the user's data keys first, then every row; how many records there were."""
        await self.open_or_create()
        records = [key for key in await self._store.record_keys_of(user) if key.kind != user_keys.KIND]
        await self._user_keys.shred_keys_of(user)
        self.personal_fields.forget(user)
        await self._store.delete_user(user)
        return len(records)

    async def increment_counter(self, name: str, *, window_s: float, by: int = 1) -> int:
        """What was added for `name` since its window began; the store learns a digest of the name only."""
        digest = Digests(await self.derive_key("counters")).digest_of("counter", SecretStr(name))
        return await self._store.increment_counter(digest, window_s=window_s, by=by)

    async def derive_key(self, purpose: str) -> SecretBytes:
        """A 32-byte key for one purpose, such as `audit`: the same on every server and through every rotation."""
        return await self._root.derive_key(purpose)

    async def epoch_of(self, user: UserKey) -> int:
        """How often `raise_epoch_of` was called for this user; 0 for one without records."""
        await self.open_or_create()
        keys = await self._user_keys.keys_of(user)
        return 0 if keys is None else keys.revoked.epoch

    async def raise_epoch_of(self, user: UserKey) -> None:
        """Ends what was stamped with an earlier epoch, also if its row is put back from a copy of the store."""
        await self.open_or_create()
        await self._user_keys.raise_epoch_of(user)

    async def revoke_name(self, user: UserKey, name: str) -> None:
        """Ends what has this name for good, also if its row is put back from a copy of the store."""
        await self.open_or_create()
        await self._user_keys.revoke_name(user, name)

    async def check_usable(self) -> None:
        """For readiness: the store can be used, and the key decrypts the root that this server started with.

        Raises StoreUnavailable, ConfigurationError or KeyMismatch.
        """
        await self._store.check_usable()
        await self._root.check_unchanged()

    async def close(self) -> None:
        self._root.close()
        await self._store.close()

    async def _put_record(
        self, key: RecordKey, value: bytes, expected: int | None, expires_at: float | None, *, makes_keys: bool
    ) -> int:
        """Without `makes_keys` nothing is written for a user who was erased since the record was read."""
        await self._ready(key)
        if expected is None:
            await self._root.keep_root()
        generation = next_generation(expected)
        data_key = await self._user_keys.key_for_sealing(key.user, makes_first=makes_keys)
        row = StoredRecord(seal(data_key, key, generation, value), generation, expires_at)
        await self._store.put_record(key, row, expected_generation=expected)
        return generation

    async def _ready(self, key: RecordKey) -> None:
        if key.kind == user_keys.KIND:
            raise ValueError(f"records of the kind {key.kind} are the vault's own")
        await self.open_or_create()


def _named(key: RecordKey) -> str:
    """What to call a record in a message."""
    return f"The {key.kind} record of {key.user}"
