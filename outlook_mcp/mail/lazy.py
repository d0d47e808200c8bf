"""What of mail is loaded when a call first needs it: the list of tools is made without it.

Answers as fields are needed only by servers that were asked for structured content.
"""

from outlook_mcp.net.lean_imports import lazy_imports

with lazy_imports():
    from outlook_mcp.mail.answers.attachment import attachment_answer, saved_answer
    from outlook_mcp.mail.answers.changes import deleted_answer, draft_answer, moved_answer, sent_answer, updated_answer
    from outlook_mcp.mail.answers.exported import exported_answer
    from outlook_mcp.mail.answers.folder_changes import changes_answer
    from outlook_mcp.mail.answers.folder_edits import edited_folder_answer
    from outlook_mcp.mail.answers.folders import folders_answer
    from outlook_mcp.mail.answers.listing import found_answer
    from outlook_mcp.mail.answers.reading import messages_answer
    from outlook_mcp.mail.answers.rules import rules_answer
    from outlook_mcp.mail.answers.settings import settings_answer
    from outlook_mcp.mail.answers.unsubscribing import unsubscription_answer
    from outlook_mcp.mail.attachment_requests import AttachmentRequests
    from outlook_mcp.mail.attachments import Attachments
    from outlook_mcp.mail.bulk.changes import BulkChanges, Confirmation, Targets
    from outlook_mcp.mail.bulk.listing import IdSearch
    from outlook_mcp.mail.bulk.selections import Selections
    from outlook_mcp.mail.calendar_files import CalendarFiles
    from outlook_mcp.mail.categories import category_list
    from outlook_mcp.mail.confirmation import Confirmations
    from outlook_mcp.mail.correspondents import Correspondents
    from outlook_mcp.mail.delivery_reports import DeliveryReports
    from outlook_mcp.mail.discovery import discovery_requests, mailbox_guid
    from outlook_mcp.mail.drafts.attach_references import parse_references
    from outlook_mcp.mail.drafts.content import DraftContent, parse_receipts, reply_to_addresses
    from outlook_mcp.mail.drafts.drafts import Drafts
    from outlook_mcp.mail.drafts.holding import SendQueue
    from outlook_mcp.mail.drafts.recipients import parse_recipient
    from outlook_mcp.mail.drafts.send_quota import SendQuota
    from outlook_mcp.mail.drafts.send_requests import SendRequest
    from outlook_mcp.mail.drafts.send_terms import SendChecks
    from outlook_mcp.mail.drafts.sending import SentMessage
    from outlook_mcp.mail.drafts.shown_drafts import ShownDrafts
    from outlook_mcp.mail.drafts.signatures import NoSignature, SignatureSource
    from outlook_mcp.mail.drafts.uploads import ProgressReport, Uploads
    from outlook_mcp.mail.first_contacts import FirstContacts
    from outlook_mcp.mail.folder_edits.editor import FolderEditor
    from outlook_mcp.mail.folder_edits.edits import FolderEdits
    from outlook_mcp.mail.folder_edits.emptying import FolderEmptying
    from outlook_mcp.mail.folders import MailFolders
    from outlook_mcp.mail.inbox_changes import InboxChanges
    from outlook_mcp.mail.inbox_subscription import InboxSubscriptions
    from outlook_mcp.mail.invitations import Meetings
    from outlook_mcp.mail.kept_settings import KeptSettings
    from outlook_mcp.mail.known_history import KnownHistory
    from outlook_mcp.mail.lost_answers import MessageResult
    from outlook_mcp.mail.mailbox_settings.changes import SettingsChange
    from outlook_mcp.mail.mailbox_settings.editor import SettingsEditor
    from outlook_mcp.mail.meeting_states import MeetingStates, NoMeetingStates
    from outlook_mcp.mail.message_changes import MessageChange
    from outlook_mcp.mail.message_facts import MessageFacts
    from outlook_mcp.mail.message_requests import MessageRequests
    from outlook_mcp.mail.messages import Messages
    from outlook_mcp.mail.people import NameSource, People
    from outlook_mcp.mail.reading import MessageReader
    from outlook_mcp.mail.recent_senders import recent_senders
    from outlook_mcp.mail.rules.editor import ListedRules, RuleDraft, RuleEditor
    from outlook_mcp.mail.saved_files import SavedFile
    from outlook_mcp.mail.search.cursor import CursorFormat
    from outlook_mcp.mail.search.search import MailSearch
    from outlook_mcp.mail.sent_people import SentPeople
    from outlook_mcp.mail.sources import MessageSources
    from outlook_mcp.mail.structured.attachment import attachment_fields, exported_fields
    from outlook_mcp.mail.structured.changes import deleted_fields, moved_fields, updated_fields
    from outlook_mcp.mail.structured.drafts import draft_fields, sent_fields, unsubscription_fields
    from outlook_mcp.mail.structured.folders import changes_fields, edited_folder_fields, folders_fields
    from outlook_mcp.mail.structured.listing import found_fields
    from outlook_mcp.mail.structured.mailbox import rules_fields, settings_fields
    from outlook_mcp.mail.structured.reading import messages_fields
    from outlook_mcp.mail.sync.changes import MailChanges
    from outlook_mcp.mail.sync.cursor import ChangesCursors
    from outlook_mcp.mail.sync.delta import DeltaRounds, Position
    from outlook_mcp.mail.sync.export import ExportProgress, MailExport
    from outlook_mcp.mail.unsubscribing.one_click import PublicOneClick
    from outlook_mcp.mail.unsubscribing.unsubscriber import OneClick, Unsubscriber, Unsubscription
