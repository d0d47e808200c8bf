"""The last link of each audit log, kept as a sealed record of the server."""

from __future__ import annotations

import hashlib
import json

from outlook_mcp.audit.chain import Link
from outlook_mcp.errors import RecordBroken
from outlook_mcp.identity.user import SERVER
from outlook_mcp.vault.records import NewValue, RecordKey
from outlook_mcp.vault.vault import CredentialVault

KIND = "audit_link"


class VaultLastLinks:
    """A `LastLinks`. `log_name` tells the log from those of other servers that share the store."""

    def __init__(self, vault: CredentialVault, log_name: str) -> None:
        self._vault = vault
        self._name = log_name
        self._key = RecordKey(SERVER, KIND, hashlib.sha256(log_name.encode()).hexdigest()[:32])

    async def load_link(self) -> Link | None:
        record = await self._vault.get_record(self._key)
        return None if record is None else _parsed(record.value)

    async def save_link(self, link: Link) -> None:
        value = json.dumps({"log": self._name, "seq": link.seq, "mac": link.mac}).encode()

        def later(present: bytes | None) -> NewValue | None:
            """Several processes write one log, so a later link may have been saved meanwhile."""
            return NewValue(value) if present is None or _parsed(present).seq < link.seq else None

        await self._vault.update_record(self._key, later)


def _parsed(value: bytes) -> Link:
    try:
        fields = json.loads(value)
        return Link(int(fields["seq"]), str(fields["mac"]))
    except (ValueError, KeyError, TypeError):
        raise RecordBroken("The last link of the audit log in the store cannot be read.") from None
