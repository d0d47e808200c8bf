"""The vault over a real Redis that is emptied, tampered with, restarted, or not there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from outlook_mcp.errors import KeyMismatch, RecordBroken, SendQuotaExceeded, StoreUnavailable
from outlook_mcp.identity.session import SessionService
from outlook_mcp.mail.drafts.send_quota import SendQuota
from outlook_mcp.mail.settings import MailSettings
from outlook_mcp.net.clock import unix_time
from outlook_mcp.vault.key_ring import KeyRing
from outlook_mcp.vault.key_sources import FileKeySource
from outlook_mcp.vault.records import RecordKey
from outlook_mcp.vault.redis_address import RedisAddress
from outlook_mcp.vault.redis_store import RedisStore
from outlook_mcp.vault.rotation import KeyRotation
from outlook_mcp.vault.sessions import VaultSessions
from outlook_mcp.vault.vault import CredentialVault
from tests.valkey import HOST, KEEPS_EVERYTHING, Valkey, free_port, valkey
from tests.vault.contract import ALICE, BOBS_TOKEN, TOKEN
from tests.waiting import patience

ALICES_ROW = "outlook-mcp:1:{contoso:alice}:record:token:work"
BOBS_ROW = "outlook-mcp:1:{contoso:bob}:record:token:work"


def opened(server: Valkey, key_ring: KeyRing) -> CredentialVault:
    return CredentialVault(RedisStore(RedisAddress.parse(server.url)), key_ring)


@pytest.fixture
async def one(a_valkey: Valkey, key_ring: KeyRing) -> AsyncIterator[CredentialVault]:
    vault = opened(a_valkey, key_ring)
    yield vault
    await vault.close()


@pytest.fixture
async def two(a_valkey: Valkey, key_ring: KeyRing) -> AsyncIterator[CredentialVault]:
    vault = opened(a_valkey, key_ring)
    yield vault
    await vault.close()


def wipe(server: Valkey) -> None:
    with server.client() as client:
        client.flushall()


class TestAnEmptiedRedis:
    async def test_nobody_is_signed_in_and_everybody_can_sign_in_again(
        self, a_valkey: Valkey, one: CredentialVault, two: CredentialVault
    ) -> None:
        for vault, key in ((one, TOKEN), (two, BOBS_TOKEN)):
            await vault.replace_record(key, b"before")
        wipe(a_valkey)
        for vault in (one, two):
            assert await vault.get_record(TOKEN) is None
            assert await vault.get_record(BOBS_TOKEN) is None
            assert await vault.users() == ()
        await two.replace_record(TOKEN, b"alice again")
        await one.replace_record(BOBS_TOKEN, b"bob again")
        for vault in (one, two):
            for key, value in ((TOKEN, b"alice again"), (BOBS_TOKEN, b"bob again")):
                record = await vault.get_record(key)
                assert record is not None
                assert record.value == value

    async def test_derived_keys_stay_the_same_on_every_server_and_on_one_that_starts_later(
        self, a_valkey: Valkey, one: CredentialVault, two: CredentialVault, key_ring: KeyRing
    ) -> None:
        pepper = await one.derive_key("digests")
        await two.open_or_create()
        wipe(a_valkey)
        await two.replace_record(TOKEN, b"again")
        late = opened(a_valkey, key_ring)
        assert [await vault.derive_key("digests") for vault in (one, two, late)] == [pepper] * 3
        await late.close()

    async def test_readiness_puts_the_key_check_back(
        self, a_valkey: Valkey, one: CredentialVault, two: CredentialVault
    ) -> None:
        await one.open_or_create()
        wipe(a_valkey)
        await one.check_usable()
        assert await two.open_or_create() is False
        assert await one.derive_key("digests") == await two.derive_key("digests")

    async def test_a_server_older_than_the_vault_is_not_ready(
        self, a_valkey: Valkey, one: CredentialVault, two: CredentialVault
    ) -> None:
        await one.open_or_create()
        wipe(a_valkey)
        assert await two.open_or_create() is True
        with pytest.raises(KeyMismatch, match=r"created again.*Restart this server"):
            await one.check_usable()
        await two.check_usable()


class TestTampering:
    async def test_a_row_under_another_name_never_opens(
        self, a_valkey: Valkey, one: CredentialVault, two: CredentialVault
    ) -> None:
        await one.replace_record(TOKEN, b"alice")
        await one.replace_record(BOBS_TOKEN, b"bob")
        with a_valkey.client() as client:
            row = client.get(BOBS_ROW)
            assert isinstance(row, bytes)
            client.set(ALICES_ROW, row)
        for vault in (one, two):
            with pytest.raises(RecordBroken):
                await vault.get_record(TOKEN)
        await one.replace_record(TOKEN, b"alice again")
        record = await two.get_record(TOKEN)
        assert record is not None
        assert record.value == b"alice again"

    async def test_no_value_and_no_counted_name_is_in_the_server(self, a_valkey: Valkey, one: CredentialVault) -> None:
        await one.replace_record(TOKEN, b"a very secret value")
        await one.increment_counter("registrations from 192.0.2.77", window_s=60)
        with a_valkey.client() as client:
            for key in client.scan_iter():
                assert b"192.0.2" not in key
                if client.type(key) == b"string":
                    assert b"secret" not in client.get(key)


async def test_calls_to_two_servers_at_once_send_no_more_than_one_server_would(
    one: CredentialVault, two: CredentialVault
) -> None:
    settings, now = MailSettings(sends_per_hour=5), unix_time()
    refused = []

    async def send(vault: CredentialVault, clock_s: float) -> None:
        try:
            await SendQuota(vault, ALICE, settings, lambda: clock_s).count_send(1)
        except SendQuotaExceeded:
            refused.append(clock_s)

    async with anyio.create_task_group() as sends:
        for number in range(10):
            sends.start_soon(send, (one, two)[number % 2], now)
    assert len(refused) == 5
    await send(two, now + 3000)
    assert len(refused) == 6, "the clock of one server runs ahead"


async def test_rows_of_ended_sessions_put_back_from_a_dump_open_none_on_any_server(
    a_valkey: Valkey, one: CredentialVault, two: CredentialVault
) -> None:
    services = [SessionService(VaultSessions(vault)) for vault in (one, two)]
    ended = await services[0].start_session(ALICE, client_id="1", client_name="One", scopes=("mail.send",))
    outdated = await services[1].start_session(ALICE, client_id="2", client_name="Two", scopes=("mail.read",))
    with a_valkey.client() as client:
        rows = {key: client.dump(key) for key in client.scan_iter("*:record:session:*")}
        assert len(rows) == 2
        await services[1].end_session(ALICE, ended.id)
        await services[0].outdate_sessions(ALICE)
        for key, row in rows.items():
            client.restore(key, 0, row, replace=True)
    for service in services:
        assert [await service.find_session(ALICE, session.id) for session in (ended, outdated)] == [None, None]
        assert await service.widen_session(ALICE, ended.id, ("mail.send",)) is None
        assert await service.sessions_of(ALICE) == ()


async def test_two_servers_go_on_while_a_third_seals_all_again_and_drops_the_old_keys(
    a_valkey: Valkey, one: CredentialVault, two: CredentialVault, key_file: Path
) -> None:
    keys = [RecordKey(ALICE, "token", str(number)) for number in range(3)]
    for key in keys:
        await one.put_record(key, b"0", expected_generation=None)
    own_ring = KeyRing(FileKeySource(key_file))
    command = opened(a_valkey, own_ring)
    rotation = KeyRotation(command._store, own_ring, command._root, command._user_keys, writes_end_s=0.01)
    rounds = [0, 0]

    async def use(number: int, vault: CredentialVault) -> None:
        while True:
            for key in keys:
                await vault.replace_record(key, str(rounds[number]).encode())
                assert await (two if vault is one else one).get_record(key) is not None
            rounds[number] += 1

    async with anyio.create_task_group() as tasks:
        for number, vault in enumerate((one, two)):
            tasks.start_soon(use, number, vault)
        for _ in range(2):
            await rotation.rotate_master_key()
            assert (await rotation.replace_data_keys()).unreadable == ()
            assert await rotation.drop_old_keys()
        tasks.cancel_scope.cancel()
    assert min(rounds) > 0
    for vault in (one, two, command):
        assert None not in [await vault.get_record(key) for key in keys]
    await command.close()


class TestARedisThatIsAway:
    async def test_a_vault_does_not_open_without_it(self, key_ring: KeyRing) -> None:
        vault = CredentialVault(RedisStore(RedisAddress.parse(f"redis://{HOST}:{free_port()}")), key_ring)
        async with patience():
            for attempt in (
                vault.open_or_create(),
                vault.check_usable(),
                vault.get_record(TOKEN),
                vault.increment_counter("x", window_s=1),
            ):
                with pytest.raises(StoreUnavailable):
                    await attempt
        await vault.close()

    async def test_readiness_falls_with_it_and_rises_again(self, key_ring: KeyRing) -> None:
        with valkey(*KEEPS_EVERYTHING) as server:
            vault = opened(server, key_ring)
            await vault.replace_record(TOKEN, b"value")
            await vault.check_usable()
            server.kill()
            for attempt in (
                vault.check_usable(),
                vault.get_record(TOKEN),
                vault.replace_record(RecordKey(ALICE, "token", "2"), b"lost"),
            ):
                with pytest.raises(StoreUnavailable):
                    await attempt
            server.start()
            await vault.check_usable()
            record = await vault.get_record(TOKEN)
            assert record is not None
            assert record.value == b"value"
            assert await vault.record_ids_of(ALICE, "token") == ("work",)
            await vault.close()
