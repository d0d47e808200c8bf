# Tests look at files where a server must not.
# ruff: noqa: ASYNC240
"""A vault moved between real stores, both ways."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from outlook_mcp.cli.store import copy
from outlook_mcp.config import Configuration
from outlook_mcp.errors import ConfigurationError, KeyMismatch, StoreUnavailable
from outlook_mcp.identity.user import SERVER
from outlook_mcp.vault.key_ring import KeyRing
from outlook_mcp.vault.records import LogLine, RecordKey, StoredRecord
from outlook_mcp.vault.redis_address import RedisAddress
from outlook_mcp.vault.redis_store import RedisStore
from outlook_mcp.vault.sqlite_store import SqliteStore
from outlook_mcp.vault.store import VaultStore
from outlook_mcp.vault.store_copy import Copied, copy_store
from outlook_mcp.vault.vault import CredentialVault
from tests.valkey import Valkey
from tests.vault.contract import ALICE, BLOB, BOB, TOKEN

SOON = RecordKey(BOB, "state", "ä/%?*[")
OVER = RecordKey(BOB, "state", "over")
ROWS = {
    TOKEN: StoredRecord(BLOB, 2**62 + 1),
    RecordKey(ALICE, "token", "empty"): StoredRecord(b"", 1),
    RecordKey(SERVER, "state", "x"): StoredRecord(b"server", 3, time.time() + 1_000_000.123456),
    SOON: StoredRecord(b"soon", 4, time.time() + 900_000),
}

LINES = (LogLine(1, BLOB), LogLine(3, b""))


@pytest.fixture
async def redis(a_valkey: Valkey) -> AsyncIterator[RedisStore]:
    store = RedisStore(RedisAddress.parse(a_valkey.url))
    yield store
    await store.close()


async def fill(store: VaultStore) -> None:
    for key, record in ROWS.items():
        await store.put_record(key, record, expected_generation=None)
    await store.put_record(OVER, StoredRecord(b"over", 1, time.time() - 1), expected_generation=None)
    await store.put_meta("root", bytes(range(200)), expected=None)
    await store.logs.append_lines("one", LINES)


@pytest.mark.parametrize("is_from_redis", [False, True])
async def test_every_row_arrives_as_it_was(store: SqliteStore, redis: RedisStore, is_from_redis: bool) -> None:
    source, destination = (redis, store) if is_from_redis else (store, redis)
    await fill(source)
    assert await copy_store(source, destination) == Copied(users=3, records=4, meta_rows=1, log_lines=2)
    assert await destination.logs.read_lines("one", after=0, most=9) == LINES
    for key, record in ROWS.items():
        assert await destination.get_record(key) == record
    assert await destination.get_meta("root") == bytes(range(200))
    assert await destination.get_record(OVER) is None


@pytest.mark.parametrize("holds", ["record", "meta", "log"])
async def test_a_destination_that_holds_anything_is_left_alone(
    store: SqliteStore, redis: RedisStore, holds: str
) -> None:
    await fill(store)
    if holds == "record":
        await redis.put_record(TOKEN, StoredRecord(b"other", 1), expected_generation=None)
    elif holds == "meta":
        await redis.put_meta("root", b"other", expected=None)
    else:
        await redis.logs.append_lines("two", LINES)
    with pytest.raises(ConfigurationError, match="not empty"):
        await copy_store(store, redis)
    assert len(await redis.users()) + len(await redis.meta_names()) + len(await redis.logs.log_names()) == 1


async def test_an_empty_source_is_told(store: SqliteStore, redis: RedisStore) -> None:
    with pytest.raises(ConfigurationError, match="holds no vault"):
        await copy_store(store, redis)


async def test_a_copy_that_is_not_the_same_is_told(store: SqliteStore, redis: RedisStore) -> None:
    await fill(store)

    class WrittenMeanwhile(SqliteStore):
        async def get_meta(self, name: str) -> bytes | None:
            value = await super().get_meta(name)
            present = await self.get_record(TOKEN)
            if present is not None and present.generation == ROWS[TOKEN].generation:
                changed = StoredRecord(b"changed", present.generation + 1)
                await self.put_record(TOKEN, changed, expected_generation=present.generation)
            return value

    source = WrittenMeanwhile(store._path)
    with pytest.raises(StoreUnavailable, match=r"source and destination: 1 row\. Stop every server"):
        await copy_store(source, redis)
    await source.close()


class TestTheCommand:
    @pytest.fixture
    def configuration(self, tmp_path: Path) -> Configuration:
        return Configuration.load({"data_dir": str(tmp_path / "data")})

    async def test_a_signed_in_user_is_still_signed_in_after_the_move(
        self,
        vault: CredentialVault,
        redis: RedisStore,
        key_ring: KeyRing,
        a_valkey: Valkey,
        configuration: Configuration,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        generation = await vault.replace_record(TOKEN, b"a very secret value")
        pepper = await vault.derive_key("digests")
        await copy(configuration, "sqlite:", a_valkey.url)
        moved = CredentialVault(redis, key_ring)
        record = await moved.get_record(TOKEN)
        assert record is not None
        assert (record.value, record.generation) == (b"a very secret value", generation)
        assert await moved.derive_key("digests") == pepper
        printed = capsys.readouterr().out
        assert "2 records of 1 user, 1 vault row" in printed
        assert "opens the copy" in printed

    async def test_no_key_is_needed(
        self,
        vault: CredentialVault,
        key_file: Path,
        a_valkey: Valkey,
        configuration: Configuration,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        await vault.replace_record(TOKEN, b"value")
        key_file.rename(key_file.with_name("elsewhere.key"))
        await copy(configuration, "sqlite:", a_valkey.url)
        assert "key is not on this machine" in capsys.readouterr().out
        assert not key_file.exists()

    async def test_a_key_that_does_not_open_the_copy_is_told(
        self, vault: CredentialVault, key_file: Path, key_ring: KeyRing, a_valkey: Valkey, configuration: Configuration
    ) -> None:
        await vault.replace_record(TOKEN, b"value")
        key_file.unlink()
        await KeyRing(key_ring._source).sealing_key_or_new()
        with pytest.raises(KeyMismatch, match="The copy is complete: start its servers with the key of the source"):
            await copy(configuration, "sqlite:", a_valkey.url)
