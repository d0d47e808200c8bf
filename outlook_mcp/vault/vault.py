"""The credential vault: it encrypts every record before the store sees it.

A store can lose a row, or bring back a whole older row with its generation, as a restored backup does. A row that was
swapped, altered, planted or moved to another generation raises RecordBroken.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from pydantic import SecretBytes, SecretStr

from outlook_mcp.errors import GenerationConflict, KeyMismatch, RecordBroken
from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault import user_keys
from outlook_mcp.vault.contention import repeat_on_conflict
from outlook_mcp.vault.digests import Digests
from outlook_mcp.vault.envelope import KEY_BYTES, SealingKey, derive_key, seal, sealing_key_id, unseal
from outlook_mcp.vault.key_ring import KeyRing
from outlook_mcp.vault.personal_fields import PersonalFieldKeys
from outlook_mcp.vault.records import NewValue, OpenRecord, RecordKey, StoredRecord, next_generation
from outlook_mcp.vault.store import VaultStore
from outlook_mcp.vault.user_keys import DataKeySettings, UserKeys

ROOT = "root"
UPDATE_ATTEMPTS = 10
_ROOT_NAME = RecordKey(UserKey("", ""), "vault", ROOT)


@dataclass(frozen=True, slots=True)
class KeyInUse:
    """A master key as `keys list` shows it; `wraps` counts users, `checks` says that it seals the key check."""

    id: str
    seals: bool
    wraps: int
    checks: bool


@dataclass(frozen=True, slots=True)
class Rewrapping:
    """How many rows were encrypted again, and the users whose data keys could not be decrypted."""

    rows: int
    unreadable: tuple[UserKey, ...]


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation did; the keys in `still_open` can be dropped once every server has the new one."""

    sealing: str
    still_open: tuple[str, ...]
    rewrapped: int
    unreadable: tuple[UserKey, ...]


class CredentialVault:
    """Encrypted records in `store`, with the master keys of `key_ring`. The first use opens it.

    The root row is a secret sealed under the master key. It is the key check, since a wrong key cannot open
    it, and the origin of derived keys, since it stays the same when master keys rotate.
    """

    def __init__(self, store: VaultStore, key_ring: KeyRing, data_keys: DataKeySettings = DataKeySettings()) -> None:
        self._store = store
        self._ring = key_ring
        self._user_keys = UserKeys(store, key_ring, data_keys)
        self.personal_fields = PersonalFieldKeys(self._user_keys, self.open_or_create)
        self._root: SecretBytes | None = None

    async def open_or_create(self) -> bool:
        """Checks the key, and makes the vault if there is none: True when it was made now.

        Raises KeyMismatch, and changes nothing, when the key does not fit.
        """
        if self._root is not None:
            return False
        blob = await self._store.get_meta(ROOT)
        if blob is not None:
            self._root = await self._open_root(blob)
            return False
        return await self._make_root()

    async def get_record(self, key: RecordKey) -> OpenRecord | None:
        """The record, None if there is none. Raises RecordBroken when the row was not sealed for this key."""
        await self._ready(key)
        row = await self._store.get_record(key)
        if row is None:
            return None
        data_key = await self._user_keys.key_for_opening(key, row.blob)
        return OpenRecord(unseal(data_key, key, row.generation, row.blob), row.generation)

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
        await self.open_or_create()
        if self._root is None:
            raise KeyMismatch("The vault is not open.")
        return SecretBytes(derive_key(self._root.get_secret_value(), f"derive {purpose}"))

    async def master_keys(self) -> tuple[KeyInUse, ...]:
        """Every master key of the ring, sealing key first, and what depends on it."""
        await self.open_or_create()
        wrapped = [await self._user_keys.master_key_id(user) for user in await self._store.users()]
        root = await self._root_key_id()
        key_ids = await self._ring.key_ids()
        return tuple(
            KeyInUse(key_id, key_id == key_ids[0], wrapped.count(key_id), key_id == root) for key_id in key_ids
        )

    async def rotate_master_key(self) -> Rotation:
        """Makes a new master key and encrypts with it; a rotation that was not finished is finished instead."""
        await self.open_or_create()
        if await self._root_key_id() == (await self._ring.sealing_key()).id:
            await self._ring.promote_key((await self._ring.add_key()).id)
        done = await self.rewrap_data_keys()
        sealing, *others = await self._ring.key_ids()
        return Rotation(sealing, tuple(others), done.rows, done.unreadable)

    async def rewrap_data_keys(self) -> Rewrapping:
        """Encrypts every user's data keys with the present master key."""
        await self.open_or_create()
        rows, unreadable = 0, []
        for user in await self._store.users():
            try:
                rows += await self._user_keys.rewrap_keys_of(user)
            except RecordBroken:
                unreadable.append(user)
        # The root comes last: while it is under the old key, no server starts without that key.
        rows += await self._rewrap_root()
        return Rewrapping(rows, tuple(unreadable))

    async def drop_old_keys(self) -> tuple[str, ...]:
        """Removes the master keys that nothing needs any more; returns their ids."""
        await self.rewrap_data_keys()
        needed = [key.id for key in await self.master_keys() if key.seals or key.wraps or key.checks]
        return await self._ring.keep_keys(needed)

    async def check_usable(self) -> None:
        """For readiness: the store can be used, and the key decrypts the root that this server started with.

        Raises StoreUnavailable, ConfigurationError or KeyMismatch.
        """
        await self._store.check_usable()
        await self.open_or_create()
        await self._keep_root()
        blob = await self._store.get_meta(ROOT)
        if blob is None or await self._open_root(blob) != self._root:
            raise KeyMismatch(
                "The vault was deleted and created again since this server started.", next_step="Restart this server."
            )

    async def close(self) -> None:
        self._root = None
        await self._store.close()

    async def _put_record(
        self, key: RecordKey, value: bytes, expected: int | None, expires_at: float | None, *, makes_keys: bool
    ) -> int:
        """Without `makes_keys` nothing is written for a user who was erased since the record was read."""
        await self._ready(key)
        if expected is None:
            await self._keep_root()
        generation = next_generation(expected)
        data_key = await self._user_keys.key_for_sealing(key.user, makes_first=makes_keys)
        row = StoredRecord(seal(data_key, key, generation, value), generation, expires_at)
        await self._store.put_record(key, row, expected_generation=expected)
        return generation

    async def _ready(self, key: RecordKey) -> None:
        if key.kind == user_keys.KIND:
            raise ValueError(f"{key.kind} records are the vault's own")
        await self.open_or_create()

    async def _make_root(self) -> bool:
        if await self._store.users():
            raise RecordBroken(
                "The vault holds records, but its root row was removed.",
                next_step="Put back a good copy of the vault; nothing was changed.",
            )
        root = SecretBytes(os.urandom(KEY_BYTES))
        try:
            await self._store.put_meta(ROOT, _seal_root(await self._ring.sealing_key_or_new(), root), expected=None)
        except GenerationConflict:
            # Another process made the vault first; its root is the one.
            return await self.open_or_create()
        self._root = root
        return True

    async def _keep_root(self) -> None:
        """Writes the root again when the store was emptied meanwhile, so that derived keys stay the same."""
        if self._root is None or await self._store.get_meta(ROOT) is not None:
            return
        blob = _seal_root(await self._ring.sealing_key(), self._root)
        with suppress(GenerationConflict):
            await self._store.put_meta(ROOT, blob, expected=None)

    async def _open_root(self, blob: bytes) -> SecretBytes:
        key = await self._ring.find_key(sealing_key_id(_ROOT_NAME, blob))
        try:
            return SecretBytes(unseal(key, _ROOT_NAME, 1, blob))
        except RecordBroken:
            raise KeyMismatch(f"The key from the {self._ring.source_name} does not open this vault.") from None

    async def _root_key_id(self) -> str | None:
        blob = await self._store.get_meta(ROOT)
        return None if blob is None else sealing_key_id(_ROOT_NAME, blob)

    async def _rewrap_root(self) -> bool:
        blob = await self._store.get_meta(ROOT)
        primary = await self._ring.sealing_key()
        if blob is None or sealing_key_id(_ROOT_NAME, blob) == primary.id:
            return False
        await self._store.put_meta(ROOT, _seal_root(primary, await self._open_root(blob)), expected=blob)
        return True


def _named(key: RecordKey) -> str:
    """What to call a record in a message."""
    return f"The {key.kind} record of {key.user}"


def _seal_root(key: SealingKey, root: SecretBytes) -> bytes:
    return seal(key, _ROOT_NAME, 1, root.get_secret_value())
