"""One refresh of a connection at a time, across processes.

The lease saves work; what keeps tokens right is the generation swap of the vault. A holder that dies lets go when its
lease runs out, and one of those who waited takes it over. Whoever sees one lease stay for longer than leases last goes
on without: a clock is wrong, and nobody's mail shall wait for it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from outlook_mcp.errors import GenerationConflict, RecordBroken, StoreUnavailable
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.clock import seconds_since_boot
from outlook_mcp.vault.records import RecordKey
from outlook_mcp.vault.vault import CredentialVault

KIND = "refresh_lease"
LEASE_S = 6.0
_PATIENCE_IN_LEASES = 1.5
_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 0.25


@asynccontextmanager
async def refresh_lease(
    vault: CredentialVault, owner: UserKey, connection: ConnectionId, *, lease_s: float = LEASE_S
) -> AsyncIterator[None]:
    """Holds the lease, extending it as long as the body runs.

    Raises StoreUnavailable when the vault cannot be written, so that nothing is refreshed that could not be kept.
    """
    lease = _Lease(vault, RecordKey(owner, KIND, connection), lease_s)
    await lease.acquire()
    beat = asyncio.create_task(lease.keep())
    try:
        yield
    finally:
        beat.cancel()
        await asyncio.wait((beat,))
        await lease.release()


class _Lease:
    def __init__(self, vault: CredentialVault, key: RecordKey, lease_s: float) -> None:
        self._vault = vault
        self._key = key
        self._lease_s = lease_s
        self._generation: int | None = None

    async def acquire(self) -> None:
        holder: int | None = None
        seen_since = seconds_since_boot()
        pause = _FIRST_PAUSE_S
        while seconds_since_boot() < seen_since + self._lease_s * _PATIENCE_IN_LEASES:
            try:
                self._generation = await self._write(None, time.time() + self._lease_s)
                return
            except GenerationConflict:
                present = await self._present()
            if present != holder:
                holder, seen_since = present, seconds_since_boot()
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE_S)

    async def keep(self) -> None:
        while self._generation is not None:
            await asyncio.sleep(self._lease_s / 3)
            try:
                self._generation = await self._write(self._generation, time.time() + self._lease_s)
            except GenerationConflict:
                self._generation = None
            except StoreUnavailable:
                continue

    async def release(self) -> None:
        """Lets the row expire instead of deleting it: the lease may be somebody else's by now."""
        if self._generation is None:
            return
        with suppress(GenerationConflict, StoreUnavailable):
            await self._write(self._generation, time.time() - 1)

    async def _present(self) -> int | None:
        """Changes when another process takes the lease, and at each beat of a holder who lives."""
        with suppress(RecordBroken):
            record = await self._vault.get(self._key)
            return None if record is None else record.generation
        return None

    async def _write(self, expected_generation: int | None, expires_at: float) -> int:
        return await self._vault.put(self._key, b"", expected_generation=expected_generation, expires_at=expires_at)
