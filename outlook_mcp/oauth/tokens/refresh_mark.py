"""Notes in the vault that a refresh token is about to be used, until it is known what came of it.

With a provider that accepts each refresh token once, the token is used up when the answer is lost, because the process
was killed or the connection broke. No client can prevent that. The note explains why the same token is refused later.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress

from pydantic import SecretStr

from outlook_mcp.errors import ClaimsRequired, RecordBroken, SignInRequired, VaultError
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.clock import unix_time
from outlook_mcp.oauth.connections.token_record import refresh_mark_key
from outlook_mcp.vault.records import NewValue
from outlook_mcp.vault.vault import CredentialVault

# As long as an unused refresh token of Entra ID lives.
_KEPT_S = 90 * 86_400.0


class RefreshMark:
    """The note of one connection, of which the vault holds a digest of the token."""

    def __init__(self, vault: CredentialVault, owner: UserKey, connection: ConnectionId) -> None:
        self._vault = vault
        self._key = refresh_mark_key(owner, connection)
        self._was_cut_off = False

    async def set_for(self, refresh_token: SecretStr) -> None:
        """Notes the token before it is used. Raises StoreUnavailable: then it must not be used."""
        digest = hashlib.sha256(refresh_token.get_secret_value().encode()).digest()

        def replaced(noted: bytes | None) -> NewValue:
            self._was_cut_off = noted == digest
            return NewValue(digest, unix_time() + _KEPT_S)

        try:
            await self._vault.update_record(self._key, replaced)
        except RecordBroken:
            await self._vault.replace_record(self._key, digest, expires_at=unix_time() + _KEPT_S)

    async def clear(self) -> None:
        """What came of the token is known. A note that stays by mistake is harmless once there is another token."""
        with suppress(VaultError):
            await self._vault.delete_record(self._key)

    async def explained(self, refusal: SignInRequired) -> SignInRequired:
        """The error for a refusal of the noted token: it says so when an earlier use of the token was cut off."""
        if not self._was_cut_off:
            await self.clear()
            return refusal
        if isinstance(refusal, ClaimsRequired):
            return refusal
        return SignInRequired(
            "The sign-in has ended, probably because this server stopped or lost its connection in the middle of "
            f"renewing it: the refresh token was used, and the next one was not received. {refusal.message}",
            remedy=refusal.remedy,
        )
