"""Opens the mailbox of a user and checks, at first use, that there is one and that it may be used."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from outlook_mcp.errors import MailboxUnavailable
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.client_factory import EmailClientFactory
from outlook_mcp.graph.handles import Handles, mailbox_guid_of, mailbox_guid_of_folder
from outlook_mcp.identity.email_config import UserEmailConfig, UserEmailConfigStore
from outlook_mcp.identity.user import UserKey
from outlook_mcp.mail.attachments import Attachments
from outlook_mcp.mail.drafts.drafts import Drafts
from outlook_mcp.mail.folders import MailFolders
from outlook_mcp.mail.messages import Messages
from outlook_mcp.mail.models import PROFILE, Folder, Item, MailboxSettings, Page, Profile
from outlook_mcp.mail.search.search import MailSearch

_MOST_OPEN = 1024


@dataclass(frozen=True, slots=True)
class EmailWorkspace:
    """One user's mailbox, room by room. `handles` shortens and restores message ids.

    What remembers nothing is made when it is used, so an open mailbox takes little memory.
    """

    user: UserKey
    connection: str | None
    config: UserEmailConfig
    handles: Handles
    graph: GraphClient
    folders: MailFolders

    @property
    def messages(self) -> Messages:
        return Messages(self.graph)

    @property
    def drafts(self) -> Drafts:
        return Drafts(self.graph, self.attachments)

    @property
    def attachments(self) -> Attachments:
        return Attachments(self.graph)

    @property
    def search(self) -> MailSearch:
        return MailSearch(self.graph, self.folders, self.user, self.connection, self.config)


class EmailWorkspaceManager:
    """Keeps up to 1,024 mailboxes open; each belongs to exactly one user and connection."""

    def __init__(self, clients: EmailClientFactory, configs: UserEmailConfigStore) -> None:
        self._clients = clients
        self._configs = configs
        self._open: OrderedDict[tuple[UserKey, str | None], EmailWorkspace] = OrderedDict()

    async def open(self, user: UserKey, connection: str | None = None) -> EmailWorkspace:
        """The mailbox of `user`, or of another connection of theirs.

        Raises MailboxUnavailable, AccessDenied or a sign-in error, each with the next step for the user.
        """
        key = (user, connection)
        workspace = self._open.get(key)
        if workspace is None:
            await self._clients.warm()
            graph = self._clients.for_user(user, connection)
            workspace = _workspace(user, connection, graph, await self._config(user, connection, graph))
            if not workspace.config.time_zone:
                return workspace
            self._open[key] = workspace
        self._open.move_to_end(key)
        while len(self._open) > _MOST_OPEN:
            self._open.popitem(last=False)
        return workspace

    def forget(self, user: UserKey) -> None:
        """Closes every mailbox of `user`, as after a sign-out."""
        for key in [key for key in self._open if key[0] == user]:
            del self._open[key]

    async def _config(self, user: UserKey, connection: str | None, graph: GraphClient) -> UserEmailConfig:
        """What was kept, completed by what the mailbox says."""
        kept = await self._configs.get(user, connection)
        if kept and kept.address and kept.mailbox_guid and kept.time_zone:
            return kept
        found = await _discover(graph, kept)
        if found != kept:
            await self._configs.save(user, found, connection)
        return found


def _workspace(user: UserKey, connection: str | None, graph: GraphClient, config: UserEmailConfig) -> EmailWorkspace:
    guid = bytes.fromhex(config.mailbox_guid) if config.mailbox_guid else None
    return EmailWorkspace(user, connection, config, Handles(guid), graph, MailFolders(graph))


async def _discover(graph: GraphClient, kept: UserEmailConfig | None) -> UserEmailConfig:
    """One batch: is there a mailbox, may it be read, whose is it, which zone, which GUID."""
    me = graph.me
    inbox, profile, settings, newest = await graph.batch(
        [
            graph.request(me.mail_folders.by_mail_folder_id("inbox"), query={"$select": ("id",)}),
            graph.request(me, query={"$select": PROFILE}),
            graph.request(me.mailbox_settings, query={"$select": ("timeZone",)}),
            graph.request(me.messages, query={"$top": 1, "$select": ("id",)}),
        ]
    )
    folder = inbox.decode(Folder, permission="Mail.Read")
    known = kept or UserEmailConfig(address="")
    found = known.model_copy()
    # Without User.Read or MailboxSettings.Read mail still works: under the known address, in UTC.
    if profile.is_success:
        who = profile.decode(Profile)
        address = who.mail or who.user_principal_name or known.address
        found = found.model_copy(update={"address": address, "display_name": who.display_name or ""})
    elif not known.address:
        raise profile.error("User.Read")
    if settings.is_success:
        zone = settings.decode(MailboxSettings).time_zone
        found = found.model_copy(update={"time_zone": zone or known.time_zone})
    elif settings.error().retryable:
        # Empty is UTC for now, and asked for again when the mailbox is opened the next time.
        found = found.model_copy(update={"time_zone": ""})
    items = newest.decode(Page[Item]).value if newest.is_success else []
    guid = next(filter(None, (mailbox_guid_of(item.id) for item in items)), None) or mailbox_guid_of_folder(folder.id)
    found = found.model_copy(update={"mailbox_guid": guid.hex() if guid else known.mailbox_guid})
    if not found.address:
        raise MailboxUnavailable("This account has no mail address.")
    return found
