"""What callers do with drafts: save and send them. Replies keep the quoted history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from outlook_mcp.errors import InvalidInput, OutlookError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.handles import Handles
from outlook_mcp.graph.ids import Handle, MessageId
from outlook_mcp.identity.shared_store import Marks
from outlook_mcp.mail.attachment_requests import AttachmentRequests
from outlook_mcp.mail.choices import DraftKind
from outlook_mcp.mail.correspondents import Correspondents
from outlook_mcp.mail.drafts.attaching import Attaching
from outlook_mcp.mail.drafts.content import DraftContent, PreparedContent, prepare
from outlook_mcp.mail.drafts.draft_locks import DraftLocks
from outlook_mcp.mail.drafts.holding import SendQueue
from outlook_mcp.mail.drafts.local_files import LocalFiles
from outlook_mcp.mail.drafts.mail_tips import MailTip, mail_tips
from outlook_mcp.mail.drafts.pictures import pictures_in, with_content_ids
from outlook_mcp.mail.drafts.recipient_fields import NO_CHANGES, RecipientChanges
from outlook_mcp.mail.drafts.send_quota import SendQuota
from outlook_mcp.mail.drafts.send_requests import SendOutcome, SendRequest, SendRequests
from outlook_mcp.mail.drafts.send_terms import SendChecks, SendTerms
from outlook_mcp.mail.drafts.sending import BeforeSending, Sending, SentMessage, UnsentDraft
from outlook_mcp.mail.drafts.sent_lookup import recipient_addresses
from outlook_mcp.mail.drafts.shown_drafts import ShownDrafts
from outlook_mcp.mail.drafts.signatures import SignatureSource
from outlook_mcp.mail.drafts.uploads import Uploads
from outlook_mcp.mail.drafts.writing import DraftWriter, WrittenDraft
from outlook_mcp.mail.models import Attachment, Message
from outlook_mcp.mail.people import People
from outlook_mcp.mail.settings import MailSettings
from outlook_mcp.text.html import ConvertedText, convert


@dataclass(frozen=True, slots=True)
class SavedDraft:
    """The draft as Exchange has it now, its text without the history below, and all its attachments.

    `terms` are what sends it, None when it could not be read or has no recipients. `tips` are what Exchange tells of
    its recipients.
    `refused` tells why a recipient of a reply will be refused when it is sent.
    `text` is None when the body was not changed or could not be read. `unread` tells why not everything could be read
    after the draft was saved. `people` tells which of the recipients are moved or dropped.
    """

    message: Message
    text: ConvertedText | None
    attachments: Sequence[Attachment] = ()
    unread: OutlookError | None = None
    people: RecipientChanges = NO_CHANGES
    terms: SendTerms | None = None
    refused: str = ""
    tips: Sequence[MailTip] = ()


class Drafts:
    """The drafts of one mailbox, whose own address is `address`, named by handles. Only `send_draft` sends."""

    def __init__(
        self,
        graph: GraphClient,
        attachments: AttachmentRequests,
        handles: Handles,
        *,
        uploads: Uploads,
        shown: ShownDrafts,
        signature: SignatureSource,
        people: People,
        correspondents: Correspondents,
        address: str,
        marks: Marks,
        checks: SendChecks,
        quota: SendQuota,
        queue: SendQueue | None,
        zone: ZoneInfo,
        settings: MailSettings,
    ) -> None:
        self._graph = graph
        self._settings = settings
        self._handles = handles
        self._people = people
        self._correspondents = correspondents
        self._attaching = Attaching(
            graph,
            attachments,
            handles,
            uploads=uploads,
            files=LocalFiles(settings.file_folders),
            look_again_s=settings.poll_s,
        )
        self._shown = shown
        locks = DraftLocks(marks, lifetime_s=settings.send_claim_s)
        self._writer = DraftWriter(
            graph, self._attaching, handles, shown, signature, locks, address=address, look_again_s=settings.poll_s
        )
        self._checks = checks
        self._sending = Sending(graph, marks, locks, checks, quota, correspondents, settings)
        self._requests = SendRequests(self._sending, queue, checks.user, checks.connection, zone=zone)

    async def save_draft(
        self,
        content: DraftContent,
        *,
        draft: Handle | None = None,
        kind: DraftKind = "new",
        of: Handle | None = None,
    ) -> SavedDraft:
        """Changes `draft`, or makes one of `kind`. A reply or forward needs the message it is `of`.

        Raises InvalidInput before anything is saved for what cannot be written, such as a name that is not unique.
        """
        _check_kind(draft=draft, kind=kind, of=of)
        if draft is None and of is None and content == DraftContent():
            raise InvalidInput("Nothing to save was given.", next_step="Give to, subject, body or attach.")
        prepared = await prepare(content, self._people, self._correspondents)
        written = await self._written(prepared, draft=draft, kind=kind, of=of)
        message, unread = written.message, written.unread
        text = None
        if unread is None:
            await self._shown.note_shown(message, has_text=draft is None or content.body is not None)
            try:
                if draft is None or content.body is not None:
                    text = await convert((message.body and message.body.content) or "", drop_quotes=True)
            except OutlookError as error:
                unread = error
        terms = self._checks.terms_of(message) if unread is None and message.recipients else None
        refused = await self._refused_recipient(message) if of is not None else ""
        is_asked = draft is None or any(field is not None for field in (content.to, content.cc, content.bcc))
        tips = await self._tips_of(message) if is_asked else []
        return SavedDraft(message, text, message.attachments, unread, written.people, terms, refused, tips)

    async def _tips_of(self, draft: Message) -> list[MailTip]:
        return await mail_tips(self._graph, recipient_addresses(draft), deadline_s=self._settings.tips_s)

    async def _refused_recipient(self, draft: Message) -> str:
        """Why one of those whom Exchange put into a reply cannot be a recipient; "" when that cannot be found out."""
        try:
            await self._correspondents.check_recipients(recipient_addresses(draft))
        except InvalidInput as refused:
            return refused.message
        except OutlookError:
            pass
        return ""

    async def send_draft(
        self, draft: Handle, to: Sequence[str] | None = None, check: str | None = None
    ) -> SentMessage | UnsentDraft:
        """Sends a draft at most once; see `Sending.send_draft`."""
        return await self._sending.send_draft(self._handles.full(draft), to, check)

    async def carry_out(self, draft: Handle, request: SendRequest) -> SendOutcome:
        """Sends a draft now or later, or takes it back; see `SendRequests.carry_out`."""
        return await self._requests.carry_out(self._handles.full(draft), request)

    async def send_held(self, draft: MessageId, check: str, before: BeforeSending) -> SentMessage:
        """Sends a draft whose time has come; see `Sending.send_held`."""
        return await self._sending.send_held(draft, check, before)

    async def is_still_draft(self, draft: MessageId) -> bool:
        """See `Sending.is_still_draft`."""
        return await self._sending.is_still_draft(draft)

    async def _written(
        self, content: PreparedContent, *, draft: Handle | None, kind: DraftKind, of: Handle | None
    ) -> WrittenDraft:
        draft_id = None if draft is None else self._handles.full(draft)
        opened = self._attaching.sources_of(content.attach, pictures_in(content.html), draft_id)
        async with opened as (sources, ids):
            if content.html and ids:
                content = replace(content, html=with_content_ids(content.html, ids))
            if draft_id is not None:
                return await self._writer.update_draft(draft_id, content, sources)
            if of is None:
                return await self._writer.create_message(content, sources)
            return await self._writer.create_answer(self._handles.full(of), content, sources, kind)


def _check_kind(*, draft: Handle | None, kind: DraftKind, of: Handle | None) -> None:
    """Raises InvalidInput for arguments that contradict each other."""
    if draft is not None and (of is not None or kind != "new"):
        raise InvalidInput(
            "`kind` and `of` of an existing draft cannot be changed.",
            next_step="Give `id` without `kind` and `of` to change it, or leave `id` out to make a new draft.",
        )
    if kind == "new" and of is not None:
        raise InvalidInput(
            "`of` names a message to answer or forward, but kind=new does neither.",
            next_step="Give kind=reply, reply_all or forward, or leave `of` out.",
        )
    if kind != "new" and of is None:
        raise InvalidInput(f"kind={kind} needs the message to answer or forward.", next_step="Give its id as `of`.")
