"""New keys in the place of old ones: master keys at any time, data keys after somebody may have seen them."""

from __future__ import annotations

from dataclasses import dataclass

import anyio

from outlook_mcp.errors import RecordBroken
from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault import user_keys
from outlook_mcp.vault.contention import repeat_on_conflict
from outlook_mcp.vault.envelope import seal, unseal
from outlook_mcp.vault.key_ring import KeyRing
from outlook_mcp.vault.records import RecordKey, StoredRecord, next_generation
from outlook_mcp.vault.root import VaultRoot
from outlook_mcp.vault.store import VaultStore
from outlook_mcp.vault.user_keys import UserKeys

# Longer than a write that began with an old data key takes: a store gives up after five seconds.
WRITES_END_S = 10.0


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


@dataclass(frozen=True, slots=True)
class Rekeying:
    """How many records were sealed again under new data keys, and those that could not be read and were left."""

    records: int
    unreadable: tuple[RecordKey, ...]


class KeyRotation:
    """Rotates the keys of one vault while servers use it. `writes_end_s` is how long a write takes at most."""

    def __init__(
        self,
        store: VaultStore,
        ring: KeyRing,
        root: VaultRoot,
        users_keys: UserKeys,
        *,
        writes_end_s: float = WRITES_END_S,
    ) -> None:
        self._store = store
        self._ring = ring
        self._root = root
        self._user_keys = users_keys
        self._writes_end_s = writes_end_s

    async def master_keys(self) -> tuple[KeyInUse, ...]:
        """Every master key of the ring, sealing key first, and what depends on it."""
        await self._root.open_or_create()
        wrapped = [await self._user_keys.master_key_id(user) for user in await self._store.users()]
        root = await self._root.master_key_id()
        key_ids = await self._ring.key_ids()
        return tuple(
            KeyInUse(key_id, key_id == key_ids[0], wrapped.count(key_id), key_id == root) for key_id in key_ids
        )

    async def rotate_master_key(self) -> Rotation:
        """Makes a new master key and encrypts with it; a rotation that was not finished is finished instead."""
        await self._root.open_or_create()
        if await self._root.master_key_id() == (await self._ring.sealing_key()).id:
            await self._ring.promote_key((await self._ring.add_key()).id)
        done = await self.rewrap_data_keys()
        sealing, *others = await self._ring.key_ids()
        return Rotation(sealing, tuple(others), done.rows, done.unreadable)

    async def rewrap_data_keys(self) -> Rewrapping:
        """Encrypts every user's data keys with the present master key."""
        await self._root.open_or_create()
        rows, unreadable = 0, []
        for user in await self._store.users():
            try:
                rows += await self._user_keys.rewrap_keys_of(user)
            except RecordBroken:
                unreadable.append(user)
        # The root comes last: while it is under the old key, no server starts without that key.
        rows += await self._root.rewrap_root()
        return Rewrapping(rows, tuple(unreadable))

    async def drop_old_keys(self) -> tuple[str, ...]:
        """Removes the master keys that nothing needs any more; returns their ids."""
        await self.rewrap_data_keys()
        unneeded = [key.id for key in await self.master_keys() if not (key.seals or key.wraps or key.checks)]
        return await self._ring.drop_keys(unneeded)

    async def replace_data_keys(self) -> Rekeying:
        """Gives every user a new data key, seals their records again under it, and removes the old data keys.

        Servers go on meanwhile: they read the keys at each use. What a server began to write with an old key is sealed
        again in a second round.
        """
        await self._root.open_or_create()
        new_keys, unreadable = await self._make_data_keys()
        resealed = 0
        for wait_s in (0.0, self._writes_end_s):
            await anyio.sleep(wait_s)
            for user, new_key in new_keys.items():
                for key in await self._store.record_keys_of(user):
                    try:
                        resealed += key.kind != user_keys.KIND and await self._reseal_record(key, new_key)
                    except RecordBroken:
                        unreadable.add(key)
        for user, new_key in new_keys.items():
            await self._user_keys.retire_keys_before(user, new_key)
        return Rekeying(resealed, tuple(sorted(unreadable)))

    async def _make_data_keys(self) -> tuple[dict[UserKey, str], set[RecordKey]]:
        """The id of a new data key of each user, which seals from now on, and the rows of those that cannot be read."""
        made: dict[UserKey, str] = {}
        unreadable: set[RecordKey] = set()
        for user in await self._store.users():
            try:
                key_id = await self._user_keys.add_key_of(user)
            except RecordBroken:
                unreadable.add(RecordKey(user, user_keys.KIND, "all"))
            else:
                made |= {} if key_id is None else {user: key_id}
        return made, unreadable

    async def _reseal_record(self, name: RecordKey, new_key: str) -> bool:
        """Seals the record under the data key `new_key` or one that followed it; False when it is, or is gone."""

        async def attempt() -> bool:
            row = await self._store.get_record(name)
            if row is None or await self._user_keys.is_as_new(name, row.blob, new_key):
                return False
            old_key, _ = await self._user_keys.key_for_opening(name, row.blob)
            value = unseal(old_key, name, row.generation, row.blob)
            generation = next_generation(row.generation)
            key = await self._user_keys.key_for_sealing(name.user, makes_first=False)
            changed = StoredRecord(seal(key, name, generation, value), generation, row.expires_at)
            await self._store.put_record(name, changed, expected_generation=row.generation)
            return True

        return await repeat_on_conflict(attempt, f"The {name.kind} record of {name.user}")
