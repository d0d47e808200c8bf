"""Clients that carry their registration in their id, since too many are stored that no user has allowed."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from outlook_mcp.identity.user import SERVER, UserKey
from outlook_mcp.vault.key_ring import KeyRing
from outlook_mcp.vault.key_sources import FileKeySource
from outlook_mcp.vault.records import RecordKey
from outlook_mcp.vault.sqlite_store import SqliteStore
from outlook_mcp.vault.vault import CredentialVault
from outlook_mcp.web.authorization import registration
from outlook_mcp.web.authorization.clients import OAuthClients
from outlook_mcp.web.authorization.registration import RegistrationLimits, Registrations, TooManyRegistrations
from tests.vaults import vault_in
from tests.web.clients.conftest import Clock
from tests.web.clients.test_registration import HERE, asked


async def test_a_flood_of_registrations_from_ever_new_networks_keeps_nobody_out_and_stores_no_more(
    vault: CredentialVault, clock: Clock
) -> None:
    clock.now = 4e9
    limits = RegistrationLimits(per_address=2, ungranted=3)
    registrations = Registrations(vault, limits, clock=clock)
    flood = [await registrations.register(asked(), address=f"2001:db8:{n:x}::1") for n in range(50)]
    assert len(await vault.record_ids_of(SERVER, registration.UNGRANTED_KIND)) == 3
    newcomer = await registrations.register(asked(), address="192.0.2.9")
    other_server = Registrations(vault, limits, clock=clock)
    for client in (*flood, newcomer):
        assert await other_server.find_client(client.client_id) == client
    await other_server.note_grant(newcomer.client_id)
    clock.now += 86_400
    assert await registrations.find_client(newcomer.client_id) == newcomer
    assert [await registrations.find_client(client.client_id) for client in flood] == [None] * 50
    assert await vault.record_ids_of(SERVER, registration.KIND) != ()


async def test_a_registration_does_not_make_the_store_list_all_that_it_holds(tmp_path: Path) -> None:
    """Redis goes through every token and ticket of the server for such a list, and answers nobody else meanwhile."""

    class UnlistedStore(SqliteStore):
        async def record_keys_of(self, user: UserKey, kind: str | None = None) -> tuple[RecordKey, ...]:
            raise AssertionError("listed")

    vault = CredentialVault(UnlistedStore(tmp_path / "vault.db"), KeyRing(FileKeySource(tmp_path / "vault.key")))
    clients = OAuthClients(vault, limits=RegistrationLimits(ungranted=1))
    for _ in range(2):
        kept = await clients.register(asked(), address=HERE)
        assert await clients.find_client(kept.client_id) == kept
    await vault.close()


async def test_an_id_that_carries_a_registration_cannot_be_made_or_changed_by_anybody_else(
    vault: CredentialVault, tmp_path: Path
) -> None:
    full = RegistrationLimits(ungranted=0)
    secret = {"token_endpoint_auth_method": "client_secret_post", "client_secret": "s3cr3t" * 8}
    kept = await Registrations(vault, full).register(asked(**secret), address=HERE)
    client_id = kept.client_id
    assert "s3cr3t" not in client_id + str(base64.urlsafe_b64decode(client_id + "=" * (-len(client_id) % 4)))
    clients = OAuthClients(vault, limits=full)
    assert await clients.find_client(client_id) == kept
    changed = [client_id[:at] + ("B" if client_id[at] == "A" else "A") + client_id[at + 1 :] for at in range(0, 200, 7)]
    for forged in (*changed, client_id[:-4], client_id + "AAAA", "A" * 300, "A" * 10_000):
        assert await clients.find_client(forged) is None
        await clients.note_grant(forged)
    (tmp_path / "other").mkdir()
    other_vault = vault_in(tmp_path / "other")
    assert await OAuthClients(other_vault).find_client(client_id) is None
    await other_vault.close()
    assert await vault.record_ids_of(SERVER, registration.KIND) == ()


async def test_a_registration_that_its_id_carries_counts_for_its_address_and_keeps_to_the_listed_domains(
    vault: CredentialVault,
) -> None:
    clients = OAuthClients(vault, limits=RegistrationLimits(per_address=2, ungranted=0))
    evil = await clients.register(asked(redirect_uris=["https://evil.example/callback"]), address=HERE)
    await clients.register(asked(), address=HERE)
    with pytest.raises(TooManyRegistrations):
        await clients.register(asked(), address=HERE)
    assert await OAuthClients(vault, redirect_domains=("vscode.dev",)).find_client(evil.client_id) is None
    assert await OAuthClients(vault, dynamic_registration=False).find_client(evil.client_id) is None
