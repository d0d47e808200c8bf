"""The numbered lines of logs in Redis: a stream for each log, in which the number of a line is its id."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from outlook_mcp.vault.records import LogLine
from outlook_mcp.vault.redis_keys import RedisKeys

# Keys: stream. Arguments: number and blob of each line. A stream takes ids in rising order only: lines that it has are
# left out, whoever sent them.
_APPEND = """
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local number = last and tonumber(string.match(last[1], '^%d+')) or 0
for index = 1, #ARGV, 2 do
  if tonumber(ARGV[index]) > number then
    redis.call('XADD', KEYS[1], ARGV[index] .. '-0', 'line', ARGV[index + 1])
    number = tonumber(ARGV[index])
  end
end
return 1
"""


class WriteRows(Protocol):
    """`RedisStore._write_rows`."""

    def __call__(self, script: str, keys: Sequence[str], arguments: Sequence[str | bytes]) -> Awaitable[Any]: ...


class RedisLogs:
    """A `StoredLogs`."""

    def __init__(
        self,
        keys: RedisKeys,
        *,
        write: WriteRows,
        run_command: Callable[..., Awaitable[Any]],
        scan: Callable[[str], Awaitable[set[str]]],
    ) -> None:
        self._keys = keys
        self._write = write
        self._run_command = run_command
        self._scan = scan

    async def append_lines(self, log: str, lines: Sequence[LogLine]) -> None:
        arguments = [word for line in lines for word in (str(line.number), line.blob)]
        await self._write(_APPEND, (self._keys.log_key(log),), arguments)

    async def read_lines(self, log: str, *, after: int, most: int) -> tuple[LogLine, ...]:
        found = await self._run_command("XRANGE", self._keys.log_key(log), f"{after + 1}-0", "+", "COUNT", str(most))
        return tuple(map(_line, found))

    async def last_number(self, log: str) -> int:
        found = await self._run_command("XREVRANGE", self._keys.log_key(log), "+", "-", "COUNT", "1")
        return _line(found[0]).number if found else 0

    async def remove_lines(self, log: str, *, through: int) -> None:
        await self._run_command("XTRIM", self._keys.log_key(log), "MINID", f"{through + 1}-0")

    async def log_names(self) -> tuple[str, ...]:
        return tuple(sorted(self._keys.log_of(key) for key in await self._scan(self._keys.every_log)))


def _line(entry: Any) -> LogLine:
    number, fields = entry
    # A dictionary or a flat list, as the client chooses.
    blob = fields[b"line"] if isinstance(fields, dict) else fields[1]
    return LogLine(int(number.partition(b"-")[0]), blob)
