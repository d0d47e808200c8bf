"""A Redis server that is away, silent, restarted or lost the answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from outlook_mcp.errors import StoreUnavailable
from outlook_mcp.vault.records import RecordKey, StoredRecord
from outlook_mcp.vault.redis_address import RedisAddress
from outlook_mcp.vault.redis_store import RedisStore
from tests.valkey import HOST, KEEPS_EVERYTHING, Valkey, free_port, valkey
from tests.vault.contract import BOB, TOKEN
from tests.waiting import patience


@pytest.fixture
async def store(a_valkey: Valkey) -> AsyncIterator[RedisStore]:
    store = RedisStore(RedisAddress.parse(a_valkey.url))
    yield store
    await store.close()


class TestAServerInTrouble:
    async def test_a_server_that_is_not_there_is_named(self) -> None:
        store = RedisStore(RedisAddress.parse(f"redis://{HOST}:{free_port()}"))
        async with patience():
            with pytest.raises(StoreUnavailable, match=r"The Redis 127\.0\.0\.1:\d+ cannot be reached"):
                await store.check_usable()
        await store.close()

    async def test_a_server_that_answers_nothing_is_told_within_the_deadline(self) -> None:
        with valkey() as server:
            store = RedisStore(RedisAddress.parse(server.url), deadline_s=0.3)
            await store.put_record(TOKEN, StoredRecord(b"one", 1), expected_generation=None)
            server.freeze()
            try:
                for attempt in (store.get_record(TOKEN), store.check_usable()):
                    with pytest.raises(StoreUnavailable, match="did not answer"):
                        await attempt
            finally:
                server.thaw()
            assert await store.get_record(TOKEN) == StoredRecord(b"one", 1)
            await store.close()

    async def test_after_a_crash_and_a_restart_it_works_again_without_being_told(self) -> None:
        with valkey(*KEEPS_EVERYTHING) as server:
            store = RedisStore(RedisAddress.parse(server.url))
            await asyncio.gather(*(store.put_meta(str(number), b"x", expected=None) for number in range(20)))
            await store.put_record(TOKEN, StoredRecord(b"one", 1), expected_generation=None)
            server.kill()
            for operation in (store.get_record(TOKEN), store.check_usable(), store.delete_record(TOKEN), store.users()):
                with pytest.raises(StoreUnavailable, match="cannot be reached"):
                    await operation
            server.start()
            assert await store.get_record(TOKEN) == StoredRecord(b"one", 1)
            await store.put_record(TOKEN, StoredRecord(b"two", 2), expected_generation=1)
            await store.close()

    async def test_a_write_whose_answer_was_lost_is_sent_again_and_counts_once(
        self, a_valkey: Valkey, store: RedisStore
    ) -> None:
        async with AnswerEater(a_valkey.port) as eater:
            cut = RedisStore(RedisAddress.parse(f"redis://{HOST}:{eater.port}"))
            await cut.check_usable()
            eater.hungry = True
            await cut.put_record(TOKEN, StoredRecord(b"one", 1), expected_generation=None)
            eater.hungry = True
            await cut.put_record(TOKEN, StoredRecord(b"two", 2), expected_generation=1)
            eater.hungry = True
            await cut.put_meta("root", b"one", expected=None)
            eater.hungry = True
            with pytest.raises(StoreUnavailable):
                await cut.delete_record(TOKEN)
            await cut.close()
        assert eater.eaten == 4
        assert await store.get_record(TOKEN) is None
        assert await store.get_meta("root") == b"one"

    async def test_many_callers_share_few_connections(self, a_valkey: Valkey, store: RedisStore) -> None:
        await asyncio.gather(*(store.get_record(RecordKey(BOB, "token", str(number))) for number in range(500)))
        with a_valkey.client() as client:
            assert len(client.client_list()) <= 33


class AnswerEater:
    """Stands before a server; when hungry, the next script is carried out and its answer never arrives."""

    def __init__(self, port: int) -> None:
        self._server_port = port
        self.hungry = False
        self.eaten = 0

    async def __aenter__(self) -> AnswerEater:
        self._server = await asyncio.start_server(self._serve, HOST, 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, questions = await asyncio.open_connection(HOST, self._server_port)
        try:
            while asked := await reader.read(65536):
                questions.write(asked)
                answer = await answers.read(65536)
                if self.hungry and b"EVALSHA" in asked and not answer.startswith(b"-NOSCRIPT"):
                    self.hungry = False
                    self.eaten += 1
                    break
                writer.write(answer)
        finally:
            questions.close()
            writer.close()
