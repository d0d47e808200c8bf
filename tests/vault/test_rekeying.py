"""What somebody who has a copy of the store, or its keys, still gets after keys were replaced and sessions ended."""

from __future__ import annotations

from pathlib import Path

import anyio
import anyio.lowlevel
import pytest
from pydantic import SecretBytes

from outlook_mcp.audit.chain import Link
from outlook_mcp.errors import RecordBroken
from outlook_mcp.identity.session import Session, SessionService
from outlook_mcp.vault.envelope import SealingKey
from outlook_mcp.vault.key_ring import KeyRing
from outlook_mcp.vault.records import RecordKey, Revocations
from outlook_mcp.vault.rotation import KeyRotation
from outlook_mcp.vault.sessions import VaultSessions
from outlook_mcp.vault.sqlite_store import SqliteStore
from outlook_mcp.vault.user_keys import DataKeys
from outlook_mcp.vault.vault import CredentialVault
from tests.vault.contract import ALICE, BOBS_TOKEN, TOKEN
from tests.vault.disk import disk


@pytest.fixture
def rotation(vault: CredentialVault, store: SqliteStore, key_ring: KeyRing) -> KeyRotation:
    """Of the vault, and waits a moment only for writes that have begun."""
    return KeyRotation(store, key_ring, vault._root, vault._user_keys, writes_end_s=0.01)


async def test_stolen_data_keys_open_nothing_after_rekeying(
    vault: CredentialVault, rotation: KeyRotation, store: SqliteStore
) -> None:
    for number in range(5):
        await vault.put_record(RecordKey(ALICE, "token", str(number)), b"alice", expected_generation=None)
    expiring = await vault.put_record(TOKEN, b"later", expected_generation=None, expires_at=4e9)
    await vault.replace_record(BOBS_TOKEN, b"bob")
    stolen = await vault._user_keys.keys_of(ALICE)
    assert stolen is not None
    done = await rotation.replace_data_keys()
    assert (done.records, done.unreadable) == (7, ())
    for key in await store.record_keys_of(ALICE):
        row = await store.get_record(key)
        assert row is not None
        assert row.blob[5:13].hex() not in {old.id for old in stolen.keys}
    present = await vault._user_keys.keys_of(ALICE)
    assert present is not None
    assert not set(stolen.keys) & set(present.keys)
    found = await vault.get_record(TOKEN)
    assert found is not None
    assert (found.value, found.generation) == (b"later", expiring + 1)
    row = await store.get_record(TOKEN)
    assert row is not None
    assert row.expires_at == 4e9


async def test_rows_of_a_dump_do_not_open_after_rekeying(
    vault: CredentialVault, rotation: KeyRotation, vault_file: Path
) -> None:
    await vault.replace_record(TOKEN, b"alice")
    with disk(vault_file) as connection:
        dumped = connection.execute("SELECT * FROM record WHERE kind = 'token'").fetchone()
        await rotation.replace_data_keys()
        connection.execute("DELETE FROM record WHERE kind = 'token'")
        connection.execute("INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?)", dumped)
    with pytest.raises(RecordBroken):
        await vault.get_record(TOKEN)


async def test_servers_read_and_write_while_records_are_sealed_again(
    vault: CredentialVault, rotation: KeyRotation
) -> None:
    keys = [RecordKey(ALICE, "token", str(number)) for number in range(4)]
    for key in keys:
        await vault.put_record(key, b"0", expected_generation=None)
    written = 0

    async def write() -> None:
        nonlocal written
        while True:
            for key in keys:
                assert await vault.get_record(key) is not None
                written += 1
                await vault.replace_record(key, str(written).encode())

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(write)
        for _ in range(3):
            assert (await rotation.replace_data_keys()).unreadable == ()
        tasks.cancel_scope.cancel()
    assert written
    assert None not in [await vault.get_record(key) for key in keys]


async def test_of_two_rekeyings_at_once_the_one_that_ends_last_removes_no_newer_data_key(
    vault: CredentialVault, rotation: KeyRotation
) -> None:
    await vault.replace_record(TOKEN, b"alice")
    made, _ = await rotation._make_data_keys()
    await rotation.replace_data_keys()
    await vault._user_keys.retire_keys_before(ALICE, made[ALICE])
    found = await vault.get_record(TOKEN)
    assert found is not None
    assert found.value == b"alice"


async def test_a_user_who_is_erased_and_comes_back_during_a_rekeying_keeps_their_new_data_key(
    vault: CredentialVault, store: SqliteStore, key_ring: KeyRing
) -> None:
    await vault.replace_record(TOKEN, b"before")
    rotation = KeyRotation(store, key_ring, vault._root, vault._user_keys, writes_end_s=0.2)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(rotation.replace_data_keys)
        while (keys := await vault._user_keys.keys_of(ALICE)) is None or len(keys.keys) < 2:
            await anyio.lowlevel.checkpoint()
        await vault.erase_user(ALICE)
        await vault.replace_record(TOKEN, b"after")
    found = await vault.get_record(TOKEN)
    assert found is not None
    assert found.value == b"after"


async def test_the_audit_log_is_read_after_rekeying_without_the_old_data_keys(
    vault: CredentialVault, rotation: KeyRotation
) -> None:
    after = Link(0, "0" * 64)
    sealed = (await vault.personal_fields.sealing_key(ALICE)).seal_fields(after, b"alice@contoso.example")
    await rotation.replace_data_keys()
    vault.personal_fields.forget(ALICE)
    vault.personal_fields._known.clear()
    assert await vault.personal_fields.open_fields(ALICE, after, sealed) == b"alice@contoso.example"


async def test_a_row_that_cannot_be_read_is_named_and_left(
    vault: CredentialVault, rotation: KeyRotation, vault_file: Path
) -> None:
    await vault.replace_record(TOKEN, b"alice")
    with disk(vault_file) as connection:
        connection.execute("UPDATE record SET blob = zeroblob(100) WHERE kind = 'token'")
    done = await rotation.replace_data_keys()
    assert done.unreadable == (TOKEN,)


class TestEpoch:
    @pytest.fixture
    async def session(self, vault: CredentialVault) -> Session:
        service = SessionService(VaultSessions(vault))
        return await service.start_session(ALICE, client_id="id", client_name="Client", scopes=("mail.read",))

    async def test_a_session_row_put_back_from_a_dump_opens_no_session_after_a_revocation(
        self, vault: CredentialVault, vault_file: Path, session: Session
    ) -> None:
        service = SessionService(VaultSessions(vault))
        with disk(vault_file) as connection:
            dumped = connection.execute("SELECT * FROM record WHERE kind = 'session'").fetchone()
            await service.outdate_sessions(ALICE)
            assert await service.sessions_of(ALICE) == ()
            connection.execute("INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?)", dumped)
        assert await service.find_session(ALICE, session.id) is None
        assert await service.sessions_of(ALICE) == ()
        assert await service.widen_session(ALICE, session.id, ("mail.send",)) is None

    async def test_a_row_of_one_ended_session_put_back_opens_none_and_the_others_go_on(
        self, vault: CredentialVault, vault_file: Path, session: Session
    ) -> None:
        service = SessionService(VaultSessions(vault))
        other = await service.start_session(ALICE, client_id="other", client_name="Other", scopes=("mail.read",))
        with disk(vault_file) as connection:
            rows = connection.execute("SELECT * FROM record WHERE id = ?", (session.id,)).fetchall()
            assert await service.end_session(ALICE, session.id)
            assert not await service.end_session(ALICE, session.id)
            connection.executemany("INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        assert await service.find_session(ALICE, session.id) is None
        assert await service.sessions_of(ALICE) == (other,)
        assert await service.widen_session(ALICE, session.id, ("mail.send",)) is None

    async def test_a_session_that_begins_after_a_revocation_is_one(
        self, vault: CredentialVault, session: Session
    ) -> None:
        service = SessionService(VaultSessions(vault))
        await service.outdate_sessions(ALICE)
        later = await service.start_session(ALICE, client_id="id", client_name="Client", scopes=("mail.read",))
        widened = await service.widen_session(ALICE, later.id, ("mail.send",))
        assert widened is not None
        assert await service.sessions_of(ALICE) == (widened,)

    async def test_another_user_keeps_their_sessions(self, vault: CredentialVault, session: Session) -> None:
        await SessionService(VaultSessions(vault)).outdate_sessions(BOBS_TOKEN.user)
        assert await vault.epoch_of(BOBS_TOKEN.user) == 0
        assert await SessionService(VaultSessions(vault)).find_session(ALICE, session.id) == session


def test_both_formats_of_data_keys_are_read() -> None:
    """Samples of format 1, and of format 2, which is written once something was revoked or a key was retired."""
    first, second = bytes(range(32)), bytes(range(32, 64))
    keys = SealingKey(SecretBytes(first)), SealingKey(SecretBytes(second))
    one = bytes.fromhex("0000000000000105") + first + second
    counts = bytes.fromhex("0000000000000105 0000000000000007 00000001 0000000000000001")
    two = counts + b"sixteen bytes..." + first + second
    assert DataKeys.decode(one) == DataKeys(keys, 0x105)
    revoked = Revocations(7, (b"sixteen bytes...",))
    assert DataKeys.decode(two) == DataKeys(keys[:1], 0x105, revoked, keys[1:])
    assert [DataKeys.decode(sample).encode() for sample in (one, two)] == [one, two]


async def test_a_session_without_a_stamp_is_one_of_the_first_epoch(vault: CredentialVault) -> None:
    """As older servers wrote it."""
    value = (
        b'{"id":"s","user":{"tid":"contoso","oid":"alice"},"transport":"http","created":"2026-01-02T03:04:05Z",'
        b'"last_seen":"2026-01-02T03:04:05Z","client_id":"id","client_name":"Client","client_kind":"registered",'
        b'"redirect_uri":"","account":"","scopes":["mail.read"],"is_asserted":false,"address":"","era":""}'
    )
    await vault.put_record(RecordKey(ALICE, "session", "s"), value, expected_generation=None)
    found = await VaultSessions(vault).find_session(ALICE, "s")
    assert found is not None
    assert found.scopes == ("mail.read",)
    await vault.raise_epoch_of(ALICE)
    assert await VaultSessions(vault).find_session(ALICE, "s") is None
