"""The master keys of the vault, in order: the first one encrypts, and each of them decrypts.

Rotation without downtime: [old, new] everywhere, then [new, old] everywhere, then rewrap, then drop the old one.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Protocol

import anyio
from pydantic import SecretBytes

from outlook_mcp.errors import ConfigurationError, KeyMismatch, StoreUnavailable
from outlook_mcp.errors.counting import counted
from outlook_mcp.net.daemon_thread import run_in_daemon_thread
from outlook_mcp.vault.envelope import KEY_BYTES, SealingKey

Keys = tuple[SealingKey, ...]
Change = Callable[[Keys], Keys]
SOURCE_DEADLINE_S = 30.0
MAKE_A_KEY = "Make one with `openssl rand -base64 32`."


class KeySource(Protocol):
    """Where master keys are kept. The methods block, so they are called in a thread."""

    @property
    def name(self) -> str:
        """What to call this source in a message, such as `key file /data/vault.key`."""

    @property
    def when_silent(self) -> str | None:
        """What to do when it does not answer, None for what is done about any store."""

    def load_keys(self) -> Keys:
        """The keys that are there now; empty when none was made yet."""

    def update_keys(self, change: Change) -> Keys:
        """Replaces the keys by `change(keys)`, without another writer in between. ConfigurationError if read-only."""


def parse_keys(text: str, source: str) -> Keys:
    """Keys written in base64 (32 bytes each), separated by white space or commas. Raises ConfigurationError.

    >>> [key.id for key in parse_keys("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "setting")]
    ['15eef9ec3143fab5']
    """
    words = re.split(r"[\s,]+", text.strip())
    return tuple(_parse_key(word, source) for word in words if word)


def format_keys(keys: Sequence[SealingKey]) -> str:
    """The text that `parse_keys` reads: secret, for a key source only."""
    return "".join(base64.b64encode(key.secret.get_secret_value()).decode() + "\n" for key in keys)


def _parse_key(word: str, source: str) -> SealingKey:
    try:
        raw = base64.b64decode(word, validate=True)
    except ValueError:
        raw = b""
    if len(raw) != KEY_BYTES:
        raise ConfigurationError(
            f"The {source} holds a word of {counted(len(word), 'character')} that is no key; "
            f"a key is {KEY_BYTES} random bytes in base64 (44 characters).",
            next_step=MAKE_A_KEY,
        )
    return SealingKey(SecretBytes(raw))


class KeyRing:
    """The keys of one source. They are read at the first use, and again when a key id is unknown."""

    def __init__(self, source: KeySource, *, deadline_s: float = SOURCE_DEADLINE_S) -> None:
        self._source = source
        self._deadline_s = deadline_s
        self._keys: Keys = ()

    @property
    def source_name(self) -> str:
        return self._source.name

    async def key_ids(self) -> tuple[str, ...]:
        """The ids of all keys, the sealing key first."""
        return tuple(key.id for key in await self.reload_keys())

    async def reload_keys(self) -> Keys:
        """Reads the keys from the source."""
        self._keys = await self._in_thread(self._source.load_keys)
        return self._keys

    async def sealing_key(self) -> SealingKey:
        """The key that seals at present; read again each time, since another process may have rotated it."""
        keys = await self.reload_keys()
        if not keys:
            raise KeyMismatch(f"The vault is sealed, but the {self.source_name} holds no key.")
        return keys[0]

    async def sealing_key_or_new(self) -> SealingKey:
        """The sealing key, made now if there is none yet: for a new vault only."""
        keys = await self.reload_keys()
        if not keys:
            keys = await self._update_keys(lambda present: present or (SealingKey.generate(),))
        return keys[0]

    async def find_key(self, key_id: str) -> SealingKey:
        """The key with this id, or `KeyMismatch` naming the source."""
        known = _with_id(self._keys, key_id) or _with_id(await self.reload_keys(), key_id)
        if known is None:
            raise KeyMismatch(f"The {self.source_name} does not hold key {key_id}, which sealed this vault.")
        return known

    async def add_key(self) -> SealingKey:
        """Makes a key that decrypts but does not encrypt yet: phase [old, new] of a rotation."""
        key = SealingKey.generate()
        await self._update_keys(lambda keys: (*keys, key))
        return key

    async def promote_key(self, key_id: str) -> None:
        """Makes a key of the ring the one that encrypts: phase [new, old] of a rotation."""
        await self._update_keys(lambda keys: tuple(sorted(keys, key=lambda key: key.id != key_id)))

    async def drop_keys(self, key_ids: Collection[str]) -> tuple[str, ...]:
        """Removes these keys, and no other that was added meanwhile; returns the ids of those removed."""
        before = await self.key_ids()
        await self._update_keys(lambda keys: tuple(key for key in keys if key.id not in key_ids))
        return tuple(key_id for key_id in before if key_id in key_ids)

    async def _update_keys(self, change: Change) -> Keys:
        self._keys = await self._in_thread(partial(self._source.update_keys, change))
        return self._keys

    async def _in_thread(self, call: Callable[[], Keys]) -> Keys:
        """What the source answers, which may wait for a person or a disk. Raises StoreUnavailable at the deadline."""
        try:
            with anyio.fail_after(self._deadline_s):
                return await run_in_daemon_thread(call, "key source")
        except TimeoutError:
            told = f"The {self._source.name} did not answer within {self._deadline_s:.0f} s."
            raise StoreUnavailable(told, next_step=self._source.when_silent) from None


def _with_id(keys: Keys, key_id: str) -> SealingKey | None:
    return next((key for key in keys if key.id == key_id), None)
