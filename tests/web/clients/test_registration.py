"""Clients that register themselves: what is stored of them, and how many anybody can register."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from mcp.server.auth.provider import RegistrationError
from mcp.shared.auth import OAuthClientInformationFull

from outlook_mcp.identity.user import SERVER
from outlook_mcp.vault.records import RecordKey
from outlook_mcp.vault.vault import CredentialVault
from outlook_mcp.web.authorization import registration
from outlook_mcp.web.authorization.clients import OAuthClients
from outlook_mcp.web.authorization.registration import RegistrationLimits, Registrations, TooManyRegistrations
from tests.web.clients.conftest import Clock

HERE = "192.0.2.7"
CALLBACK = "http://127.0.0.1:6276/oauth/callback"


def asked(**members: Any) -> OAuthClientInformationFull:
    """A registration as the SDK's handler hands it on."""
    return OAuthClientInformationFull.model_validate(
        {
            "client_id": str(uuid4()),
            "client_name": "Inspector",
            "redirect_uris": [CALLBACK],
            "token_endpoint_auth_method": "none",
            **members,
        }
    )


@pytest.fixture
def clients(vault: CredentialVault) -> OAuthClients:
    return OAuthClients(vault)


async def test_a_registered_client_is_known_to_every_server_that_shares_the_vault(
    clients: OAuthClients, vault: CredentialVault
) -> None:
    kept = await clients.register(asked(), address=HERE)
    found = await OAuthClients(vault).find_client(kept.client_id)
    assert found == kept
    assert (kept.kind, kept.name, kept.host) == ("registered", "Inspector", None)


async def test_a_client_nobody_registered_is_unknown(clients: OAuthClients) -> None:
    for client_id in (str(uuid4()), "", "x", "../client", "a" * 65, "\x00" * 20, "https://[::1]/c"):
        assert await clients.find_client(client_id) is None


@pytest.mark.parametrize(
    ("members", "error"),
    [
        ({"redirect_uris": ["javascript:alert(1)"]}, "invalid_redirect_uri"),
        ({"redirect_uris": [CALLBACK, "javascript:alert(1)"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["http://evil.example/callback"]}, "invalid_redirect_uri"),
        ({"redirect_uris": [CALLBACK, "http://evil.example/callback"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://u:p@evil.example/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://client.example/#x"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["cursor://anysphere.cursor-mcp/oauth/callback"]}, "invalid_redirect_uri"),
        ({"redirect_uris": [f"https://client.example/{n}" for n in range(51)]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://client.example/" + "c" * 2000]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://client.example/" + "c" * 1900] * 5}, "invalid_client_metadata"),
        ({"redirect_uris": None}, "invalid_redirect_uri"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "client_secret_post"}, "invalid_client_metadata"),
        ({"grant_types": ["refresh_token"]}, "invalid_client_metadata"),
        ({"response_types": ["token"]}, "invalid_client_metadata"),
        ({"client_id": "https://client.example/c"}, "invalid_client_metadata"),
        ({"client_id": "short"}, "invalid_client_metadata"),
    ],
)
async def test_a_registration_that_breaks_a_rule_is_refused_and_leaves_nothing(
    clients: OAuthClients, vault: CredentialVault, members: dict[str, Any], error: str
) -> None:
    with pytest.raises(RegistrationError) as refused:
        await clients.register(asked(**members), address=HERE)
    assert refused.value.error == error
    assert await vault.record_ids_of(SERVER, registration.UNGRANTED_KIND) == ()


async def test_a_registration_never_changes_another_client(clients: OAuthClients) -> None:
    claude = await clients.register(asked(client_name="Claude"), address=HERE)
    foreign = {"client_name": "Claude", "redirect_uris": ["https://evil.example/callback"]}
    with pytest.raises(RegistrationError, match="taken"):
        await clients.register(asked(**foreign, client_id=claude.client_id), address=HERE)
    impostor = await clients.register(asked(**foreign), address=HERE)
    assert impostor.client_id != claude.client_id
    assert await clients.find_client(claude.client_id) == claude


async def test_a_secret_is_kept_sealed_and_shown_nowhere(clients: OAuthClients, tmp_path: Path) -> None:
    secret = "s3cr3t" * 8
    info = asked(token_endpoint_auth_method="client_secret_post", client_secret=secret, client_secret_expires_at=0)
    kept = await clients.register(info, address=HERE)
    found = await clients.find_client(kept.client_id)
    assert found is not None
    assert (found.client_secret, found.client_secret_expires_at) == (secret, 0)
    assert secret not in repr(found) + str(found)
    assert secret.encode() not in everything_in(tmp_path)


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())


async def test_a_public_client_has_no_secret(clients: OAuthClients) -> None:
    kept = await clients.register(asked(client_secret="x"), address=HERE)
    assert kept.client_secret is None


async def test_the_answer_tells_what_is_kept(clients: OAuthClients) -> None:
    kept = await clients.register(
        asked(
            client_name="A\u202eB\r\nC",
            redirect_uris=["cursor://anysphere.cursor-mcp/oauth/callback", "http://localhost:8787/callback"],
            grant_types=["authorization_code", "urn:ietf:params:oauth:grant-type:jwt-bearer"],
            logo_uri="https://evil.example/logo.png",
        ),
        address=HERE,
    )
    answer = kept.model_dump(mode="json", exclude_none=True)
    assert answer.pop("client_id_issued_at") > 0
    assert answer == {
        "client_id": kept.client_id,
        "client_name": "AB C",
        "redirect_uris": ["http://localhost:8787/callback"],
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    }


async def test_where_registration_is_switched_off_clients_that_registered_before_are_unknown_until_it_is_on_again(
    vault: CredentialVault, clients: OAuthClients
) -> None:
    known = await clients.register(asked(), address=HERE)
    await clients.note_grant(known.client_id)
    closed = OAuthClients(vault, dynamic_registration=False)
    with pytest.raises(RegistrationError, match="registers no clients"):
        await closed.register(asked(), address=HERE)
    assert await closed.find_client(known.client_id) is None
    assert await OAuthClients(vault).find_client(known.client_id) == known


async def test_clients_that_register_themselves_can_be_kept_to_this_computer_and_listed_domains(
    vault: CredentialVault, clients: OAuthClients
) -> None:
    """A link to a client of an attacker, which sends the access to a domain of theirs, then leads nowhere."""
    evil = await clients.register(asked(redirect_uris=["https://evil.example/callback"]), address=HERE)
    listed = OAuthClients(vault, redirect_domains=("vscode.dev",))
    for host in ("vscode.dev.evil.example", "evilvscode.dev"):
        with pytest.raises(RegistrationError) as refused:
            await listed.register(asked(redirect_uris=[f"https://{host}/callback"]), address=HERE)
        assert refused.value.error == "invalid_redirect_uri"
    both = [CALLBACK, "https://insiders.vscode.dev/redirect", "https://evil.example/callback"]
    kept = await listed.register(asked(redirect_uris=both), address=HERE)
    assert [str(uri) for uri in kept.redirect_uris or ()] == both[:2]
    assert await listed.find_client(evil.client_id) is None
    local_only = await OAuthClients(vault, redirect_domains=()).find_client(kept.client_id)
    assert local_only is not None
    assert [str(uri) for uri in local_only.redirect_uris or ()] == both[:1]


async def test_one_address_registers_a_limited_number_of_clients(vault: CredentialVault) -> None:
    clients = OAuthClients(vault, limits=RegistrationLimits(per_address=3))
    for _ in range(3):
        await clients.register(asked(), address=HERE)
    with pytest.raises(TooManyRegistrations) as refused:
        await OAuthClients(vault, limits=RegistrationLimits(per_address=3)).register(asked(), address=HERE)
    assert refused.value.retry_after_s == 3600
    await clients.register(asked(), address="192.0.2.8")
    for n in range(3):
        await clients.register(asked(), address=f"2001:db8:0:1::{n}")
    with pytest.raises(TooManyRegistrations):
        await clients.register(asked(), address="2001:db8:0:1:ffff::1")
    await clients.register(asked(), address="2001:db8:0:102::1")


async def test_registrations_refused_for_one_address_take_no_place(vault: CredentialVault) -> None:
    clients = OAuthClients(vault, limits=RegistrationLimits(per_address=2, ungranted=4))
    for _ in range(2):
        await clients.register(asked(), address=HERE)
    for _ in range(10):
        with pytest.raises(TooManyRegistrations):
            await clients.register(asked(), address=HERE)
    assert len(await vault.record_ids_of(SERVER, registration.UNGRANTED_KIND)) == 2
    await clients.register(asked(), address="192.0.2.8")


async def test_a_client_that_no_user_allowed_is_deleted_after_a_day(vault: CredentialVault, clock: Clock) -> None:
    registrations = Registrations(vault, RegistrationLimits(), clock=clock)
    clock.now = 4e9
    kept = await registrations.register(asked(), address=HERE)
    for _ in range(2):
        clock.now += 43_199
        assert await registrations.find_client(kept.client_id) == kept
    clock.now += 3
    assert await registrations.find_client(kept.client_id) is None
    await registrations.note_grant(kept.client_id)
    assert await registrations.find_client(kept.client_id) is None


async def test_a_client_unused_for_90_days_is_deleted_and_use_renews_it(vault: CredentialVault, clock: Clock) -> None:
    registrations = Registrations(vault, RegistrationLimits(), clock=clock)
    clock.now = 4e9  # far ahead, so that the store itself drops nothing
    kept = await registrations.register(asked(), address=HERE)
    await registrations.note_grant(kept.client_id)
    for _ in range(3):
        clock.now += 89 * 86_400
        assert await registrations.find_client(kept.client_id) == kept
    clock.now += 90 * 86_400
    assert await registrations.find_client(kept.client_id) is None


async def test_use_is_written_once_a_day_at_most(vault: CredentialVault, clock: Clock) -> None:
    clock.now = 4e9
    registrations = Registrations(vault, RegistrationLimits(), clock=clock)
    kept = await registrations.register(asked(), address=HERE)
    await registrations.note_grant(kept.client_id)
    generations = set()
    for _ in range(30):
        clock.now += 3600
        await registrations.find_client(kept.client_id)
        record = await vault.get_record(RecordKey(SERVER, registration.KIND, kept.client_id))
        assert record is not None
        generations.add(record.generation)
    assert len(generations) == 2


async def test_a_store_that_takes_no_writes_still_knows_its_clients(
    vault: CredentialVault, clock: Clock, tmp_path: Path
) -> None:
    clock.now = 4e9
    registrations = Registrations(vault, RegistrationLimits(), clock=clock)
    kept = await registrations.register(asked(), address=HERE)
    await registrations.note_grant(kept.client_id)
    clock.now += 2 * 86_400
    with sqlite3.connect(tmp_path / "vault.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        assert await registrations.find_client(kept.client_id) == kept
    other.close()
