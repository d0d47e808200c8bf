"""Mail settings of users, kept as sealed records."""

from __future__ import annotations

from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.email_config import ChangeConfig, UserEmailConfig
from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault.records import NewValue, OpenRecord, RecordKey
from outlook_mcp.vault.vault import CredentialVault


class VaultEmailConfigs:
    """A `UserEmailConfigStore`: one record for each connection, and one for the default mailbox."""

    def __init__(self, vault: CredentialVault) -> None:
        self._vault = vault

    async def config_of(self, user: UserKey, connection: ConnectionId | None = None) -> UserEmailConfig | None:
        record = await self._vault.get_record(_record(user, connection))
        return _config_in(record)

    async def change_config(
        self, user: UserKey, change: ChangeConfig, connection: ConnectionId | None = None
    ) -> UserEmailConfig | None:
        def changed(value: bytes | None) -> NewValue | None:
            config = change(None if value is None else UserEmailConfig.model_validate_json(value))
            return None if config is None else NewValue(config.model_dump_json().encode())

        record = await self._vault.update_record(_record(user, connection), changed)
        return _config_in(record)

    async def delete_config(self, user: UserKey, connection: ConnectionId | None = None) -> None:
        await self._vault.delete_record(_record(user, connection))


def _config_in(record: OpenRecord | None) -> UserEmailConfig | None:
    return None if record is None else UserEmailConfig.model_validate_json(record.value)


def _record(user: UserKey, connection: ConnectionId | None) -> RecordKey:
    return RecordKey(user, "email_config", connection or "mailbox")
