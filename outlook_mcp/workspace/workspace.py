"""Opens the mailbox of a user and checks, at first use, that there is one and that it may be used."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from cachetools import LRUCache

from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.client_factory import EmailClientFactory
from outlook_mcp.graph.handles import Handles
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.email_config import UserEmailConfig, UserEmailConfigStore
from outlook_mcp.identity.user import UserKey
from outlook_mcp.mail.area import MAIL, SETTINGS
from outlook_mcp.mail.attachment_requests import AttachmentRequests
from outlook_mcp.mail.attachments import Attachments
from outlook_mcp.mail.bulk.changes import BulkChanges
from outlook_mcp.mail.bulk.listing import IdSearch
from outlook_mcp.mail.bulk.selections import Selections
from outlook_mcp.mail.confirmation import Confirmations
from outlook_mcp.mail.correspondents import Correspondents
from outlook_mcp.mail.delivery_reports import DeliveryReports
from outlook_mcp.mail.drafts.drafts import Drafts
from outlook_mcp.mail.drafts.send_quota import SendQuota
from outlook_mcp.mail.drafts.send_terms import SendChecks
from outlook_mcp.mail.drafts.shown_drafts import ShownDrafts
from outlook_mcp.mail.drafts.signatures import NoSignature, SignatureSource
from outlook_mcp.mail.drafts.uploads import ProgressReport, Uploads
from outlook_mcp.mail.first_contacts import FirstContacts
from outlook_mcp.mail.folder_edits.editor import FolderEditor
from outlook_mcp.mail.folder_edits.edits import FolderEdits
from outlook_mcp.mail.folder_edits.emptying import FolderEmptying
from outlook_mcp.mail.folders import MailFolders
from outlook_mcp.mail.invitations import Meetings
from outlook_mcp.mail.known_history import KnownHistory
from outlook_mcp.mail.mailbox_settings.editor import SettingsEditor
from outlook_mcp.mail.message_facts import MessageFacts
from outlook_mcp.mail.message_requests import MessageRequests
from outlook_mcp.mail.messages import Messages
from outlook_mcp.mail.people import People
from outlook_mcp.mail.reading import MessageReader
from outlook_mcp.mail.rules.editor import RuleEditor
from outlook_mcp.mail.search.cursor import CursorFormat
from outlook_mcp.mail.search.search import MailSearch
from outlook_mcp.mail.settings import MailSettings
from outlook_mcp.mail.sources import MessageSources
from outlook_mcp.mail.sync.changes import MailChanges
from outlook_mcp.mail.sync.cursor import ChangesCursorFormat
from outlook_mcp.mail.sync.delta import DeltaRounds
from outlook_mcp.mail.sync.export import ExportProgress, MailExport
from outlook_mcp.mail.unsubscribing.one_click import PublicOneClick
from outlook_mcp.mail.unsubscribing.unsubscriber import OneClick, Unsubscriber
from outlook_mcp.text.isolated.spending import begin_call
from outlook_mcp.workspace.discovery import ACCOUNT, discover
from outlook_mcp.workspace.kept_settings import KeptSettings
from outlook_mcp.workspace.shared import SharedByServers

# What every area needs of Microsoft Graph. A new area adds one.
AREAS = (ACCOUNT, MAIL, SETTINGS)
_MOST_OPEN = 1024


@dataclass(frozen=True, slots=True)
class EmailWorkspace:
    """One user's Outlook. Each property holds what callers do with one kind of item, named by `handles`.

    Only what remembers something is a field: the rest is made when it is used, so an open mailbox takes little memory.
    """

    user: UserKey
    connection: ConnectionId | None
    config: UserEmailConfig
    handles: Handles
    mail: GraphClient
    folders: MailFolders
    correspondents: Correspondents
    mail_settings: MailSettings
    shared: SharedByServers
    kept_settings: KeptSettings
    one_click: OneClick

    @property
    def messages(self) -> Messages:
        requests = self._message_requests
        bulk = BulkChanges(
            IdSearch(self.mail, self.folders, self.handles, config=self.config, settings=self.mail_settings),
            requests,
            Selections(self.shared.selections, self.user, self.connection, self.handles),
            self.handles,
            seconds=self.mail_settings.change_s,
        )
        history = KnownHistory(self.mail, self.config.address)
        reader = MessageReader(
            requests, self.folders, history, self._facts, self._checks, self._shown, MessageSources(self.mail)
        )
        return Messages(self.mail, requests, reader, self.folders, self.handles, bulk, self.config.zone())

    @property
    def drafts(self) -> Drafts:
        return self.drafts_telling(None)

    def drafts_telling(self, on_progress: ProgressReport | None, *, signature: SignatureSource | None = None) -> Drafts:
        """The drafts of the mailbox, signed as its user set it unless told otherwise.

        `on_progress` is told of long uploads.
        """
        return Drafts(
            self.mail,
            AttachmentRequests(self.mail),
            self.handles,
            uploads=Uploads(self.mail, self.shared.kept, self.user, on_progress),
            shown=self._shown,
            signature=signature or self.kept_settings,
            people=self.people,
            correspondents=self.correspondents,
            address=self.config.address,
            marks=self.shared.marks,
            checks=self._checks,
            quota=SendQuota(self.shared.counter, self.user, self.mail_settings),
            queue=self.shared.queue,
            zone=self.config.zone(),
            settings=self.mail_settings,
        )

    @property
    def _shown(self) -> ShownDrafts:
        return ShownDrafts(self.shared.kept, self.user)

    @property
    def folder_edits(self) -> FolderEdits:
        emptying = FolderEmptying(
            self.mail,
            self.folders,
            self._message_requests,
            self._confirmations,
            most=self.mail_settings.most_emptied,
        )
        return FolderEdits(FolderEditor(self.mail, self.folders, look_again_s=self.mail_settings.poll_s), emptying)

    @property
    def settings(self) -> SettingsEditor:
        graph = self.mail.for_area(SETTINGS)
        return SettingsEditor(graph, self.mail, self.kept_settings, look_again_s=self.mail_settings.poll_s)

    @property
    def rules(self) -> RuleEditor:
        graph = self.mail.for_area(SETTINGS)
        return RuleEditor(graph, self.folders, self._confirmations, look_again_s=self.mail_settings.poll_s)

    @property
    def unsubscriber(self) -> Unsubscriber:
        return Unsubscriber(
            self.mail,
            self.handles,
            self.drafts_telling(None, signature=NoSignature()),
            self._confirmations,
            marks=self.shared.marks,
            one_click=self.one_click,
        )

    @property
    def _message_requests(self) -> MessageRequests:
        return MessageRequests(self.mail, look_again_s=self.mail_settings.poll_s)

    @property
    def _confirmations(self) -> Confirmations:
        return Confirmations(self.shared.check_key, self.user, self.connection)

    @property
    def _checks(self) -> SendChecks:
        return SendChecks(self.shared.check_key, self.user, self.connection, self.config.address)

    @property
    def attachments(self) -> Attachments:
        return Attachments(AttachmentRequests(self.mail), self.handles, self.mail_settings.file_folders)

    @property
    def people(self) -> People:
        return People(self.mail, me=self.config.address)

    @property
    def search(self) -> MailSearch:
        return MailSearch(
            self.mail,
            self.folders,
            self.handles,
            cursors=CursorFormat(self.shared.cursor_key, self.user, self.connection),
            config=self.config,
            settings=self.mail_settings,
        )

    @property
    def changes(self) -> MailChanges:
        cursors = ChangesCursorFormat(self.shared.cursor_key, self.user, self.connection)
        return MailChanges(DeltaRounds(self.mail), MessageRequests(self.mail), self.folders, cursors)

    @property
    def exports(self) -> MailExport:
        return self.exports_telling(None)

    def exports_telling(self, on_progress: ExportProgress | None) -> MailExport:
        """Exports of the mailbox; `on_progress` is told of long ones."""
        folders = self.mail_settings.file_folders
        return MailExport(self.mail, MessageRequests(self.mail), self.search, self.handles, folders, on_progress)

    @property
    def _facts(self) -> MessageFacts:
        first_contacts = FirstContacts(self.mail, self.correspondents, self.config.address)
        return MessageFacts(Meetings(self.mail), DeliveryReports(self.mail), first_contacts, self.correspondents)


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
    ) -> None:
        self._clients = clients
        self._configs = configs
        self._shared = shared
        self._mail_settings = mail_settings
        self._one_click = one_click or PublicOneClick(clients.settings)
        self._open: LRUCache[tuple[UserKey, ConnectionId | None], EmailWorkspace] = LRUCache(_MOST_OPEN)

    async def open_workspace(self, user: UserKey, connection: ConnectionId | None = None) -> EmailWorkspace:
        """The mailbox of `user`, or of another connection of theirs; a call of that user begins.

        Raises MailboxUnavailable, AccessDenied or a sign-in error, each with the next step for the user.
        """
        begin_call(user)
        key = (user, connection)
        workspace = self._open.get(key)
        if workspace is None:
            await self._clients.warm()
            graph = self._clients.for_user(user, connection, ACCOUNT)
            config = await self._config(user, connection, graph)
            workspace = self._workspace(user, connection, graph, config)
            if not config.time_zone:
                return workspace
            self._open[key] = workspace
        return workspace

    async def prepare(self) -> None:
        """Loads what the first mailbox that is opened needs; asks nobody."""
        await self._clients.warm()

    def forget(self, user: UserKey) -> None:
        """Closes every mailbox of `user`, as after a sign-out."""
        for key in [key for key in self._open if key[0] == user]:
            del self._open[key]

    def _close(self, user: UserKey, connection: ConnectionId | None) -> None:
        self._open.pop((user, connection), None)

    async def _config(self, user: UserKey, connection: ConnectionId | None, graph: GraphClient) -> UserEmailConfig:
        """What was kept, completed by what the mailbox says."""
        kept = await self._configs.config_of(user, connection)
        if kept and kept.address and kept.mailbox_guid and kept.time_zone:
            return kept
        found = await discover(graph, kept)
        if found != kept:
            await self._configs.save_config(user, found, connection)
        return found

    def _workspace(
        self, user: UserKey, connection: ConnectionId | None, graph: GraphClient, config: UserEmailConfig
    ) -> EmailWorkspace:
        guid = bytes.fromhex(config.mailbox_guid) if config.mailbox_guid else None
        mail = graph.for_area(MAIL)
        close = partial(self._close, user, connection)
        return EmailWorkspace(
            user,
            connection,
            config,
            Handles(guid),
            mail,
            MailFolders(mail),
            Correspondents(mail, config.address),
            self._mail_settings,
            self._shared,
            KeptSettings(store=self._configs, user=user, connection=connection, found=config, on_change=close),
            self._one_click,
        )
