"""One user's Outlook, opened: what callers do with each kind of item."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from outlook_mcp.calendar.graph_area import CALENDAR
from outlook_mcp.calendar.lazy import Calendar, EventEditor, EventIds, InvitationStates, Owner
from outlook_mcp.contacts.graph_area import CONTACTS
from outlook_mcp.contacts.lazy import Contacts, PeopleSearch
from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.area import GraphArea
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.handles import Handles
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.email_config import UserEmailConfig
from outlook_mcp.identity.user import UserKey
from outlook_mcp.mail.area import MAIL, SETTINGS
from outlook_mcp.mail.lazy import (
    AttachmentRequests,
    Attachments,
    BulkChanges,
    CalendarFiles,
    ChangesCursors,
    Confirmations,
    Correspondents,
    CursorFormat,
    DeliveryReports,
    DeltaRounds,
    Drafts,
    ExportProgress,
    FirstContacts,
    FolderEditor,
    FolderEdits,
    FolderEmptying,
    IdSearch,
    KeptSettings,
    KnownHistory,
    MailChanges,
    MailExport,
    MailFolders,
    MailSearch,
    Meetings,
    MeetingStates,
    MessageFacts,
    MessageReader,
    MessageRequests,
    Messages,
    MessageSources,
    NoMeetingStates,
    NoSignature,
    OneClick,
    People,
    ProgressReport,
    RuleEditor,
    Selections,
    SendChecks,
    SendQuota,
    SentPeople,
    SettingsEditor,
    ShownDrafts,
    SignatureSource,
    Unsubscriber,
    Uploads,
)
from outlook_mcp.mail.settings import MailSettings
from outlook_mcp.workspace.discovery import ACCOUNT
from outlook_mcp.workspace.invited_people import InvitedPeople
from outlook_mcp.workspace.models import ONLY_SENT_ITEMS, PeopleSources
from outlook_mcp.workspace.named_people import named_people
from outlook_mcp.workspace.shared import SharedByServers


def graph_areas() -> tuple[GraphArea, ...]:
    """What every area needs of Microsoft Graph. A new area adds one."""
    return ACCOUNT, MAIL, SETTINGS, CALENDAR, CONTACTS


@dataclass(frozen=True, slots=True)
class EmailWorkspace:
    """One user's Outlook. Each property holds what callers do with one kind of item, named by `handles`.

    `opened_by` is the user's own address where somebody else shares the mailbox with them, None for one of their own.
    What is kept of a shared mailbox is kept under a `connection` that has no tokens. `shows_calendar`: mail tells what
    the calendar says of invitations, since the caller may read it, and with `answers_meetings` they may answer them.
    Only what remembers something is a field: the rest is made when it is used, so an open mailbox takes little memory.
    """

    user: UserKey
    connection: ConnectionId | None
    config: UserEmailConfig
    handles: Handles
    mail: GraphClient
    folders: MailFolders
    correspondents: Correspondents
    first_contacts: Callable[[], FirstContacts]
    mail_settings: MailSettings
    shared: SharedByServers
    kept_settings: KeptSettings
    one_click: OneClick
    opened_by: str | None = None
    shows_calendar: bool = False
    answers_meetings: bool = False

    @property
    def messages(self) -> Messages:
        requests = self._message_requests
        bulk = BulkChanges(
            IdSearch(self.mail, self.folders, self.handles, config=self.config, settings=self.mail_settings),
            requests,
            Selections(self.shared.selections, self.user, self.connection, self.handles, self.shared.clock),
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

    def drafts_telling(
        self,
        on_progress: ProgressReport | None,
        *,
        signature: SignatureSource | None = None,
        names_from: PeopleSources = ONLY_SENT_ITEMS,
    ) -> Drafts:
        """The drafts of the mailbox, signed as its user set it unless told otherwise.

        `on_progress` is told of long uploads; recipients may be named as `names_from` allows.
        """
        return Drafts(
            self.mail,
            AttachmentRequests(self.mail),
            self.handles,
            uploads=Uploads(self.mail, self.shared.kept, self.user, on_progress),
            shown=self._shown,
            signature=signature or self.kept_settings,
            people=self.people_from(names_from),
            correspondents=self.correspondents,
            address=self.config.address,
            marks=self.shared.marks,
            checks=self._checks,
            quota=SendQuota(self.shared.counter, self.user, self.mail_settings),
            # A held message is sent later by the connection alone.
            queue=None if self.opened_by else self.shared.queue,
            zone=self.config.zone(),
            settings=self.mail_settings,
        )

    @property
    def _shown(self) -> ShownDrafts:
        return ShownDrafts(self.shared.kept, self.user)

    @property
    def folder_edits(self) -> FolderEdits:
        requests, most = self._message_requests, self.mail_settings.most_emptied
        emptying = FolderEmptying(self.mail, self.folders, requests, self._confirmations, most=most)
        return FolderEdits(FolderEditor(self.mail, self.folders, look_again_s=self.mail_settings.poll_s), emptying)

    @property
    def settings(self) -> SettingsEditor:
        graph = self._settings_graph()
        return SettingsEditor(graph, self.mail, self.kept_settings, look_again_s=self.mail_settings.poll_s)

    @property
    def rules(self) -> RuleEditor:
        graph, look_again_s = self._settings_graph(), self.mail_settings.poll_s
        return RuleEditor(graph, self.folders, self._confirmations, self.correspondents, look_again_s=look_again_s)

    def _settings_graph(self) -> GraphClient:
        """Raises InvalidInput: https://learn.microsoft.com/graph/outlook-share-messages-folders names mail alone."""
        if self.opened_by:
            raise InvalidInput("Microsoft Graph gives the settings and rules of a mailbox to its owner alone.")
        return self.mail.for_area(SETTINGS)

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

    def people_from(self, sources: PeopleSources, *, with_rooms: bool = False) -> People:
        """Finds who is meant by a name: for recipients, and for attendees, who may be rooms."""
        directory = self._directory_of(sources)
        return named_people(self.mail, directory, sources, me=self.config.address, with_rooms=with_rooms)

    def _directory_of(self, sources: PeopleSources) -> GraphClient | None:
        return self.mail.for_area(CONTACTS) if sources.contacts and not self.opened_by else None

    @property
    def contacts(self) -> Contacts:
        return Contacts(self._contacts_graph(), self.handles, look_again_s=self.mail_settings.poll_s)

    def people_search(self, sources: PeopleSources) -> PeopleSearch:
        """The search for people by name, address or company, in the sources that the caller may use."""
        sent = SentPeople(self.mail) if sources.sent_items else None
        return PeopleSearch(self._contacts_graph(), sent, has_directory=sources.has_directory)

    def _contacts_graph(self) -> GraphClient:
        """Raises InvalidInput for a mailbox that somebody else shares."""
        if self.opened_by:
            raise InvalidInput("Only contacts of the user's own mailboxes are read and changed.")
        return self.mail.for_area(CONTACTS)

    @property
    def search(self) -> MailSearch:
        return MailSearch(
            self.mail,
            self.folders,
            self.handles,
            cursors=CursorFormat(self.shared.cursor_key, self.user, self.connection),
            config=self.config,
            settings=self.mail_settings,
            meeting_states=self._meeting_states,
        )

    @property
    def changes(self) -> MailChanges:
        cursors = ChangesCursors(self.shared.selections, self.user, self.connection)
        return MailChanges(DeltaRounds(self.mail), MessageRequests(self.mail), self.folders, cursors)

    def calendar(self, names_from: PeopleSources | None = None) -> Calendar:
        """The calendar; people and rooms may be named as `names_from` allows, else written by address alone."""
        return Calendar(
            self.mail.for_area(CALENDAR),
            self.event_ids,
            self.config.zone(),
            address=self.config.address,
            is_foreign=self.opened_by is not None,
            people=self.people_from(names_from, with_rooms=True) if names_from else None,
        )

    def event_editor(self, client: str, sources: PeopleSources) -> EventEditor:
        """Changes events for this client; attendees may be named as `sources` allow."""
        known = self.people_from(sources, with_rooms=True), self.correspondents, self.config.address
        return EventEditor(
            self.mail.for_area(CALENDAR),
            self.event_ids,
            Owner(
                self.user, self.connection, client, self.config.address, self.config.zone(), self.config.unknown_zone
            ),
            calendar=self.calendar(sources),
            people=InvitedPeople(*known, sources, self._directory_of(sources)),
            store=self.shared.selections,
            marks=self.shared.marks,
            quota=SendQuota(self.shared.counter, self.user, self.mail_settings),
            look_again_s=self.mail_settings.poll_s,
        )

    @property
    def event_ids(self) -> EventIds:
        return EventIds(self.handles)

    @property
    def exports(self) -> MailExport:
        return self.exports_telling(None)

    def exports_telling(self, on_progress: ExportProgress | None) -> MailExport:
        """Exports of the mailbox; `on_progress` is told of long ones."""
        folders = self.mail_settings.file_folders
        return MailExport(self.mail, MessageRequests(self.mail), self.search, self.handles, folders, on_progress)

    @property
    def _facts(self) -> MessageFacts:
        meetings, reports = Meetings(self.mail), DeliveryReports(self.mail)
        files = CalendarFiles(AttachmentRequests(self.mail))
        return MessageFacts(meetings, reports, self.first_contacts(), self.correspondents, self._meeting_states, files)

    @property
    def _meeting_states(self) -> MeetingStates:
        if not self.shows_calendar:
            return NoMeetingStates()
        return InvitationStates(self.mail.for_area(CALENDAR), self.config.zone())
