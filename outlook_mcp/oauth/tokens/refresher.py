"""Refreshes the stored tokens of a connection, and stores the new ones before anybody uses them."""

from __future__ import annotations

from dataclasses import dataclass

import anyio
from pydantic import SecretStr

from outlook_mcp.errors import ClaimsRequired, SignInRequired, StoreUnavailable
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.clock import seconds_since_boot, unix_time
from outlook_mcp.oauth.connections.token_record import TokenRecord, lifetime_of, token_key
from outlook_mcp.oauth.entra.identity_claims import require_same_person
from outlook_mcp.oauth.entra.microsoft_provider import MicrosoftOAuthProvider
from outlook_mcp.oauth.entra.token_answer import TokenAnswer
from outlook_mcp.oauth.timing import OAuthTiming
from outlook_mcp.oauth.tokens.refresh_lease import refresh_lease
from outlook_mcp.oauth.tokens.refresh_mark import RefreshMark
from outlook_mcp.vault.records import NewValue, OpenRecord
from outlook_mcp.vault.vault import CredentialVault


@dataclass(frozen=True, slots=True)
class StoredTokens:
    """A token record and its generation in the vault."""

    record: TokenRecord
    generation: int


@dataclass(frozen=True, slots=True)
class RefreshReason:
    """Why a token is refreshed: Graph refused the access token `rejected`, or sent the claims challenge `claims`.

    With neither, the token has expired or soon will.
    """

    claims: str | None = None
    rejected: SecretStr | None = None

    def is_settled_by(self, record: TokenRecord) -> bool:
        """Whether these tokens can be used, because another process stored them in the meantime."""
        if self.claims is not None or record.access_token == self.rejected:
            return False
        return record.seconds_left(unix_time()) > record.expires_in_s - lifetime_of(record).refresh_after_s


class TokenRefresher:
    """Refreshes stored tokens; several processes may refresh the same connection at once and lose nothing."""

    def __init__(
        self, provider: MicrosoftOAuthProvider, vault: CredentialVault, *, timing: OAuthTiming = OAuthTiming()
    ) -> None:
        self._provider = provider
        self._vault = vault
        self._timing = timing

    async def stored_tokens(self, owner: UserKey, connection: ConnectionId) -> StoredTokens:
        """Raises SignInRequired when the vault has no tokens of the connection."""
        return _opened(await self._vault.get_record(token_key(owner, connection)))

    async def refresh(
        self, owner: UserKey, connection: ConnectionId, seen_generation: int, reason: RefreshReason
    ) -> tuple[StoredTokens, bool]:
        """The new tokens, and whether this process asked Entra for them.

        `seen_generation` is that of the record which needs the refresh: another process may have replaced it since.

        Raises:
            SignInError: as `sign_in_error` says; the stored tokens are unchanged.
            StoreUnavailable: the vault cannot be written.
        """
        async with refresh_lease(self._vault, owner, connection, lease_s=self._timing.lease_s):
            stored = await self.stored_tokens(owner, connection)
            if stored.generation != seen_generation and reason.is_settled_by(stored.record):
                return stored, False
            mark = RefreshMark(self._vault, owner, connection)
            await mark.set_for(stored.record.refresh_token)
            try:
                answer = await self._redeem(stored.record, stored.record.refresh_token, reason)
            except SignInRequired as refused:
                refusal = await mark.explained(refused)
                return await self._retry_with_other_token(owner, connection, stored, reason, refusal)
            saved = await self._save_tokens(owner, connection, stored, answer)
            await mark.clear()
            return saved, True

    async def _retry_with_other_token(
        self,
        owner: UserKey,
        connection: ConnectionId,
        stored: StoredTokens,
        reason: RefreshReason,
        refusal: SignInRequired,
    ) -> tuple[StoredTokens, bool]:
        """After a refusal of the newest refresh token: the one another process stores by now, else the previous one.

        Raises `refusal` when there is no other token, or Entra refuses that as well.
        """
        for pause in self._timing.recheck_after_s:
            await anyio.sleep(pause)
            newer = await self.stored_tokens(owner, connection)
            if newer.generation == stored.generation:
                continue
            if reason.is_settled_by(newer.record):
                return newer, False
            answer = await self._redeem(newer.record, newer.record.refresh_token, reason)
            return await self._save_tokens(owner, connection, newer, answer), True
        previous = stored.record.previous_refresh_token
        if previous is None or isinstance(refusal, ClaimsRequired):
            raise refusal
        try:
            answer = await self._redeem(stored.record, previous, reason)
        except SignInRequired:
            raise refusal from None
        return await self._save_tokens(owner, connection, stored, answer), True

    async def _redeem(self, record: TokenRecord, refresh_token: SecretStr, reason: RefreshReason) -> TokenAnswer:
        answer = await self._provider.refresh(refresh_token, scopes=record.scopes, claims=reason.claims)
        require_same_person(answer.id_token, record.mailbox)
        return answer

    async def _save_tokens(
        self, owner: UserKey, connection: ConnectionId, stored: StoredTokens, answer: TokenAnswer
    ) -> StoredTokens:
        """The tokens that the vault has afterwards: those of the answer, or those that another process stored first."""
        record = stored.record.refreshed(answer, unix_time())

        def replaced(value: bytes | None) -> NewValue | None:
            # A sign-in or another refresh may have been stored first, and everybody uses what is stored.
            is_unchanged = value is not None and TokenRecord.from_bytes(value) == stored.record
            return NewValue(record.to_bytes()) if is_unchanged else None

        give_up_at = seconds_since_boot() + self._timing.save_s
        pause = 0.05
        while True:
            try:
                return _opened(await self._vault.update_record(token_key(owner, connection), replaced))
            except StoreUnavailable:
                if seconds_since_boot() + pause > give_up_at:
                    raise
                await anyio.sleep(pause)
                pause *= 2


def _opened(record: OpenRecord | None) -> StoredTokens:
    """Raises SignInRequired when there is no record, or it was put back after its mailbox had been disconnected."""
    tokens = None if record is None else TokenRecord.from_bytes(record.value)
    if record is None or tokens is None or record.revoked.ends(tokens.revocable_name, epoch=record.revoked.epoch):
        raise SignInRequired("This mailbox is not signed in.")
    return StoredTokens(tokens, record.generation)
