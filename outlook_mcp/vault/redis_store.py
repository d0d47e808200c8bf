"""The shared store: one Redis for any number of servers.

A write is as durable as that Redis: `appendonly yes` keeps it through a restart, and a failover may lose what the
replicas had not received. With `replicas` in the address a write counts only when that many have it. Deleted rows stay,
sealed, in append-only files, snapshots and backups until those are rewritten. Expiry goes by the server's clock.
"""

from __future__ import annotations

# Not anyio: after a cancellation redis-py closes its connection with further awaits. A cancel scope of anyio would
# cancel those as well; a timeout of asyncio cancels once.
import asyncio
import logging
import struct
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from redis.asyncio import Redis

from outlook_mcp.errors import GenerationConflict, StoreUnavailable
from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault import redis_scripts
from outlook_mcp.vault.records import RecordKey, StoredRecord
from outlook_mcp.vault.redis_address import RedisAddress
from outlook_mcp.vault.redis_connection import MOST_CONNECTIONS, RedisConnection
from outlook_mcp.vault.redis_failures import LASTING, PASSING, errors_as_unavailable
from outlook_mcp.vault.redis_fitness import check_configuration
from outlook_mcp.vault.redis_keys import RedisKeys, member, record_key
from outlook_mcp.vault.redis_logs import RedisLogs

DEADLINE_S = 5.0
SCAN_DEADLINE_S = 60.0
REPLICATION_DEADLINE_S = 1.0
_REPEATS_AFTER_S = (0.0, 0.05, 0.25)
_SCAN_PAGE = 1000
_ERASED_AT_ONCE = 500
_HEADER = struct.Struct(">qd")
_GENERATION = struct.Struct(">q")
_FOREVER = float("inf")

_log = logging.getLogger(__name__)
_Answer = TypeVar("_Answer")
Keys = Sequence[str]
Arguments = Sequence[str | bytes]


class RedisStore:
    """Connects at the first operation and then checks once that this Redis may hold credentials.

    Commands that may be sent twice are sent again when a connection breaks.
    """

    def __init__(self, address: RedisAddress, *, deadline_s: float = DEADLINE_S) -> None:
        self._address = address
        self._deadline_s = deadline_s
        self._keys = RedisKeys(address.prefix)
        self._connection: RedisConnection | None = None
        self._is_checked = False
        self._turns = asyncio.Semaphore(MOST_CONNECTIONS)
        self.logs = RedisLogs(self._keys, write=self._write_rows, run_command=self._run_command, scan=self._scan)

    async def check_usable(self) -> None:
        """For readiness: StoreUnavailable within 5 s when it cannot be used, ConfigurationError when it must not be."""
        warnings = await self._run(lambda connection, _: check_configuration(connection, self._address.name))
        if not self._is_checked:
            for warning in warnings:
                _log.warning(warning)
        self._is_checked = True

    async def get_record(self, key: RecordKey) -> StoredRecord | None:
        row = await self._run_command("GET", self._keys.row_key(key))
        return None if row is None or len(row) < _HEADER.size else _decoded(row)

    async def put_record(self, key: RecordKey, record: StoredRecord, *, expected_generation: int | None) -> None:
        expected = b"" if expected_generation is None else _GENERATION.pack(expected_generation)
        expiry = "" if record.expires_at is None else str(int(record.expires_at * 1000))
        keys = (self._keys.row_key(key), self._keys.index_key(key.user))
        if not await self._compare_and_swap(redis_scripts.PUT, keys, (_encoded(record), expected, expiry, member(key))):
            raise GenerationConflict(f"The {key.kind} record was written by somebody else meanwhile.")

    async def delete_record(self, key: RecordKey) -> bool:
        keys = (self._keys.index_key(key.user), self._keys.row_key(key))
        # Never sent twice: the caller that takes a single-use ticket must learn whether this call deleted it.
        return bool(await self._write_rows(redis_scripts.DELETE, keys, (member(key),), repeat=False))

    async def delete_user(self, user: UserKey) -> int:
        gone = 0
        while rows := (await self.record_keys_of(user))[:_ERASED_AT_ONCE]:
            keys = (self._keys.index_key(user), *map(self._keys.row_key, rows))
            gone += int(await self._write_rows(redis_scripts.DELETE, keys, tuple(map(member, rows))))
        return gone

    async def record_keys_of(self, user: UserKey, kind: str | None = None) -> tuple[RecordKey, ...]:
        start = "" if kind is None else member(RecordKey(user, kind, ""))
        members = await self._run_script(redis_scripts.LIST, (self._keys.index_key(user),), (start,))
        return tuple(sorted(record_key(user, found.decode()) for found in members))

    async def users(self) -> tuple[UserKey, ...]:
        """Scans every key: on a Cluster a list of users could not be changed in one step with their rows."""
        return tuple(sorted(self._keys.user_of(index) for index in await self._scan(self._keys.every_index)))

    async def get_meta(self, name: str) -> bytes | None:
        value: bytes | None = await self._run_command("GET", self._keys.meta_key(name))
        return value

    async def put_meta(self, name: str, value: bytes, *, expected: bytes | None) -> None:
        arguments = (value, "" if expected is None else "1", expected or b"")
        if not await self._compare_and_swap(redis_scripts.PUT_META, (self._keys.meta_key(name),), arguments):
            raise GenerationConflict(f"The vault's {name} row was written by somebody else meanwhile.")

    async def meta_names(self) -> tuple[str, ...]:
        return tuple(sorted(self._keys.name_of(key) for key in await self._scan(self._keys.every_meta)))

    async def increment_counter(self, name: str, *, window_s: float, by: int = 1) -> int:
        arguments = (str(max(1, round(window_s * 1000))), str(by))
        return int(await self._run_script(redis_scripts.COUNT, (self._keys.counter_key(name),), arguments))

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.aclose()

    async def _run_command(self, *words: str) -> Any:
        return await self._ready_run(lambda connection, _: connection.client.execute_command(*words))

    async def _run_script(self, script: str, keys: Keys, arguments: Arguments) -> Any:
        return await self._ready_run(
            lambda connection, _: connection.client.register_script(script)(list(keys), list(arguments))
        )

    async def _compare_and_swap(self, script: str, keys: Keys, arguments: Arguments) -> bool:
        """Runs a script whose last argument says whether it is repeated; False when somebody else wrote first."""

        async def send(connection: RedisConnection, is_repeated: bool) -> Any:
            return await self._replicated(connection, script, keys, (*arguments, "1" if is_repeated else ""))

        return bool(await self._ready_run(send))

    async def _write_rows(self, script: str, keys: Keys, arguments: Arguments, *, repeat: bool = True) -> Any:
        async def send(connection: RedisConnection, _: bool) -> Any:
            return await self._replicated(connection, script, keys, arguments)

        return await self._ready_run(send, repeat=repeat)

    async def _replicated(self, connection: RedisConnection, script: str, keys: Keys, arguments: Arguments) -> Any:
        call = connection.client.register_script(script)
        needed = self._address.replicas
        if not needed or not isinstance(connection.client, Redis):
            return await call(list(keys), list(arguments))
        async with connection.client.pipeline(transaction=False) as pipeline:
            await call(list(keys), list(arguments), client=pipeline)
            pipeline.execute_command("WAIT", needed, round(REPLICATION_DEADLINE_S * 1000))
            answer, reached = await pipeline.execute()
        if answer and reached < needed:
            # This may be a primary that was replaced without knowing it; new connections ask the Sentinels again.
            await connection.client.connection_pool.disconnect(inuse_connections=False)
            raise StoreUnavailable(
                f"{self._address.name} replicated a write to {reached} replicas; {needed} are required.",
                next_step="Check its replicas, then try again.",
            )
        return answer

    async def _scan(self, pattern: str) -> set[str]:
        async def send(connection: RedisConnection, _: bool) -> set[str]:
            found = connection.client.scan_iter(match=pattern, count=_SCAN_PAGE)
            return {key.decode() async for key in found}

        return await self._ready_run(send, deadline_s=SCAN_DEADLINE_S)

    async def _ready_run(
        self,
        send: Callable[[RedisConnection, bool], Awaitable[_Answer]],
        *,
        repeat: bool = True,
        deadline_s: float | None = None,
    ) -> _Answer:
        if not self._is_checked:
            await self.check_usable()
        return await self._run(send, repeat=repeat, deadline_s=deadline_s)

    async def _run(
        self,
        send: Callable[[RedisConnection, bool], Awaitable[_Answer]],
        *,
        repeat: bool = True,
        deadline_s: float | None = None,
    ) -> _Answer:
        deadline_s = deadline_s or self._deadline_s
        with errors_as_unavailable(self._address.name, deadline_s):
            async with asyncio.timeout(deadline_s), self._turns:
                connection = self._connection = self._connection or RedisConnection(self._address)
                for attempt, pause in enumerate(_REPEATS_AFTER_S if repeat else ()):
                    try:
                        return await send(connection, attempt > 0)
                    except LASTING:
                        raise
                    except PASSING:
                        await asyncio.sleep(pause)
                return await send(connection, repeat)


def _encoded(record: StoredRecord) -> bytes:
    expires_at = _FOREVER if record.expires_at is None else record.expires_at
    return _HEADER.pack(record.generation, expires_at) + record.blob


def _decoded(row: bytes) -> StoredRecord:
    generation, expires_at = _HEADER.unpack_from(row)
    return StoredRecord(row[_HEADER.size :], generation, None if expires_at == _FOREVER else expires_at)
