"""Sentinels and a Cluster, on real servers: the same contract, and what happens when a primary dies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from outlook_mcp.errors import ConfigurationError, StoreUnavailable
from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault.records import RecordKey, StoredRecord
from outlook_mcp.vault.redis_address import RedisAddress
from outlook_mcp.vault.redis_store import RedisStore
from tests.valkey import HOST, Valkey, free_port, valkey_cluster, valkey_with_sentinel
from tests.vault.contract import TOKEN, StoreContract
from tests.waiting import pause

Watched = tuple[Valkey, Valkey, Valkey]


@pytest.fixture(scope="module")
def cluster() -> Iterator[tuple[Valkey, ...]]:
    with valkey_cluster() as servers:
        yield servers


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    with valkey_with_sentinel() as servers:
        yield servers


class TestACluster(StoreContract):
    @pytest.fixture
    async def store(self, cluster: tuple[Valkey, ...]) -> AsyncIterator[RedisStore]:
        for server in cluster:
            with server.client() as client:
                client.flushall()
        places = ",".join(f"{HOST}:{server.port}" for server in cluster[:2])
        store = RedisStore(RedisAddress.parse(f"redis+cluster://{places}"))
        yield store
        await store.close()

    async def test_users_are_spread_over_the_nodes_and_each_stays_on_one(
        self, store: RedisStore, cluster: tuple[Valkey, ...]
    ) -> None:
        users = [UserKey("contoso", str(number)) for number in range(30)]
        for user in users:
            for record_id in ("1", "2"):
                await store.put_record(
                    RecordKey(user, "token", record_id), StoredRecord(b"one", 1), expected_generation=None
                )
        assert await store.users() == tuple(sorted(users))
        homes: dict[bytes, set[int]] = {}
        for server in cluster:
            with server.client() as client:
                for key in client.scan_iter():
                    homes.setdefault(key.split(b"{")[1].split(b"}")[0], set()).add(server.port)
        assert len(homes) == len(users)
        assert all(len(ports) == 1 for ports in homes.values())
        assert set.union(*homes.values()) == {server.port for server in cluster}

    async def test_one_that_lost_a_node_is_told_and_works_again_when_it_is_back(
        self, store: RedisStore, cluster: tuple[Valkey, ...]
    ) -> None:
        keys = [RecordKey(UserKey("contoso", str(number)), "token", "work") for number in range(12)]
        for key in keys:
            await store.put_record(key, StoredRecord(key.user.oid.encode(), 1), expected_generation=None)
        cluster[2].kill()
        answers = await asyncio.gather(*(store.get_record(key) for key in keys), return_exceptions=True)
        with pytest.raises(StoreUnavailable, match="cannot be reached"):
            await store.check_usable()
        cluster[2].start()
        assert any(isinstance(answer, StoreUnavailable) for answer in answers)
        assert all(answer is not None for answer in answers)
        for key in keys:
            assert await _read_when_back(store, key) == StoredRecord(key.user.oid.encode(), 1)

    async def test_a_policy_that_drops_rows_is_found_on_any_node(
        self, store: RedisStore, cluster: tuple[Valkey, ...]
    ) -> None:
        with cluster[2].client() as client:
            client.config_set("maxmemory-policy", "allkeys-lru")
            with pytest.raises(ConfigurationError, match="allkeys-lru"):
                await store.check_usable()
            client.config_set("maxmemory-policy", "noeviction")
        await store.check_usable()


async def test_a_cluster_that_is_not_there_is_told_within_the_deadline() -> None:
    store = RedisStore(RedisAddress.parse(f"redis+cluster://{HOST}:{free_port()},{HOST}:{free_port()}"))
    async with asyncio.timeout(6):
        for attempt in (store.check_usable(), store.get_record(TOKEN), store.delete_record(TOKEN), store.users()):
            with pytest.raises(StoreUnavailable, match="cannot be reached"):
                await attempt
    await store.close()


async def test_a_single_server_that_is_no_cluster_is_told(a_valkey: Valkey) -> None:
    store = RedisStore(RedisAddress.parse(f"redis+cluster://{HOST}:{a_valkey.port}"))
    with pytest.raises(StoreUnavailable):
        await store.get_record(TOKEN)
    await store.close()


@pytest.mark.parametrize("name", ["outlook", "another"])
async def test_sentinels_that_are_not_there_or_know_no_such_primary_are_told(watched: Watched, name: str) -> None:
    port = watched[2].port if name == "another" else free_port()
    store = RedisStore(RedisAddress.parse(f"redis+sentinel://{HOST}:{port}/{name}"))
    with pytest.raises(StoreUnavailable, match=f"{name}.*cannot be reached"):
        await store.get_record(TOKEN)
    await store.close()


class TestSentinels(StoreContract):
    @pytest.fixture
    async def store(self, watched: Watched) -> AsyncIterator[RedisStore]:
        store = RedisStore(RedisAddress.parse(f"redis+sentinel://{HOST}:{watched[2].port}/outlook/0?replicas=1"))
        await store.check_usable()
        connection = store._connection
        assert connection is not None
        await connection.client.execute_command("FLUSHALL")
        yield store
        await store.close()


async def test_when_the_primary_dies_the_replica_takes_over_with_every_write() -> None:
    with valkey_with_sentinel() as (primary, _, sentinel):
        store = RedisStore(RedisAddress.parse(f"redis+sentinel://{HOST}:{sentinel.port}/outlook?replicas=1"))
        await store.put_record(TOKEN, StoredRecord(b"1", 1), expected_generation=None)
        for generation in range(2, 50):
            record = StoredRecord(str(generation).encode(), generation)
            await store.put_record(TOKEN, record, expected_generation=generation - 1)
        primary.kill()
        assert await _read_when_back(store) == StoredRecord(b"49", 49)
        await store.close()


async def test_a_write_that_too_few_replicas_have_is_told_as_such() -> None:
    with valkey_with_sentinel() as (_, replica, sentinel):
        store = RedisStore(RedisAddress.parse(f"redis+sentinel://{HOST}:{sentinel.port}/outlook?replicas=1"))
        await store.put_record(TOKEN, StoredRecord(b"1", 1), expected_generation=None)
        replica.kill()
        with pytest.raises(StoreUnavailable, match="to 0 replicas"):
            await store.put_record(TOKEN, StoredRecord(b"2", 2), expected_generation=1)
        await store.close()


async def _read_when_back(store: RedisStore, key: RecordKey = TOKEN) -> StoredRecord | None:
    async with asyncio.timeout(20):
        while True:
            try:
                return await store.get_record(key)
            except StoreUnavailable:
                await pause(0.1)
