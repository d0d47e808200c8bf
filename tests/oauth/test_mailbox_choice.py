"""Which mailboxes a user has is read from the vault once in some seconds, and anew after a change."""

from __future__ import annotations

from pydantic import SecretStr

from outlook_mcp.audit.log import AuditLog
from outlook_mcp.errors import StoreUnavailable
from outlook_mcp.identity.user import Identity, UserKey
from outlook_mcp.oauth.connections.connection import Connection
from outlook_mcp.oauth.connections.integration_service import Connections, OAuthIntegrationService
from outlook_mcp.oauth.connections.mailbox_choice import MailboxChoice
from outlook_mcp.oauth.entra.token_answer import TokenAnswer
from outlook_mcp.oauth.timing import OAuthTiming
from outlook_mcp.vault.vault import CredentialVault

ALICE = UserKey("tenant", "alice")
TIMING = OAuthTiming()


class CountedConnections(OAuthIntegrationService):
    reads = 0
    is_away = False

    async def connections_of(self, owner: UserKey) -> Connections:
        self.reads += 1
        if self.is_away:
            raise StoreUnavailable("The store is away.")
        return await super().connections_of(owner)

    async def connect_address(self, address: str) -> Connection:
        answer = TokenAnswer(SecretStr("access"), SecretStr("refresh"), None, 3600, None, ("Mail.Read",))
        identity = Identity(UserKey("tenant", address), address, "")
        return await self.connect(identity, answer, scopes=("Mail.Read",), owner=ALICE)


async def test_connections_are_read_once_in_the_time_they_are_trusted_and_at_once_after_a_change(
    vault: CredentialVault, audit: AuditLog
) -> None:
    connections, now = CountedConnections(vault, audit), [0.0]
    mailboxes = MailboxChoice(connections, timing=TIMING, clock=lambda: now[0])
    assert await mailboxes.connections_of(ALICE) == await mailboxes.connections_of(ALICE) == ()
    await connections.connect_address("alice@contoso.example")
    connections.reads = 0
    for _ in range(3):
        assert len(await mailboxes.connections_of(ALICE)) == 1
    assert connections.reads == 1
    now[0] += TIMING.trusted_s
    assert len(await mailboxes.connections_of(ALICE)) == 1
    assert connections.reads == 2
    await connections.connect_address("shared@contoso.example")
    assert len(await mailboxes.connections_of(ALICE)) == 2


async def test_while_the_vault_cannot_be_read_the_last_ones_are_used(vault: CredentialVault, audit: AuditLog) -> None:
    connections, now = CountedConnections(vault, audit), [0.0]
    mailboxes = MailboxChoice(connections, timing=TIMING, clock=lambda: now[0])
    alice = await connections.connect_address("alice@contoso.example")
    assert await mailboxes.connections_of(ALICE) == (alice,)
    connections.is_away = True
    now[0] += 10 * TIMING.trusted_s
    assert await mailboxes.choose(ALICE, None) == alice
