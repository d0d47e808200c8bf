"""Copies a vault from one store to another. Blobs are copied as they are, so no key is needed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import zip_longest

from outlook_mcp.errors import ConfigurationError, StoreUnavailable
from outlook_mcp.errors.counting import counted
from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.clock import unix_time
from outlook_mcp.vault.records import LogLine, RecordKey, StoredRecord
from outlook_mcp.vault.store import StoredLogs, VaultStore

# Two clocks may disagree by this much on what has expired.
_EXPIRES_SOON_S = 60.0
_LINES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Copied:
    """How much the destination holds now."""

    users: int
    records: int
    meta_rows: int
    log_lines: int = 0


async def copy_store(source: VaultStore, destination: VaultStore) -> Copied:
    """Copies every log, and every row that has not expired, with its generation and expiry; reads all back to compare.

    Counters of rate limits are not copied. Meta rows come last, so that no server opens an incomplete copy.

    Raises:
        ConfigurationError: the destination is not empty, or the source is; nothing was copied.
        StoreUnavailable: a store failed, or the source was written meanwhile.
    """
    if await destination.users() or await destination.meta_names() or await destination.logs.log_names():
        raise ConfigurationError(
            "The destination is not empty; nothing was copied.", next_step="Name an empty one, or another prefix."
        )
    users, meta_names = await source.users(), await source.meta_names()
    if not meta_names:
        raise ConfigurationError("The source holds no vault; nothing was copied.", next_step="Check its address.")
    records = 0
    for user in users:
        records += await _copy_user(source, destination, user)
    lines = await _copy_logs(source.logs, destination.logs)
    for name in meta_names:
        value = await source.get_meta(name)
        if value is not None:
            await destination.put_meta(name, value, expected=None)
    await _compare(source, destination)
    return Copied(len(users), records, len(meta_names), lines)


async def _copy_user(source: VaultStore, destination: VaultStore, user: UserKey) -> int:
    copied = 0
    for key in await source.record_keys_of(user):
        record = await source.get_record(key)
        if record is not None:
            await destination.put_record(key, record, expected_generation=None)
            copied += 1
    return copied


async def _copy_logs(source: StoredLogs, destination: StoredLogs) -> int:
    copied = 0
    for log in await source.log_names():
        async for lines in _pages(source, log):
            await destination.append_lines(log, lines)
            copied += len(lines)
    return copied


async def _pages(logs: StoredLogs, log: str) -> AsyncIterator[tuple[LogLine, ...]]:
    lines = await logs.read_lines(log, after=0, most=_LINES_AT_ONCE)
    while lines:
        yield lines
        lines = await logs.read_lines(log, after=lines[-1].number, most=_LINES_AT_ONCE)


async def _different_lines(source: StoredLogs, destination: StoredLogs) -> int:
    different = 0
    for log in {*await source.log_names(), *await destination.log_names()}:
        async for lines in _pages(source, log):
            copied = await destination.read_lines(log, after=lines[0].number - 1, most=len(lines))
            different += sum(line != copy for line, copy in zip_longest(lines, copied))
        different += await source.last_number(log) != await destination.last_number(log)
    return different


async def _compare(source: VaultStore, destination: VaultStore) -> None:
    different = await _different_lines(source.logs, destination.logs)
    for user in {*await source.users(), *await destination.users()}:
        for key in {*await source.record_keys_of(user), *await destination.record_keys_of(user)}:
            different += not await _is_same(source, destination, key)
    for name in {*await source.meta_names(), *await destination.meta_names()}:
        different += await source.get_meta(name) != await destination.get_meta(name)
    if different:
        raise StoreUnavailable(
            f"Not the same in source and destination: {counted(different, 'row')}.",
            next_step="Stop every server that uses the source, empty the destination, and copy again.",
        )


async def _is_same(source: VaultStore, destination: VaultStore, key: RecordKey) -> bool:
    one, other = await source.get_record(key), await destination.get_record(key)
    return one == other or ((one is None or other is None) and _expires_soon(one or other))


def _expires_soon(record: StoredRecord | None) -> bool:
    return record is None or (record.expires_at is not None and record.expires_at < unix_time() + _EXPIRES_SOON_S)
