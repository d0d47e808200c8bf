"""A user's mailbox as this server needs to know it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.time_zone import known_time_zone, resolve_time_zone
from outlook_mcp.identity.user import UserKey


class Signature(BaseModel):
    """What is put below the text of drafts, as its user wrote it: HTML, or text."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    content: str
    is_html: bool = False


class UserEmailConfig(BaseModel):
    """`address` and `display_name` are from /me. `time_zone` is a Windows or IANA name, as mailboxSettings gives it,
    "" while those settings could not be read. `zone_asked` is when it was asked for (Unix seconds): people travel.

    `mailbox_guid` is Exchange's own id of the mailbox; it stays when address and user name change. `id_starts` are what
    many of its ids begin with, where these have another layout than those that contain it. `signature` is kept
    by this server alone: Graph has no access to those of Outlook. `special_folders` are the ids of Junk Email, Deleted
    Items and Sent Items, and what answers call them; None until they were read, and again when the zone is asked for.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    address: str
    display_name: str = ""
    time_zone: str = "UTC"
    zone_asked: int = 0
    mailbox_guid: str | None = None
    id_starts: tuple[str, ...] = ()
    signature: Signature | None = None
    special_folders: Mapping[str, str] | None = None

    @property
    def unknown_zone(self) -> str:
        """The name of the mailbox's time zone when it means nothing here, such as that of a customised one."""
        return "" if not self.time_zone or known_time_zone(self.time_zone) else self.time_zone

    def zone(self) -> ZoneInfo:
        """The time zone to show times in; UTC when the name means nothing here."""
        return resolve_time_zone(self.time_zone)


ChangeConfig = Callable[[UserEmailConfig | None], UserEmailConfig | None]


class UserEmailConfigStore(Protocol):
    """Mail settings of users, for each mailbox that they connected (None: the default one)."""

    async def config_of(self, user: UserKey, connection: ConnectionId | None = None) -> UserEmailConfig | None:
        """The settings, None before the first sign-in."""

    async def change_config(
        self, user: UserKey, change: ChangeConfig, connection: ConnectionId | None = None
    ) -> UserEmailConfig | None:
        """Keeps what `change` makes of the settings (None: there are none), unless that is None.

        It is called again when another server writes in between, so that nothing is lost. Returns what is kept then.
        """

    async def delete_config(self, user: UserKey, connection: ConnectionId | None = None) -> None:
        """Forget them; no error when there are none."""
