"""The metadata documents of clients that a user has allowed, kept in the vault for every server and the next start.

Anybody can name a document, so those that nobody allowed are in the memory of one process only.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from pydantic import BaseModel, JsonValue, ValidationError

from outlook_mcp.errors import RecordBroken
from outlook_mcp.identity.user import SERVER
from outlook_mcp.net.clock import UnixClock, unix_time
from outlook_mcp.vault.records import NewValue, RecordKey
from outlook_mcp.vault.vault import CredentialVault
from outlook_mcp.web.authorization.client import OAuthClient

KIND = "client_document"


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """A client, for how many seconds its document is fresh, and usable while its site does not answer."""

    client: OAuthClient
    fresh_s: float
    usable_s: float


class _Record(BaseModel):
    """Times are Unix time in seconds."""

    client: dict[str, JsonValue]
    fresh_until: float
    usable_until: float


class KeptDocuments:
    """`clock` is Unix time in seconds."""

    def __init__(self, vault: CredentialVault, clock: UnixClock = unix_time) -> None:
        self._vault = vault
        self._clock = clock

    async def find_document(self, client_id: str) -> KeptDocument | None:
        """None when none is kept, or it is too old to be used."""
        try:
            found = await self._vault.get_record(_key(client_id))
            record = None if found is None else _Record.model_validate_json(found.value)
            if record is None or record.usable_until <= self._clock():
                return None
            client = OAuthClient.model_validate({**record.client, "kind": "document"})
        except (RecordBroken, ValidationError):
            return None
        now = self._clock()
        return KeptDocument(client, record.fresh_until - now, record.usable_until - now)

    async def keep_document(self, document: KeptDocument) -> None:
        """In place of what was kept of this client."""
        client, now = document.client.model_dump(mode="json"), self._clock()
        record = _Record(client=client, fresh_until=now + document.fresh_s, usable_until=now + document.usable_s)
        value = NewValue(record.model_dump_json().encode(), record.usable_until)
        await self._vault.update_record(_key(document.client.client_id), lambda _: value)

    async def delete_document(self, client_id: str) -> None:
        await self._vault.delete_record(_key(client_id))


def _key(client_id: str) -> RecordKey:
    return RecordKey(SERVER, KIND, hashlib.sha256(client_id.encode()).hexdigest())
