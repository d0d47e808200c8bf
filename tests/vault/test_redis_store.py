"""One Redis server: the contract, what it keeps and for how long, and what a fitting server is."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator

import pytest

from outlook_mcp.errors import ConfigurationError, GenerationConflict, StoreUnavailable
from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault.records import RecordKey, StoredRecord
from outlook_mcp.vault.redis_address import RedisAddress
from outlook_mcp.vault.redis_store import RedisStore
from tests.valkey import HOST, Valkey, valkey
from tests.vault.contract import ALICE, BLOB, TOKEN, StoreContract
from tests.waiting import until


@pytest.fixture
async def store(a_valkey: Valkey) -> AsyncIterator[RedisStore]:
    store = RedisStore(RedisAddress.parse(a_valkey.url))
    yield store
    await store.close()


def keys_of(server: Valkey) -> set[str]:
    with server.client() as client:
        return {key.decode() for key in client.scan_iter()}


class TestRedisStore(StoreContract):
    async def test_two_stores_see_each_other(self, store: RedisStore, a_valkey: Valkey) -> None:
        other = RedisStore(RedisAddress.parse(a_valkey.url))
        await store.put_record(TOKEN, StoredRecord(b"one", 1), expected_generation=None)
        await other.put_record(TOKEN, StoredRecord(b"two", 2), expected_generation=1)
        assert await store.get_record(TOKEN) == StoredRecord(b"two", 2)
        await other.close()

    async def test_generations_are_compared_to_their_last_bit(self, store: RedisStore) -> None:
        big = 2**63 - 3
        await store.put_record(TOKEN, StoredRecord(b"one", big), expected_generation=None)
        with pytest.raises(GenerationConflict):
            await store.put_record(TOKEN, StoredRecord(b"late", big + 2), expected_generation=big + 1)
        await store.put_record(TOKEN, StoredRecord(b"two", big + 1), expected_generation=big)
        assert await store.get_record(TOKEN) == StoredRecord(b"two", big + 1)

    async def test_stores_with_different_prefixes_share_a_server_unseen(
        self, store: RedisStore, a_valkey: Valkey
    ) -> None:
        other = RedisStore(RedisAddress.parse(f"{a_valkey.url}?prefix=staging"))
        await store.put_record(TOKEN, StoredRecord(b"one", 1), expected_generation=None)
        await store.put_meta("root", b"root", expected=None)
        assert await other.get_record(TOKEN) is None
        assert await other.users() == ()
        assert await other.meta_names() == ()
        await other.put_record(TOKEN, StoredRecord(b"two", 1), expected_generation=None)
        assert await other.delete_user(ALICE) == 1
        assert await store.users() == (ALICE,)
        await other.close()

    async def test_every_key_carries_prefix_and_format_and_those_of_a_user_one_hash_tag(
        self, store: RedisStore, a_valkey: Valkey
    ) -> None:
        await store.put_record(TOKEN, StoredRecord(BLOB, 1), expected_generation=None)
        await store.put_meta("root", b"root", expected=None)
        await store.increment_counter("address", window_s=60)
        assert keys_of(a_valkey) == {
            "outlook-mcp:1:{contoso:alice}:record:token:work",
            "outlook-mcp:1:{contoso:alice}:records",
            "outlook-mcp:1:meta:root",
            "outlook-mcp:1:count:address",
        }

    async def test_names_that_look_like_patterns_tags_or_separators_stay_names(self, store: RedisStore) -> None:
        users = [UserKey("a:b", "c"), UserKey("a", "b:c"), UserKey("*", "}"), UserKey("{", "%3A")]
        for number, user in enumerate(users):
            await store.put_record(
                RecordKey(user, "token", "1"), StoredRecord(b"%d" % number, 1), expected_generation=None
            )
        assert await store.users() == tuple(sorted(users))
        assert await store.delete_user(users[2]) == 1
        assert await store.users() == tuple(sorted(set(users) - {users[2]}))

    async def test_more_rows_than_one_command_erases_all_go(self, store: RedisStore, a_valkey: Valkey) -> None:
        keys = [RecordKey(ALICE, "token", str(number)) for number in range(1100)]
        await asyncio.gather(*(store.put_record(key, StoredRecord(b"x", 1), expected_generation=None) for key in keys))
        assert await store.delete_user(ALICE) == 1100
        assert keys_of(a_valkey) == set()


class TestWhatPasses:
    async def test_what_expires_leaves_nothing_behind(self, store: RedisStore, a_valkey: Valkey) -> None:
        soon = time.time() + 0.1
        for record_id in ("1", "2"):
            await store.put_record(
                RecordKey(ALICE, "state", record_id), StoredRecord(BLOB, 1, soon), expected_generation=None
            )
        await store.increment_counter("address", window_s=0.1)
        await until(lambda: not keys_of(a_valkey))

    async def test_an_index_lives_as_long_as_its_longest_row(self, store: RedisStore, a_valkey: Valkey) -> None:
        index = "outlook-mcp:1:{contoso:alice}:records"
        now = time.time()
        long, short = RecordKey(ALICE, "state", "long"), RecordKey(ALICE, "state", "short")
        with a_valkey.client() as client:
            await store.put_record(long, StoredRecord(BLOB, 1, now + 900), expected_generation=None)
            await store.put_record(short, StoredRecord(BLOB, 1, now + 90), expected_generation=None)
            assert 800 < client.ttl(index) <= 900
            await store.delete_record(long)
            assert 80 < client.ttl(index) <= 90
            await store.put_record(TOKEN, StoredRecord(BLOB, 1), expected_generation=None)
            assert client.ttl(index) == -1

    async def test_a_row_put_again_without_an_end_stays(self, store: RedisStore, a_valkey: Valkey) -> None:
        await store.put_record(TOKEN, StoredRecord(b"one", 1, time.time() + 90), expected_generation=None)
        await store.put_record(TOKEN, StoredRecord(b"two", 2), expected_generation=1)
        with a_valkey.client() as client:
            assert client.ttl("outlook-mcp:1:{contoso:alice}:record:token:work") == -1


class TestAnotherHand:
    async def test_a_planted_value_too_short_for_a_row_is_no_row_and_can_be_replaced(
        self, store: RedisStore, a_valkey: Valkey
    ) -> None:
        with a_valkey.client() as client:
            client.set("outlook-mcp:1:{contoso:alice}:record:token:work", b"planted")
        assert await store.get_record(TOKEN) is None
        await store.put_record(TOKEN, StoredRecord(b"new", 1), expected_generation=None)
        assert await store.get_record(TOKEN) == StoredRecord(b"new", 1)

    async def test_a_value_of_another_type_is_told_and_not_judged(self, store: RedisStore, a_valkey: Valkey) -> None:
        with a_valkey.client() as client:
            client.rpush("outlook-mcp:1:{contoso:alice}:record:token:work", "planted")
        with pytest.raises(StoreUnavailable, match="cannot be used") as told:
            await store.get_record(TOKEN)
        assert "planted" not in str(told.value)

    async def test_scripts_that_the_server_forgot_are_given_again(self, store: RedisStore, a_valkey: Valkey) -> None:
        await store.put_record(TOKEN, StoredRecord(b"one", 1), expected_generation=None)
        with a_valkey.client() as client:
            client.script_flush()
        await store.put_record(TOKEN, StoredRecord(b"two", 2), expected_generation=1)

    async def test_callers_who_leave_never_let_others_read_their_answers(self, store: RedisStore) -> None:
        """As with CVE-2023-28858: a cancelled command left its answer to whoever used the connection next."""
        keys = [RecordKey(UserKey("contoso", str(number)), "token", "work") for number in range(50)]
        for key in keys:
            await store.put_record(key, StoredRecord(key.user.oid.encode(), 1), expected_generation=None)
        chance = random.Random(7)

        async def read(key: RecordKey) -> bool:
            try:
                async with asyncio.timeout(chance.choice((0, 0.0005, 0.001, 0.002, 0.005, 1))):
                    record = await store.get_record(key)
            except TimeoutError:
                return False
            assert record == StoredRecord(key.user.oid.encode(), 1)
            return True

        answered = await asyncio.gather(*(read(chance.choice(keys)) for _ in range(1500)))
        assert True in answered
        assert False in answered


class TestAFittingServer:
    @pytest.mark.parametrize("policy", ["allkeys-lru", "allkeys-random", "volatile-lru", "volatile-ttl"])
    async def test_a_policy_that_drops_rows_is_refused_with_the_line_to_set(
        self, a_valkey: Valkey, store: RedisStore, policy: str
    ) -> None:
        with a_valkey.client() as client:
            client.config_set("maxmemory-policy", policy)
            try:
                with pytest.raises(ConfigurationError, match=f"{policy}.*`maxmemory-policy noeviction`"):
                    await store.get_record(TOKEN)
            finally:
                client.config_set("maxmemory-policy", "noeviction")
        assert await store.get_record(TOKEN) is None

    async def test_a_replica_is_refused(self, a_valkey: Valkey) -> None:
        with valkey("--replicaof", f"{HOST} {a_valkey.port}") as replica:
            store = RedisStore(RedisAddress.parse(replica.url))
            with pytest.raises(StoreUnavailable, match="is a replica that takes no writes"):
                await store.get_record(TOKEN)
            await store.close()

    async def test_a_server_that_keeps_nothing_is_warned_of_once(self, caplog: pytest.LogCaptureFixture) -> None:
        with valkey() as server:
            store = RedisStore(RedisAddress.parse(server.url))
            with caplog.at_level(logging.WARNING):
                await store.check_usable()
                await store.check_usable()
            await store.close()
        (warning,) = caplog.messages
        assert warning.startswith(f"The Redis {HOST}:{server.port} keeps nothing on disk")
        assert warning.endswith("Set `appendonly yes`.")

    async def test_a_server_that_forbids_config_is_used_and_warned_of(
        self, a_valkey: Valkey, caplog: pytest.LogCaptureFixture
    ) -> None:
        with valkey("--user", "outlook", "on", ">secret-word", "~*", "+@all", "-config") as server:
            store = RedisStore(RedisAddress.parse(f"redis://outlook:secret-word@{HOST}:{server.port}"))
            with caplog.at_level(logging.WARNING):
                await store.put_record(TOKEN, StoredRecord(b"one", 1), expected_generation=None)
            await store.close()
        assert "does not show whether it keeps its data" in caplog.text
        assert "secret-word" not in caplog.text

    async def test_a_user_with_the_least_rights_is_enough(self) -> None:
        commands = (
            "get set getrange del pexpireat pexpire persist incrby zadd zrem zrange zremrangebyscore time "
            "eval evalsha script|load scan info config|get ping client"
        )
        rights = [f"+{command}" for command in commands.split()]
        with valkey(
            "--user", "outlook", "on", ">secret-word", "~outlook-mcp:*", *rights, "--appendonly", "yes"
        ) as server:
            store = RedisStore(RedisAddress.parse(f"redis://outlook:secret-word@{HOST}:{server.port}"))
            await store.put_record(TOKEN, StoredRecord(b"one", 1, time.time() + 90), expected_generation=None)
            await store.put_record(TOKEN, StoredRecord(b"two", 2), expected_generation=1)
            await store.put_meta("root", b"root", expected=None)
            assert await store.get_record(TOKEN) == StoredRecord(b"two", 2)
            assert await store.increment_counter("address", window_s=60) == 1
            assert await store.record_keys_of(ALICE) == (TOKEN,)
            assert await store.users() == (ALICE,)
            assert await store.delete_user(ALICE) == 1
            other = RedisStore(RedisAddress.parse(f"redis://outlook:secret-word@{HOST}:{server.port}?prefix=other"))
            with pytest.raises(StoreUnavailable, match="does not let this user do what is needed"):
                await other.put_record(TOKEN, StoredRecord(b"one", 1), expected_generation=None)
            await store.close()
            await other.close()

    @pytest.mark.parametrize("login", ["", "outlook:wrong@", ":wrong@"])
    async def test_a_wrong_password_is_told_and_not_shown(self, login: str) -> None:
        with valkey("--requirepass", "secret-word") as server:
            store = RedisStore(RedisAddress.parse(f"redis://{login}{HOST}:{server.port}"))
            with pytest.raises(StoreUnavailable, match="password") as told:
                await store.get_record(TOKEN)
            await store.close()
        assert "wrong" not in str(told.value)

    async def test_a_full_server_refuses_writes_and_reads_go_on(self, a_valkey: Valkey, store: RedisStore) -> None:
        await store.put_record(TOKEN, StoredRecord(b"one", 1), expected_generation=None)
        with a_valkey.client() as client:
            client.config_set("maxmemory", "1mb")
            try:
                with pytest.raises(StoreUnavailable, match="is full"):
                    await store.put_record(TOKEN, StoredRecord(b"two", 2), expected_generation=1)
                assert await store.get_record(TOKEN) == StoredRecord(b"one", 1)
            finally:
                client.config_set("maxmemory", "0")
