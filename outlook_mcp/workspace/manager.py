"""Opens the mailbox of a user and checks, at first use, that there is one and that it may be used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, partial

import anyio
import anyio.to_thread
from cachetools import LRUCache

from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.client_factory import EmailClientFactory
from outlook_mcp.graph.handles import Handles
from outlook_mcp.graph.ids import FolderId
from outlook_mcp.identity.connection_id import ConnectionId, shared_mailbox_id
from outlook_mcp.identity.email_config import UserEmailConfig, UserEmailConfigStore
from outlook_mcp.identity.scopes import graph_permissions
from outlook_mcp.identity.user import UserKey
from outlook_mcp.mail.area import MAIL
from outlook_mcp.mail.lazy import Correspondents, FirstContacts, KeptSettings, MailFolders, OneClick, PublicOneClick
from outlook_mcp.mail.settings import MailSettings
from outlook_mcp.net.clock import UnixClock, unix_time
from outlook_mcp.net.lean_imports import import_lazy_modules
from outlook_mcp.net.single_flight import SingleFlight
from outlook_mcp.text.isolated.spending import begin_call
from outlook_mcp.workspace.discovery import ACCOUNT, current_time_zone, discover, discover_shared
from outlook_mcp.workspace.lazy import EmailWorkspace
from outlook_mcp.workspace.shared import SharedByServers

_MOST_OPEN = 1024
# How long the time zone of a mailbox counts as known.
_ZONE_S = 86_400
# How long a server that stops waits for what is being kept.
_CLOSING_S = 15.0
_OF_ALL_AREAS = ("text", "workspace")


class EmailWorkspaceManager:
    """Keeps up to 1,024 mailboxes open; each belongs to exactly one user and connection.

    `one_click` posts to sites of mailing lists, None with the proxy and the authorities that Graph is asked with.
    """

    def __init__(
        self,
        clients: EmailClientFactory,
        configs: UserEmailConfigStore,
        *,
        shared: SharedByServers,
        mail_settings: MailSettings = MailSettings(),
        one_click: OneClick | None = None,
        clock: UnixClock = unix_time,
    ) -> None:
        self._clients = clients
        self._configs = configs
        self._shared = shared
        self._mail_settings = mail_settings
        self._one_click = one_click
        self._clock = clock
        # When the zone of an open mailbox was asked for, also where it could not be read.
        self._zone_asked: LRUCache[tuple[UserKey, ConnectionId | None], float] = LRUCache(_MOST_OPEN)
        # Special folders that are being kept: no call waits for that.
        self._keeping = SingleFlight[None]()
        self._open: LRUCache[tuple[UserKey, ConnectionId | None], EmailWorkspace] = LRUCache(_MOST_OPEN)

    async def open_workspace(self, user: UserKey, connection: ConnectionId | None = None) -> EmailWorkspace:
        """The mailbox of `user`, or of another connection of theirs; a call of that user begins.

        Raises MailboxUnavailable or a sign-in error, each with the next step for the user.
        """
        begin_call(user)
        key = (user, connection)
        workspace = await self._still_current(key)
        if workspace is not None and self._is_zone_old(key, workspace.config):
            workspace = await self._in_current_zone(key, workspace)
        if workspace is None:
            await self._clients.warm()
            graph = self._clients.for_user(user, connection, ACCOUNT)
            config = await self._config(user, connection, graph)
            workspace = self._workspace(user, connection, graph, config)
            if not config.time_zone:
                return workspace
            self._open[key] = workspace
        return workspace

    async def open_known(self, user: UserKey, connection: ConnectionId | None = None) -> None:
        """Opens the mailbox for the calls to come where nobody has to be asked about it: it was opened before."""
        kept = await self._configs.config_of(user, connection)
        if kept is not None and _is_complete(kept) and not self._is_zone_old((user, connection), kept):
            workspace = await self.open_workspace(user, connection)
            # Its file is read once.
            workspace.config.zone()

    async def open_shared_mailbox(self, user: UserKey, connection: ConnectionId, address: str) -> EmailWorkspace:
        """The mailbox at `address` that somebody else shares with `user`, opened with the tokens of `connection`.

        Raises AccessDenied when they have no rights in it, and what `open_workspace` raises. Nothing of it is kept.
        """
        own = await self.open_workspace(user, connection)
        key = (user, shared_mailbox_id(connection, address))
        workspace = self._open.get(key)
        if workspace is None:
            graph = own.mail.for_shared_mailbox(address, MAIL)
            config = await discover_shared(graph, address, own.config)
            workspace = self._workspace(user, key[1], graph, config, opened_by=own.config.address)
            self._open[key] = workspace
        return workspace

    async def prepare(self, scopes: Sequence[str]) -> None:
        """Loads what calls need that these scopes allow; asks nobody."""
        await self._clients.warm()
        # The package of an area has the name with which its scopes begin.
        areas = {scope.partition(".")[0] for scope in scopes}
        whole = __name__.partition(".")[0]
        packages = tuple(f"{whole}.{name}." for name in (*_OF_ALL_AREAS, *areas))
        # Where answers have fields, the list of tools has loaded what makes them.
        await anyio.to_thread.run_sync(lambda: import_lazy_modules(*packages, besides=".structured"))
        await self._clients.prepare(graph_permissions(scopes))

    def forget(self, user: UserKey) -> None:
        """Closes every mailbox of `user`, as after a sign-out."""
        for key in [key for key in self._open if key[0] == user]:
            del self._open[key]

    async def aclose(self) -> None:
        """Waits until what was read of mailboxes is kept for other servers."""
        await self._keeping.wait_for_all(_CLOSING_S)

    async def _still_current(self, key: tuple[UserKey, ConnectionId | None]) -> EmailWorkspace | None:
        """The open mailbox; None when it is not open, or another server has learned more of its ids since."""
        workspace = self._open.get(key)
        if workspace is None or workspace.config.mailbox_guid is not None:
            return workspace
        kept = await self._configs.config_of(*key)
        return workspace if kept is None or set(kept.id_starts) <= set(workspace.config.id_starts) else None

    def _is_zone_old(self, key: tuple[UserKey, ConnectionId | None], config: UserEmailConfig) -> bool:
        return max(config.zone_asked, self._zone_asked.get(key, 0)) + _ZONE_S < self._clock()

    async def _in_current_zone(
        self, key: tuple[UserKey, ConnectionId | None], workspace: EmailWorkspace
    ) -> EmailWorkspace | None:
        """The open mailbox; None when its user has set another time zone since, and all that is theirs is closed."""
        zone = (await self._with_current_zone(key, workspace.mail.for_area(ACCOUNT), workspace.config)).time_zone
        if zone == workspace.config.time_zone:
            return workspace
        self.forget(key[0])
        return None

    async def _with_current_zone(
        self, key: tuple[UserKey, ConnectionId | None], graph: GraphClient, known: UserEmailConfig
    ) -> UserEmailConfig:
        """Asks for the time zone, and keeps it beside what other servers have kept meanwhile."""
        self._zone_asked[key] = self._clock()
        zone = await current_time_zone(graph)

        def in_zone(kept: UserEmailConfig | None) -> UserEmailConfig:
            kept = kept or known
            asked = {"time_zone": zone or kept.time_zone, "zone_asked": int(self._clock()), "special_folders": None}
            return kept.model_copy(update=asked)

        return await self._configs.change_config(key[0], in_zone, key[1]) or known

    def _close(self, user: UserKey, connection: ConnectionId | None) -> None:
        self._open.pop((user, connection), None)

    async def _config(self, user: UserKey, connection: ConnectionId | None, graph: GraphClient) -> UserEmailConfig:
        """What was kept, completed by what the mailbox says."""
        kept = await self._configs.config_of(user, connection)
        if kept is not None and _is_complete(kept):
            key = (user, connection)
            return await self._with_current_zone(key, graph, kept) if self._is_zone_old(key, kept) else kept
        found = (await discover(graph, kept)).model_copy(update={"zone_asked": int(self._clock())})
        news = {name: value for name, value in found if kept is None or value != getattr(kept, name)}
        if not news:
            return found
        changed = await self._configs.change_config(
            user, lambda present: (present or found).model_copy(update=news), connection
        )
        return changed or found

    def _workspace(
        self,
        user: UserKey,
        connection: ConnectionId | None,
        graph: GraphClient,
        config: UserEmailConfig,
        *,
        opened_by: str | None = None,
    ) -> EmailWorkspace:
        guid = bytes.fromhex(config.mailbox_guid) if config.mailbox_guid else None
        mail = graph.for_area(MAIL)
        close = partial(self._close, user, connection)
        correspondents = Correspondents(mail, config.address)
        settings = KeptSettings(store=self._configs, user=user, connection=connection, found=config, on_change=close)

        def keep_places(places: Mapping[FolderId, str]) -> None:
            self._keeping.start((user, connection), lambda: settings.keep_special_folders(places))

        return EmailWorkspace(
            user,
            connection,
            config,
            Handles(guid, () if guid else config.id_starts),
            mail,
            MailFolders(mail, places=config.special_folders, keep_places=keep_places),
            correspondents,
            # Lists of mail need none, and what it tells messages by takes 6 ms to load.
            cache(partial(FirstContacts, mail, correspondents, config.address)),
            self._mail_settings,
            self._shared,
            settings,
            self._one_click or PublicOneClick(self._clients.settings),
            opened_by,
        )


def _is_complete(config: UserEmailConfig) -> bool:
    return bool(config.address and config.mailbox_guid and config.time_zone)
