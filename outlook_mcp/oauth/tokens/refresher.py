"""One refresh: ask Entra with the newest refresh token there is, and seal the answer before anybody uses it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from pydantic import SecretStr

from outlook_mcp.errors import ClaimsRequired, GenerationConflict, SignInRequired, StoreUnavailable
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.clock import seconds_since_boot
from outlook_mcp.oauth.connections.token_record import TokenRecord, lifetime_of, token_key
from outlook_mcp.oauth.entra.identity_claims import require_same_person
from outlook_mcp.oauth.entra.microsoft_provider import MicrosoftOAuthProvider
from outlook_mcp.oauth.entra.token_answer import TokenAnswer
from outlook_mcp.oauth.tokens.refresh_lease import LEASE_S, refresh_lease
from outlook_mcp.vault.vault import CredentialVault

# After a refused token: somebody without the lease may be about to write the token that replaced it.
LOOKS_AGAIN_AFTER_S = (0.0, 0.2, 0.6)
SAVING_PATIENCE_S = 10.0


@dataclass(frozen=True, slots=True)
class StoredTokens:
    """A record as the vault holds it."""

    record: TokenRecord
    generation: int


@dataclass(frozen=True, slots=True)
class Need:
    """What the record at hand lacks: Graph refused its access token, or challenged it with `claims`."""

    claims: str | None = None
    rejected: SecretStr | None = None

    def is_met_by(self, record: TokenRecord) -> bool:
        if self.claims is not None or record.access_token == self.rejected:
            return False
        return record.seconds_left(time.time()) > record.expires_in_s - lifetime_of(record).refresh_after_s


class TokenRefresher:
    """Refreshes sealed tokens; safe against other processes that do the same."""

    def __init__(self, provider: MicrosoftOAuthProvider, vault: CredentialVault, *, lease_s: float = LEASE_S) -> None:
        self._provider = provider
        self._vault = vault
        self._lease_s = lease_s

    async def read(self, owner: UserKey, connection: ConnectionId) -> StoredTokens:
        """Raises SignInRequired when there are no tokens."""
        opened = await self._vault.get(token_key(owner, connection))
        if opened is None:
            raise SignInRequired("This mailbox is not signed in.")
        return StoredTokens(TokenRecord.from_bytes(opened.value), opened.generation)

    async def refresh(
        self, owner: UserKey, connection: ConnectionId, seen_generation: int, need: Need
    ) -> tuple[StoredTokens, bool]:
        """The renewed tokens, and whether Entra was asked: another process may have been quicker.

        Raises:
            SignInError: as `sign_in_error` says; nothing was changed.
            StoreUnavailable: the vault cannot be written.
        """
        async with refresh_lease(self._vault, owner, connection, lease_s=self._lease_s):
            kept = await self.read(owner, connection)
            if kept.generation != seen_generation and need.is_met_by(kept.record):
                return kept, False
            try:
                answer = await self._redeem(kept.record, kept.record.refresh_token, need)
            except SignInRequired as refusal:
                return await self._second_chance(owner, connection, kept, need, refusal)
            return await self._save(owner, connection, kept, answer), True

    async def _second_chance(
        self, owner: UserKey, connection: ConnectionId, kept: StoredTokens, need: Need, refusal: SignInRequired
    ) -> tuple[StoredTokens, bool]:
        """After a refusal: a changed generation is a race and not the end; the previous token may still be good."""
        for pause in LOOKS_AGAIN_AFTER_S:
            await asyncio.sleep(pause)
            newer = await self.read(owner, connection)
            if newer.generation == kept.generation:
                continue
            if need.is_met_by(newer.record):
                return newer, False
            answer = await self._redeem(newer.record, newer.record.refresh_token, need)
            return await self._save(owner, connection, newer, answer), True
        previous = kept.record.previous_refresh_token
        if previous is None or isinstance(refusal, ClaimsRequired):
            raise refusal
        try:
            answer = await self._redeem(kept.record, previous, need)
        except SignInRequired:
            raise refusal from None
        return await self._save(owner, connection, kept, answer), True

    async def _redeem(self, record: TokenRecord, refresh_token: SecretStr, need: Need) -> TokenAnswer:
        answer = await self._provider.refresh(refresh_token, scopes=record.scopes, claims=need.claims)
        require_same_person(answer.id_token, record.mailbox)
        return answer

    async def _save(
        self, owner: UserKey, connection: ConnectionId, kept: StoredTokens, answer: TokenAnswer
    ) -> StoredTokens:
        record = kept.record.next(answer, time.time())
        value = record.to_bytes()
        give_up = seconds_since_boot() + SAVING_PATIENCE_S
        pause = 0.05
        while True:
            try:
                generation = await self._vault.put(
                    token_key(owner, connection), value, expected_generation=kept.generation
                )
                return StoredTokens(record, generation)
            except GenerationConflict:
                # A sign-in or a refresh elsewhere came first; what the vault holds is what counts.
                return await self.read(owner, connection)
            except StoreUnavailable:
                if seconds_since_boot() + pause > give_up:
                    raise
                await asyncio.sleep(pause)
                pause *= 2
