"""What this server keeps of a mailbox, read and changed where all servers see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from outlook_mcp.errors import OutlookError
from outlook_mcp.graph.ids import FolderId
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.email_config import Signature, UserEmailConfig, UserEmailConfigStore
from outlook_mcp.identity.user import UserKey


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSettings:
    """Of one mailbox. `found` is what was known when it was opened; `on_change` is called after each change."""

    store: UserEmailConfigStore
    user: UserKey
    connection: ConnectionId | None
    found: UserEmailConfig
    on_change: Callable[[], None]

    async def current(self) -> UserEmailConfig:
        """As it is in the vault now: another server may have changed it."""
        return await self.store.config_of(self.user, self.connection) or self.found

    async def signature(self) -> Signature | None:
        """What is put below the text of drafts; None when nothing was set."""
        return (await self.current()).signature

    async def keep_special_folders(self, places: Mapping[FolderId, str]) -> None:
        """For those who open the mailbox next; where it cannot be kept, they read them again."""

        def keep(known: UserEmailConfig | None) -> UserEmailConfig | None:
            # None of a mailbox that was disconnected meanwhile, or is shared by somebody else.
            return known and known.model_copy(update={"special_folders": places})

        with suppress(OutlookError):
            await self.store.change_config(self.user, keep, self.connection)

    async def change_config(self, **fields: Any) -> None:
        """Sets these fields and leaves the others. Raises VaultError when it cannot be kept."""

        def set_fields(known: UserEmailConfig | None) -> UserEmailConfig:
            return (known or self.found).model_copy(update=fields)

        await self.store.change_config(self.user, set_fields, self.connection)
        self.on_change()
