"""The data keys of each user: one row per user, encrypted with the master key.

Without that row nothing of the user can be decrypted any more (crypto-shredding)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

from cachetools import FIFOCache
from pydantic import SecretBytes

from outlook_mcp.errors import GenerationConflict, RecordBroken
from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault.contention import repeat_on_conflict
from outlook_mcp.vault.envelope import KEY_BYTES, SealingKey, seal, sealing_key_id, unseal
from outlook_mcp.vault.key_ring import KeyRing
from outlook_mcp.vault.records import RecordKey, StoredRecord, next_generation
from outlook_mcp.vault.store import VaultStore

KIND = "data_keys"
_USES_BYTES = 8
_REMEMBERED_USERS = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class DataKeySettings:
    """How many records a data key seals before another one follows it.

    Uses are counted ahead in blocks of `uses_block`, so that sealing seldom costs a second write.
    """

    max_uses: int = 2**20
    uses_block: int = 256


@dataclass(frozen=True, slots=True)
class DataKeys:
    """All data keys of a user, oldest first; the last one seals and has been granted `uses` uses.

    >>> keys = DataKeys(()).granted(256, 1000)
    >>> len(keys.keys), keys.uses
    (1, 256)
    >>> DataKeys.decode(keys.encode()) == keys
    True
    """

    keys: tuple[SealingKey, ...]
    uses: int = 0

    @classmethod
    def decode(cls, value: bytes) -> DataKeys:
        uses, raw = value[:_USES_BYTES], value[_USES_BYTES:]
        parts = (raw[start : start + KEY_BYTES] for start in range(0, len(raw), KEY_BYTES))
        return cls(tuple(SealingKey(SecretBytes(part)) for part in parts), int.from_bytes(uses, "big"))

    def encode(self) -> bytes:
        keys = b"".join(key.secret.get_secret_value() for key in self.keys)
        return self.uses.to_bytes(_USES_BYTES, "big") + keys

    def granted(self, uses: int, max_uses: int) -> DataKeys:
        """With `uses` more uses of the sealing key, or of a new one when this one would seal more than `max_uses`.

        >>> first = DataKeys(()).granted(256, max_uses=600)
        >>> [len(first.granted(uses, max_uses=600).keys) for uses in (256, 512)]
        [1, 2]
        """
        if not self.keys or self.uses + uses > max_uses:
            return DataKeys((*self.keys, SealingKey.generate()), uses)
        return replace(self, uses=self.uses + uses)

    def find_key(self, key_id: str) -> SealingKey | None:
        return next((key for key in self.keys if key.id == key_id), None)


class UserKeys:
    """Finds, makes and rewraps data keys. They are read for each use, so a deletion counts on every server at once."""

    def __init__(self, store: VaultStore, ring: KeyRing, settings: DataKeySettings = DataKeySettings()) -> None:
        self._store = store
        self._ring = ring
        self._settings = settings
        self._left: FIFOCache[tuple[UserKey, str], int] = FIFOCache(_REMEMBERED_USERS)

    async def key_for_opening(self, name: RecordKey, blob: bytes) -> SealingKey:
        """The data key that sealed this blob, or `RecordBroken`."""
        key_id = sealing_key_id(name, blob)
        row = await self._store.get_record(_row(name.user))
        key = None if row is None else (await self._open_row(name.user, row)).find_key(key_id)
        if key is None:
            raise RecordBroken(f"The stored {name.kind} record of {name.user} was sealed by no key of that user.")
        return key

    async def key_for_sealing(self, user: UserKey, *, makes_first: bool) -> SealingKey:
        """The user's present data key, one use of it counted.

        Without `makes_first` a user who has none was shredded: GenerationConflict.
        """

        async def attempt() -> SealingKey | None:
            row = await self._store.get_record(_row(user))
            if row is None and not makes_first:
                return None
            known = DataKeys(()) if row is None else await self._open_row(user, row)
            if known.keys and self._take_use(user, known.keys[-1]):
                return known.keys[-1]
            granted = known.granted(self._settings.uses_block, self._settings.max_uses)
            await self._write_row(user, granted, row)
            self._grant(user, granted.keys[-1])
            return granted.keys[-1]

        key = await repeat_on_conflict(attempt, f"The row of data keys of {user}")
        if key is None:
            raise GenerationConflict(f"The records of {user} were erased meanwhile.")
        return key

    async def keys_of(self, user: UserKey) -> tuple[SealingKey, ...]:
        """All data keys of the user, oldest first; empty when there are none, or none any more."""
        row = await self._store.get_record(_row(user))
        return () if row is None else (await self._open_row(user, row)).keys

    async def rewrap_keys_of(self, user: UserKey) -> bool:
        """Encrypts the user's data keys with the present master key; False when they already are."""

        async def attempt() -> bool:
            row = await self._store.get_record(_row(user))
            if row is None or sealing_key_id(_row(user), row.blob) == (await self._ring.sealing_key()).id:
                return False
            await self._write_row(user, await self._open_row(user, row), row)
            return True

        return await repeat_on_conflict(attempt, f"The row of data keys of {user}")

    async def master_key_id(self, user: UserKey) -> str | None:
        """The id of the master key that encrypts the user's data keys; None without a row or when it is malformed."""
        row = await self._store.get_record(_row(user))
        with suppress(RecordBroken):
            return None if row is None else sealing_key_id(_row(user), row.blob)
        return None

    async def shred_altered_keys_of(self, user: UserKey) -> None:
        """Deletes the data keys when they cannot be decrypted, so that new ones can be made."""
        row = await self._store.get_record(_row(user))
        try:
            if row is not None:
                await self._open_row(user, row)
        except RecordBroken:
            await self.shred_keys_of(user)

    async def shred_keys_of(self, user: UserKey) -> None:
        """Deletes the data keys, so that no record of the user can be decrypted."""
        await self._store.delete_record(_row(user))

    async def _open_row(self, user: UserKey, row: StoredRecord) -> DataKeys:
        name = _row(user)
        master = await self._ring.find_key(sealing_key_id(name, row.blob))
        return DataKeys.decode(unseal(master, name, row.generation, row.blob))

    async def _write_row(self, user: UserKey, keys: DataKeys, present: StoredRecord | None) -> None:
        generation = None if present is None else present.generation
        master = await self._ring.sealing_key()
        while True:
            expected, generation = generation, next_generation(generation)
            blob = seal(master, _row(user), generation, keys.encode())
            await self._store.put_record(_row(user), StoredRecord(blob, generation), expected_generation=expected)
            # A rotation in between may have handled this user already, and will remove the old key next.
            if (now := await self._ring.sealing_key()).id == master.id:
                return
            master = now

    def _take_use(self, user: UserKey, key: SealingKey) -> bool:
        """Takes one of the uses that this process has counted ahead; False when none is left."""
        left = self._left.pop((user, key.id), 0)
        if left > 1:
            self._left[user, key.id] = left - 1
        return left > 0

    def _grant(self, user: UserKey, key: SealingKey) -> None:
        self._left[user, key.id] = self._settings.uses_block - 1


def _row(user: UserKey) -> RecordKey:
    return RecordKey(user, KIND, "all")
