"""The root row of the vault: a secret sealed under the master key.

It is the key check, since a wrong key cannot open it, and the origin of derived keys, since it stays the same when
master keys rotate.
"""

from __future__ import annotations

import os
from contextlib import suppress

from pydantic import SecretBytes

from outlook_mcp.errors import GenerationConflict, KeyMismatch, RecordBroken
from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault.envelope import KEY_BYTES, SealingKey, derive_key, seal, sealing_key_id, unseal
from outlook_mcp.vault.key_ring import KeyRing
from outlook_mcp.vault.records import RecordKey
from outlook_mcp.vault.store import VaultStore

ROOT = "root"
_NAME = RecordKey(UserKey("", ""), "vault", ROOT)


class VaultRoot:
    """The root secret of one vault, once it is open."""

    def __init__(self, store: VaultStore, ring: KeyRing) -> None:
        self._store = store
        self._ring = ring
        self._secret: SecretBytes | None = None

    async def open_or_create(self) -> bool:
        """Checks the key, and makes the vault if there is none: True when it was made now.

        Raises KeyMismatch, and changes nothing, when the key does not fit.
        """
        if self._secret is not None:
            return False
        blob = await self._store.get_meta(ROOT)
        if blob is not None:
            self._secret = await self._opened(blob)
            return False
        return await self._make_secret()

    async def derive_key(self, purpose: str) -> SecretBytes:
        """A 32-byte key for one purpose: the same on every server and through every rotation."""
        await self.open_or_create()
        if self._secret is None:
            raise KeyMismatch("The vault is not open.")
        return SecretBytes(derive_key(self._secret.get_secret_value(), f"derive {purpose}"))

    async def keep_root(self) -> None:
        """Writes the row again when the store was emptied meanwhile, so that derived keys stay the same."""
        if self._secret is None or await self._store.get_meta(ROOT) is not None:
            return
        blob = _sealed(await self._ring.sealing_key(), self._secret)
        with suppress(GenerationConflict):
            await self._store.put_meta(ROOT, blob, expected=None)

    async def check_unchanged(self) -> None:
        """Raises KeyMismatch when the key does not open the row, or it is not the one that this server opened."""
        await self.open_or_create()
        await self.keep_root()
        blob = await self._store.get_meta(ROOT)
        if blob is None or await self._opened(blob) != self._secret:
            raise KeyMismatch(
                "The vault was deleted and created again since this server started.", next_step="Restart this server."
            )

    async def master_key_id(self) -> str | None:
        """The id of the master key that seals the row."""
        blob = await self._store.get_meta(ROOT)
        return None if blob is None else sealing_key_id(_NAME, blob)

    async def rewrap_root(self) -> bool:
        """Seals the row with the present master key; False when it already is."""
        blob = await self._store.get_meta(ROOT)
        primary = await self._ring.sealing_key()
        if blob is None or sealing_key_id(_NAME, blob) == primary.id:
            return False
        await self._store.put_meta(ROOT, _sealed(primary, await self._opened(blob)), expected=blob)
        return True

    def close(self) -> None:
        self._secret = None

    async def _make_secret(self) -> bool:
        if await self._store.users():
            raise RecordBroken(
                "The vault holds records, but its root row was removed.",
                next_step="Put back a good copy of the vault; nothing was changed.",
            )
        secret = SecretBytes(os.urandom(KEY_BYTES))
        try:
            await self._store.put_meta(ROOT, _sealed(await self._ring.sealing_key_or_new(), secret), expected=None)
        except GenerationConflict:
            # Another process made the vault first; its root is the one.
            return await self.open_or_create()
        self._secret = secret
        return True

    async def _opened(self, blob: bytes) -> SecretBytes:
        key = await self._ring.find_key(sealing_key_id(_NAME, blob))
        try:
            return SecretBytes(unseal(key, _NAME, 1, blob))
        except RecordBroken:
            raise KeyMismatch(f"The key from the {self._ring.source_name} does not open this vault.") from None


def _sealed(key: SealingKey, secret: SecretBytes) -> bytes:
    return seal(key, _NAME, 1, secret.get_secret_value())
