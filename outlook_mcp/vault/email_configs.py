"""Mail settings of users, kept as sealed records."""

from __future__ import annotations

from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.email_config import UserEmailConfig
from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault.records import RecordKey
from outlook_mcp.vault.vault import CredentialVault


class VaultEmailConfigs:
    """A `UserEmailConfigStore`: one record for each connection, and one for the default mailbox."""

    def __init__(self, vault: CredentialVault) -> None:
        self._vault = vault

    async def config_of(self, user: UserKey, connection: ConnectionId | None = None) -> UserEmailConfig | None:
        record = await self._vault.get_record(_record(user, connection))
        return None if record is None else UserEmailConfig.model_validate_json(record.value)

    async def save_config(self, user: UserKey, config: UserEmailConfig, connection: ConnectionId | None = None) -> None:
        await self._vault.replace_record(_record(user, connection), config.model_dump_json().encode())

    async def delete_config(self, user: UserKey, connection: ConnectionId | None = None) -> None:
        await self._vault.delete_record(_record(user, connection))


def _record(user: UserKey, connection: ConnectionId | None) -> RecordKey:
    return RecordKey(user, "email_config", connection or "mailbox")
