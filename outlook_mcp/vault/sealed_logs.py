"""Logs of the server in the store, each line sealed and bound to its log and number."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Sequence

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretBytes

from outlook_mcp.errors import RecordBroken
from outlook_mcp.vault.primitives import NONCE_BYTES, aes_gcm_decrypt, aes_gcm_encrypt
from outlook_mcp.vault.records import LogLine
from outlook_mcp.vault.store import StoredLogs

_KEY_PURPOSE = "log lines"


class SealedLogs:
    """`derive_key` is that of the vault, whose key is the same on every server."""

    def __init__(self, logs: StoredLogs, derive_key: Callable[[str], Awaitable[SecretBytes]]) -> None:
        self._logs = logs
        self._derive_key = derive_key
        self._key: AESGCM | None = None

    async def append_lines(self, log: str, lines: Sequence[LogLine]) -> None:
        """Adds the lines whose number is above that of the last one. Raises StoreUnavailable."""
        key = await self._opened_key()
        await self._logs.append_lines(log, [_sealed(key, log, line) for line in lines])

    async def read_lines(self, log: str, *, after: int, most: int) -> tuple[LogLine, ...]:
        """At most so many lines whose number is above `after`, in order.

        Raises RecordBroken when one was altered or moved, and StoreUnavailable.
        """
        key = await self._opened_key()
        return tuple(_opened(key, log, line) for line in await self._logs.read_lines(log, after=after, most=most))

    async def last_number(self, log: str) -> int:
        """The number of the last line; 0 when there is none. Raises StoreUnavailable."""
        return await self._logs.last_number(log)

    async def remove_lines(self, log: str, *, through: int) -> None:
        """Removes the lines up to this number. Raises StoreUnavailable."""
        await self._logs.remove_lines(log, through=through)

    async def _opened_key(self) -> AESGCM:
        if self._key is None:
            self._key = AESGCM((await self._derive_key(_KEY_PURPOSE)).get_secret_value())
        return self._key


def _sealed(key: AESGCM, log: str, line: LogLine) -> LogLine:
    nonce = os.urandom(NONCE_BYTES)
    return LogLine(line.number, nonce + aes_gcm_encrypt(key, nonce, line.blob, _place(log, line.number)))


def _opened(key: AESGCM, log: str, line: LogLine) -> LogLine:
    nonce, sealed = line.blob[:NONCE_BYTES], line.blob[NONCE_BYTES:]
    text = aes_gcm_decrypt(key, nonce, sealed, _place(log, line.number))
    if text is None:
        raise RecordBroken(f"Line {line.number} of a log in the store cannot be opened.")
    return LogLine(line.number, text)


def _place(log: str, number: int) -> bytes:
    return f"{log}:{number}".encode()
