"""One refresh of a connection at a time, across processes.

The lease only saves requests; that the vault replaces no newer record is what prevents lost tokens. When a holder dies,
its lease expires and one of those that wait acquires it. A process that has seen the same lease for longer than leases
last continues without it: a clock must be wrong, and no request shall wait for it.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import anyio

from outlook_mcp.errors import RecordBroken, VaultError
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.clock import MonotonicClock, UnixClock, seconds_since_boot, unix_time
from outlook_mcp.net.tasks import end_task, start_task
from outlook_mcp.vault.records import NewValue, RecordKey
from outlook_mcp.vault.vault import CredentialVault

KIND = "refresh_lease"
# How long to wait for a lease that is never extended, in lifetimes of a lease.
_LONGEST_WAIT_IN_LEASES = 1.5
_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseTime:
    """Where a lease reads the time, and how it waits; a test hands in a time of its own. All values are in seconds."""

    monotonic: MonotonicClock = seconds_since_boot
    unix: UnixClock = unix_time
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep


@asynccontextmanager
async def refresh_lease(
    vault: CredentialVault,
    owner: UserKey,
    connection: ConnectionId,
    *,
    lease_s: float,
    time: LeaseTime = LeaseTime(),
) -> AsyncIterator[None]:
    """Holds the lease of a connection, and extends it as long as the body runs.

    Raises StoreUnavailable when the vault cannot be written, before anything is refreshed that could not be stored.
    """
    lease = _Lease(vault, RecordKey(owner, KIND, connection), lease_s, time)
    await lease.acquire()
    # Not a task group of anyio: that would wrap the errors of the body in an ExceptionGroup.
    extension = start_task(lease.keep_extended())
    try:
        yield
    finally:
        await end_task(extension)
        await lease.release()


class _Lease:
    """The value of the record names its holder; whoever finds another name there does not hold the lease (any more)."""

    def __init__(self, vault: CredentialVault, key: RecordKey, lease_s: float, time: LeaseTime) -> None:
        self._vault = vault
        self._key = key
        self._lease_s = lease_s
        self._time = time
        self._name = secrets.token_bytes(16)
        self._is_held = False

    async def acquire(self) -> None:
        """Returns with the lease, or without it when another holder's lease stayed unchanged for too long."""
        others_generation: int | None = None
        unchanged_since = self._time.monotonic()
        pause = _FIRST_PAUSE_S
        while self._time.monotonic() < unchanged_since + self._lease_s * _LONGEST_WAIT_IN_LEASES:
            generation = await self._acquire_or_see()
            if self._is_held:
                return
            if generation != others_generation:
                others_generation, unchanged_since = generation, self._time.monotonic()
            await self._time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE_S)

    async def keep_extended(self) -> None:
        """Extends the lease three times in its life, until it is cancelled or the lease is lost."""
        while self._is_held:
            await self._time.sleep(self._lease_s / 3)
            with suppress(VaultError):
                await self._expire_at(self._time.unix() + self._lease_s)

    async def release(self) -> None:
        """Lets the record expire instead of deleting it: by now the lease may be another process's."""
        if self._is_held:
            with suppress(VaultError):
                await self._expire_at(self._time.unix() - 1)

    async def _acquire_or_see(self) -> int | None:
        """The generation of the record: it changes when a process acquires the lease and each time it is extended."""
        expires_at = self._time.unix() + self._lease_s
        with suppress(RecordBroken):
            record = await self._vault.update_record(
                self._key, lambda holder: NewValue(self._name, expires_at) if holder is None else None
            )
            self._is_held = record is not None and record.value == self._name
            return None if record is None else record.generation
        return None

    async def _expire_at(self, expires_at: float) -> None:
        """Does nothing when the lease is another process's by now."""
        record = await self._vault.update_record(
            self._key, lambda holder: NewValue(self._name, expires_at) if holder == self._name else None
        )
        self._is_held = record is not None and record.value == self._name
