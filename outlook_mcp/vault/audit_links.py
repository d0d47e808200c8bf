"""The last link of each audit log, kept as a sealed record of the server, and the copies of their lines."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from outlook_mcp.audit.chain import Link
from outlook_mcp.errors import RecordBroken
from outlook_mcp.identity.user import SERVER
from outlook_mcp.vault.records import LogLine, NewValue, RecordKey
from outlook_mcp.vault.vault import CredentialVault

KIND = "audit_link"


@dataclass(frozen=True, slots=True)
class KnownLog:
    """A log as the store knows it: what it is called, its last link, and whether its lines are copied to the store."""

    name: str
    link: Link
    is_copied: bool


class VaultLastLinks:
    """A `LastLinks`. `log_name` tells the log from those of other servers that share the store.

    `is_copied` says that each link is saved after the lines up to it were copied to the store.
    """

    def __init__(self, vault: CredentialVault, log_name: str, *, is_copied: bool = False) -> None:
        self._vault = vault
        self._name = log_name
        self._is_copied = is_copied
        self._key = RecordKey(SERVER, KIND, log_id(log_name))

    async def load_link(self) -> Link | None:
        record = await self._vault.get_record(self._key)
        return None if record is None else _parsed(record.value).link

    async def save_link(self, link: Link) -> None:
        fields = {"log": self._name, "seq": link.seq, "mac": link.mac, "copied": self._is_copied}
        value = json.dumps(fields).encode()

        def later(present: bytes | None) -> NewValue | None:
            """Several processes write one log, so a later link may have been saved meanwhile."""
            return NewValue(value) if present is None or _parsed(present).link.seq < link.seq else None

        await self._vault.update_record(self._key, later)


class VaultLines:
    """A `LineStore` of the log of this name."""

    def __init__(self, vault: CredentialVault, log_name: str) -> None:
        self._logs = vault.logs
        self._log = log_id(log_name)

    async def last_number(self) -> int:
        return await self._logs.last_number(self._log)

    async def append_lines(self, lines: Sequence[tuple[int, bytes]]) -> None:
        await self._logs.append_lines(self._log, [LogLine(*line) for line in lines])

    async def remove_lines(self, through: int) -> None:
        await self._logs.remove_lines(self._log, through=through)

    async def read_lines(self, after: int, most: int) -> tuple[LogLine, ...]:
        """At most so many lines whose number is above `after`. Raises RecordBroken and StoreUnavailable."""
        return await self._logs.read_lines(self._log, after=after, most=most)


async def known_logs(vault: CredentialVault) -> list[KnownLog]:
    """Every audit log that shares the store, by name. Raises RecordBroken and StoreUnavailable."""
    keys = [RecordKey(SERVER, KIND, record_id) for record_id in await vault.record_ids_of(SERVER, KIND)]
    records = [await vault.get_record(key) for key in keys]
    return sorted((_parsed(record.value) for record in records if record is not None), key=lambda log: log.name)


def log_id(log_name: str) -> str:
    """What the log is called in the store: 32 hexadecimal digits."""
    # A path may hold bytes that are no text.
    return hashlib.sha256(log_name.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _parsed(value: bytes) -> KnownLog:
    try:
        fields = json.loads(value)
        link = Link(int(fields["seq"]), str(fields["mac"]))
        return KnownLog(str(fields["log"]), link, fields.get("copied") is True)
    except (ValueError, KeyError, TypeError):
        raise RecordBroken("The last link of the audit log in the store cannot be read.") from None
