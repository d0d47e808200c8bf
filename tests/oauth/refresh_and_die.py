"""A process that refreshes a token and stops for good at one step, to be killed there.

Arguments: vault folder, authority, client id, tenant id, object id, connection id, step (asking, saving or saved).
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.connections.token_record import KIND
from outlook_mcp.oauth.entra.settings import OAuthSettings
from outlook_mcp.vault.key_ring import KeyRing
from outlook_mcp.vault.key_sources import FileKeySource
from outlook_mcp.vault.records import RecordKey
from outlook_mcp.vault.sqlite_store import SqliteStore
from outlook_mcp.vault.vault import CredentialVault
from tests.audit_logs import audit_log
from tests.oauth.components import LEASE_S, SCOPES, Components


class StoppingVault(CredentialVault):
    """Tells that tokens are about to be written, or were, and goes no further."""

    step = ""

    async def put_record(
        self, key: RecordKey, value: bytes, *, expected_generation: int | None, expires_at: float | None = None
    ) -> int:
        if key.kind == KIND and self.step == "saving":
            await stop()
        generation = await super().put_record(
            key, value, expected_generation=expected_generation, expires_at=expires_at
        )
        if key.kind == KIND and self.step == "saved":
            await stop()
        return generation


async def stop() -> None:
    print("here", flush=True)
    await asyncio.Event().wait()


async def main(
    folder: Path, authority: str, client_id: str, tid: str, oid: str, connection: ConnectionId, step: str
) -> None:
    vault = StoppingVault(SqliteStore(folder / "vault.db"), KeyRing(FileKeySource(folder / "vault.key")))
    vault.step = step
    audit = audit_log(folder / "audit.log")
    settings = OAuthSettings(client_id=client_id, authority=authority, scopes=SCOPES)
    async with Components.built(settings, vault, audit, lease_s=LEASE_S) as components:
        await components.tokens.access_token(UserKey(tid, oid), connection, claims="{}")


if __name__ == "__main__":
    folder, authority, client_id, tid, oid, connection, step = sys.argv[1:]
    asyncio.run(main(Path(folder), authority, client_id, tid, oid, ConnectionId(connection), step))
