"""The keys under which the audit log seals personal fields: one of each user, derived from their data key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from cachetools import FIFOCache

from outlook_mcp.audit.chain import Link
from outlook_mcp.errors import GenerationConflict, StoreUnavailable
from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.clock import MonotonicClock, seconds_since_boot
from outlook_mcp.vault.envelope import SealingKey, seal, sealing_key_id, unseal
from outlook_mcp.vault.records import RecordKey
from outlook_mcp.vault.user_keys import AUDIT_KIND, UserKeys, audit_key


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalFieldSettings:
    """How long keys are kept, in seconds, and for how many users.

    A key is used for `lifetime_s` before the store is asked again whether the user was erased. An erased user gets no
    new key for `erased_s`, so that calls in progress leave no records. A store that cannot be reached is not asked
    again for `retry_after_s`. The keys of at most `users` users are kept.
    """

    lifetime_s: float = 60.0
    erased_s: float = 300.0
    retry_after_s: float = 5.0
    users: int = 4096


@dataclass(frozen=True, slots=True)
class UserSealingKey:
    """A `PersonalKey` of the audit log."""

    user: UserKey
    key: SealingKey

    def seal_fields(self, after: Link, fields: bytes) -> bytes:
        return seal(self.key, _place(self.user, after), after.seq + 1, fields)


@dataclass(frozen=True, slots=True)
class _Known:
    """The keys of a user, oldest first, and until when that holds; no key when the user was erased."""

    keys: tuple[SealingKey, ...]
    until: float


class PersonalFieldKeys:
    """The `PersonalKeys` of the audit log.

    The derived keys are kept in memory for a short time, so that a tool call needs no read of the store. A key
    seals no more than 2^32 records, the limit of AES-GCM with random nonces: one a second for 136 years. `open_vault`
    is awaited before the store is asked.
    """

    def __init__(
        self,
        user_keys: UserKeys,
        open_vault: Callable[[], Awaitable[object]],
        settings: PersonalFieldSettings | None = None,
        *,
        clock: MonotonicClock = seconds_since_boot,
    ) -> None:
        self._user_keys = user_keys
        self._open_vault = open_vault
        self._settings = settings or PersonalFieldSettings()
        self._clock = clock
        self._known: FIFOCache[UserKey, _Known] = FIFOCache(self._settings.users)
        self._failed: tuple[float, StoreUnavailable] | None = None

    async def sealing_key(self, user: UserKey) -> UserSealingKey:
        """The key for new records; the data key of a user who has none yet is made.

        Raises StoreUnavailable when the store must be asked and cannot be, and GenerationConflict when the user was
        erased a short while ago.
        """
        known = self._known.get(user)
        if known is None or known.until <= self._clock():
            known = await self._look_up(user, known)
            self._known[user] = known
        if not known.keys:
            raise GenerationConflict(f"The records of {user} were erased a short while ago.")
        return UserSealingKey(user, known.keys[-1])

    async def open_fields(self, user: UserKey, after: Link, sealed: bytes) -> bytes | None:
        """The fields; None when the data key they were sealed under is gone.

        Raises RecordBroken when they were not sealed for this user and place, and StoreUnavailable.
        """
        place = _place(user, after)
        key_id = sealing_key_id(place, sealed)
        known = self._known.get(user)
        if known is None or known.until <= self._clock():
            known = self._fresh(await self._present(user))
            if known.keys:
                self._known[user] = known
        key = next((key for key in known.keys if key.id == key_id), None)
        return None if key is None else unseal(key, place, after.seq + 1, sealed)

    def forget(self, user: UserKey) -> None:
        """Removes the key from memory: for the process that erases the user."""
        if user in self._known:
            self._known[user] = self._erased()

    async def _look_up(self, user: UserKey, known: _Known | None) -> _Known:
        """The keys as the store has them; while the store cannot be reached, those that are known."""
        if self._failed is not None and self._clock() < self._failed[0]:
            return self._outdated(known, self._failed[1])
        try:
            keys = await self._present(user)
            if not keys and known is not None and known.keys:
                return self._erased()
            keys = keys or (audit_key(await self._user_keys.key_for_sealing(user, makes_first=True)),)
        except StoreUnavailable as error:
            self._failed = (self._clock() + self._settings.retry_after_s, error)
            return self._outdated(known, error)
        self._failed = None
        return self._fresh(keys)

    async def _present(self, user: UserKey) -> tuple[SealingKey, ...]:
        """Of retired data keys and of those in use, oldest first; empty for a user who was erased or is new."""
        await self._open_vault()
        known = await self._user_keys.keys_of(user)
        return () if known is None else (*known.retired, *map(audit_key, known.keys))

    def _outdated(self, known: _Known | None, error: StoreUnavailable) -> _Known:
        if known is None or not known.keys:
            raise error
        return replace(known, until=self._clock() + self._settings.retry_after_s)

    def _fresh(self, keys: tuple[SealingKey, ...]) -> _Known:
        return _Known(keys, self._clock() + self._settings.lifetime_s)

    def _erased(self) -> _Known:
        return _Known((), self._clock() + self._settings.erased_s)


def _place(user: UserKey, after: Link) -> RecordKey:
    """The name of the sealed fields. No two records follow the same MAC, except the first record of each log."""
    return RecordKey(user, AUDIT_KIND, after.mac)
