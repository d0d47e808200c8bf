"""What travels through browsers and clients instead of being stored, sealed under a key of the vault."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable

from pydantic import SecretBytes

from outlook_mcp.errors import RecordBroken
from outlook_mcp.identity.user import SERVER
from outlook_mcp.vault.envelope import SealingKey, seal, unseal
from outlook_mcp.vault.records import RecordKey


class SealedText:
    """Text for addresses, which any server that shares the vault opens and nobody else reads or makes.

    `derive_key` gives a key of the vault for a purpose. `kind` keeps texts apart: one is none of another kind.
    """

    def __init__(self, derive_key: Callable[[str], Awaitable[SecretBytes]], *, purpose: str, kind: str) -> None:
        self._derive_key = derive_key
        self._purpose = purpose
        self._name = RecordKey(SERVER, kind, "")
        self._key: SealingKey | None = None

    async def seal_text(self, value: bytes) -> str:
        """The text that `open_text` reads."""
        blob = seal(await self._sealing_key(), self._name, 1, value)
        return base64.urlsafe_b64encode(blob).decode().rstrip("=")

    async def open_text(self, text: str) -> bytes | None:
        """None when the text is not ours."""
        try:
            return unseal(await self._sealing_key(), self._name, 1, _decoded(text))
        except (ValueError, RecordBroken):
            return None

    async def _sealing_key(self) -> SealingKey:
        if self._key is None:
            self._key = SealingKey(await self._derive_key(self._purpose))
        return self._key


def _decoded(text: str) -> bytes:
    """Raises ValueError for text that is not base64url without padding (RFC 4648, 5)."""
    return base64.b64decode(f"{text}{'=' * (-len(text) % 4)}", altchars=b"-_", validate=True)
