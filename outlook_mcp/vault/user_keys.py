"""The data keys of each user: one row per user, encrypted with the master key.

Without that row nothing of the user can be decrypted any more (crypto-shredding)."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace

from cachetools import FIFOCache
from pydantic import SecretBytes

from outlook_mcp.errors import GenerationConflict, RecordBroken
from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault.contention import repeat_on_conflict
from outlook_mcp.vault.envelope import KEY_BYTES, SealingKey, derive_key, seal, sealing_key_id, unseal
from outlook_mcp.vault.key_ring import KeyRing
from outlook_mcp.vault.records import REVOCATION_BYTES, RecordKey, Revocations, StoredRecord, next_generation
from outlook_mcp.vault.store import VaultStore

KIND = "data_keys"
# The kind of the names under which the audit log seals personal fields.
AUDIT_KIND = "audit"
_USES = struct.Struct(">Q")
# The epoch, and the numbers of data keys and of revocations. 20 bytes: with keys of 32 and revocations of 16 bytes the
# rest is never a multiple of 32, as it is in the first format.
_EPOCH_AND_COUNTS = struct.Struct(">QIQ")
# How many ended sessions of a user, disconnected mailboxes and messages that were taken back are remembered.
MOST_REVOCATIONS = 512
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

    `retired` are what is left of data keys that were replaced: the keys of the audit log that were derived from them,
    which open no record of the vault.

    >>> keys = DataKeys(()).granted(256, 1000)
    >>> len(keys.keys), keys.uses
    (1, 256)
    >>> DataKeys.decode(keys.encode()) == keys
    True
    """

    keys: tuple[SealingKey, ...]
    uses: int = 0
    revoked: Revocations = field(default_factory=Revocations)
    retired: tuple[SealingKey, ...] = ()

    @classmethod
    def decode(cls, value: bytes) -> DataKeys:
        """Of both formats, which differ in the remainder of their length."""
        uses, rest = int.from_bytes(value[: _USES.size], "big"), value[_USES.size :]
        if len(rest) % KEY_BYTES == 0:
            return cls(_split_keys(rest), uses)
        epoch, count, ended_count = _EPOCH_AND_COUNTS.unpack_from(rest)
        end = _EPOCH_AND_COUNTS.size + ended_count * REVOCATION_BYTES
        ended, keys = _split(rest[_EPOCH_AND_COUNTS.size : end], REVOCATION_BYTES), _split_keys(rest[end:])
        return cls(keys[:count], uses, Revocations(epoch, ended), keys[count:])

    def encode(self) -> bytes:
        """In the first format where that is enough, which older servers read, too."""
        keys = b"".join(key.secret.get_secret_value() for key in (*self.keys, *self.retired))
        if self.revoked == Revocations() and not self.retired:
            return _USES.pack(self.uses) + keys
        epoch, ended = self.revoked.epoch, self.revoked.ended
        return b"".join(
            (_USES.pack(self.uses), _EPOCH_AND_COUNTS.pack(epoch, len(self.keys), len(ended)), *ended, keys)
        )

    def granted(self, uses: int, max_uses: int) -> DataKeys:
        """With `uses` more uses of the sealing key, or of a new one when this one would seal more than `max_uses`.

        >>> first = DataKeys(()).granted(256, max_uses=600)
        >>> [len(first.granted(uses, max_uses=600).keys) for uses in (256, 512)]
        [1, 2]
        """
        if not self.keys or self.uses + uses > max_uses:
            return self.with_new_key(uses)
        return replace(self, uses=self.uses + uses)

    def with_new_key(self, uses: int) -> DataKeys:
        """With a new data key, which seals from now on and is granted `uses` uses."""
        return replace(self, keys=(*self.keys, SealingKey.generate()), uses=uses)

    def without_keys_before(self, key_id: str) -> DataKeys:
        """Without the data keys that are older than this one; of each the key of the audit log stays.

        Unchanged when this one is gone: then the user was erased meanwhile or keys were replaced again, and those that
        are there now are newer.
        """
        if self.find_key(key_id) is None:
            return self
        old = tuple(itertools.takewhile(lambda key: key.id != key_id, self.keys))
        return replace(self, keys=self.keys[len(old) :], retired=(*self.retired, *map(audit_key, old)))

    def find_key(self, key_id: str) -> SealingKey | None:
        return next((key for key in self.keys if key.id == key_id), None)


def audit_key(key: SealingKey) -> SealingKey:
    """Derived from a data key, so that what the audit log keeps in memory decrypts no record of the vault."""
    return SealingKey(SecretBytes(derive_key(key.secret.get_secret_value(), AUDIT_KIND)))


def _split_keys(raw: bytes) -> tuple[SealingKey, ...]:
    return tuple(SealingKey(SecretBytes(part)) for part in _split(raw, KEY_BYTES))


def _split(raw: bytes, size: int) -> tuple[bytes, ...]:
    return tuple(raw[start : start + size] for start in range(0, len(raw), size))


class UserKeys:
    """Finds, makes and rewraps data keys. They are read for each use, so a deletion counts on every server at once."""

    def __init__(self, store: VaultStore, ring: KeyRing, settings: DataKeySettings = DataKeySettings()) -> None:
        self._store = store
        self._ring = ring
        self._settings = settings
        self._left: FIFOCache[tuple[UserKey, str], int] = FIFOCache(_REMEMBERED_USERS)

    async def key_for_opening(self, name: RecordKey, blob: bytes) -> tuple[SealingKey, Revocations]:
        """The data key that sealed this blob, and what of its user has ended for good; or `RecordBroken`."""
        key_id = sealing_key_id(name, blob)
        keys = await self.keys_of(name.user)
        key = None if keys is None else keys.find_key(key_id)
        if keys is None or key is None:
            raise RecordBroken(f"The stored {name.kind} record of {name.user} was sealed by no key of that user.")
        return key, keys.revoked

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

    async def keys_of(self, user: UserKey) -> DataKeys | None:
        """The data keys of the user; None when there are none, or none any more."""
        row = await self._store.get_record(_row(user))
        return None if row is None else await self._open_row(user, row)

    async def raise_epoch_of(self, user: UserKey) -> None:
        """What was stamped with an earlier epoch is no longer valid. Nothing to do for a user without keys."""
        await self._change_keys(user, lambda keys: replace(keys, revoked=keys.revoked.with_next_epoch()))

    async def revoke_name(self, user: UserKey, name: str) -> None:
        """What has this name is no longer valid. Nothing to do for a user without keys."""

        def revoked(keys: DataKeys) -> DataKeys:
            return replace(keys, revoked=keys.revoked.with_ended(name, most=MOST_REVOCATIONS))

        await self._change_keys(user, revoked)

    async def add_key_of(self, user: UserKey) -> str | None:
        """The id of a new data key, which seals from now on; None for a user without keys."""
        changed = await self._change_keys(user, lambda keys: keys.with_new_key(0))
        return None if changed is None else changed.keys[-1].id

    async def retire_keys_before(self, user: UserKey, key_id: str) -> None:
        """Removes the data keys that are older than this one: what they sealed can no longer be decrypted."""
        await self._change_keys(user, lambda keys: keys.without_keys_before(key_id))

    async def is_as_new(self, name: RecordKey, blob: bytes, key_id: str) -> bool:
        """True when the blob was sealed by the data key `key_id` or one that followed it."""
        known = await self.keys_of(name.user)
        keys = () if known is None else itertools.dropwhile(lambda key: key.id != key_id, known.keys)
        return sealing_key_id(name, blob) in {key.id for key in keys}

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

    async def _change_keys(self, user: UserKey, change: Callable[[DataKeys], DataKeys]) -> DataKeys | None:
        """The changed keys; None for a user without keys."""

        async def attempt() -> DataKeys | None:
            row = await self._store.get_record(_row(user))
            if row is None:
                return None
            changed = change(await self._open_row(user, row))
            await self._write_row(user, changed, row)
            return changed

        return await repeat_on_conflict(attempt, f"The row of data keys of {user}")

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
