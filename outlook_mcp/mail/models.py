"""What is read from Graph about mail, with the `$select` list beside its reader.

A field is optional where Graph may leave it out or send null: a draft has no `from`, a broken mail no subject.
Unknown properties and derived types (meeting requests are messages, too) are no error.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

import msgspec

from outlook_mcp.graph.ids import AttachmentId, ConversationId, FolderId, MessageId
from outlook_mcp.graph.models import Address, Body, Recipient, WireModel, ZonedTime

FlagStatus = Literal["notFlagged", "complete", "flagged"]


class Flag(WireModel, frozen=True, kw_only=True):
    """The flag for follow-up: `flag_status` is one of FlagStatus. Of its times only the days mean something."""

    flag_status: str = "notFlagged"
    start_date_time: ZonedTime | None = None
    due_date_time: ZonedTime | None = None


class Header(WireModel, frozen=True, kw_only=True):
    """One line of the header of a message as it came (RFC 5322); names may repeat."""

    name: str
    value: str | None = None


# What a line of a list shows. No `bodyPreview`: for HTML mail Graph makes it of the text with what styles hide, which
# is where instructions to a model are hidden. To clean it takes the whole body: of 25 messages about a megabyte and the
# conversion of each, where a list costs a millisecond.
LISTING = (
    "id",
    "subject",
    "from",
    "toRecipients",
    "receivedDateTime",
    "isRead",
    "isDraft",
    "hasAttachments",
    "flag",
)
# The same where a list holds mail of several folders.
MIXED_LISTING = (*LISTING, "parentFolderId")
SUMMARY = (
    *MIXED_LISTING,
    "bodyPreview",
    "conversationId",
    "ccRecipients",
    "sentDateTime",
    "importance",
    "categories",
    "inferenceClassification",
)
FULL = (
    *SUMMARY,
    "body",
    "uniqueBody",
    "bccRecipients",
    "replyTo",
    "sender",
    "internetMessageId",
    "lastModifiedDateTime",
    "isReadReceiptRequested",
    "isDeliveryReceiptRequested",
)
# Everything that a draft to be sent says.
DRAFT = (
    "id",
    "isDraft",
    "parentFolderId",
    "subject",
    "toRecipients",
    "ccRecipients",
    "bccRecipients",
    "from",
    "sender",
    "replyTo",
    "importance",
    "isReadReceiptRequested",
    "isDeliveryReceiptRequested",
    "internetMessageId",
    "body",
    "lastModifiedDateTime",
)
# What is read of a message: its headers tell whether its sender may be forged.
READ = (*FULL, "internetMessageHeaders")
HEADERS = (*SUMMARY, "internetMessageId", "internetMessageHeaders")
View = Literal["summary", "full", "headers"]
SELECT: dict[View, tuple[str, ...]] = {"summary": SUMMARY, "full": READ, "headers": HEADERS}
ATTACHMENT = ("id", "name", "contentType", "size", "isInline", "lastModifiedDateTime")

# What tells in a list whether a message has files. Graph's own lists of messages take this $expand, too.
FILES_IN_LIST = "attachments($select=id,name,contentType,isInline)"
# To $select belongs: the attachments of one message, with the inline ones, which `hasAttachments` does not count.
EXPAND: dict[View, dict[str, str]] = {
    "summary": {},
    "full": {"$expand": f"attachments($select={','.join(ATTACHMENT)})"},
    "headers": {},
}


class RecipientReport(WireModel, frozen=True, kw_only=True):
    """What a delivery report tells of one recipient; read by `mime.delivery_status`, not by Graph.

    `action` is one of failed, delayed, delivered, relayed, expanded; `status` is an enhanced code such as 5.1.1; both
    are "" where the report does not tell. `diagnostic` is what the other server said.
    """

    recipient: str
    action: str = ""
    status: str = ""
    diagnostic: str = ""


class FileInside(WireModel, frozen=True, kw_only=True):
    """A file in a mail that is itself a file or an attachment; `size` in bytes."""

    name: str
    content_type: str
    size: int
    is_inline: bool = False


class AttachedItem(WireModel, frozen=True, kw_only=True):
    """The mail, appointment or contact inside an item attachment; it has no id of its own.

    An appointment has no sender, a contact neither subject nor body. The last three fields are not Graph's, but set by
    `mime.reader`: `charset_guess` names the charset of its text where that had to be guessed.
    """

    odata_type: str = msgspec.field(name="@odata.type", default="#microsoft.graph.message")
    subject: str | None = None
    from_: Recipient | None = msgspec.field(name="from", default=None)
    to_recipients: list[Recipient] = []
    cc_recipients: list[Recipient] = []
    sent_date_time: datetime | None = None
    body: Body | None = None
    charset_guess: str | None = None
    files: list[FileInside] = []
    more_files: int = 0

    @property
    def is_message(self) -> bool:
        """A mail, a meeting request among them; neither appointment, contact nor task."""
        return self.odata_type.lower().endswith("message")


class Attachment(WireModel, frozen=True, kw_only=True):
    """Read with ATTACHMENT: metadata only, `size` in bytes as Exchange counts it."""

    id: AttachmentId
    odata_type: str = msgspec.field(name="@odata.type", default="#microsoft.graph.fileAttachment")
    name: str | None = None
    content_type: str | None = None
    size: int | None = 0
    is_inline: bool | None = False
    item: AttachedItem | None = None

    @property
    def kind(self) -> Literal["file", "item", "reference"]:
        """`item` is an Outlook item such as a forwarded mail; `reference` a link to a file in the cloud."""
        for kind in ("item", "reference"):
            if self.odata_type.lower().endswith(f"{kind}attachment"):
                return "item" if kind == "item" else "reference"
        return "file"

    @property
    def is_picture(self) -> bool:
        return (self.content_type or "").lstrip().lower().startswith("image/")


class ExtendedProperty(WireModel, frozen=True, kw_only=True):
    """A MAPI property by its id, such as `SystemTime 0x3FEF`, with its value as text."""

    id: str = ""
    value: str | None = None


MeetingKind = Literal["invitation", "answer to an invitation", "meeting"]
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)
_MEETING_KINDS: Mapping[str, MeetingKind] = {
    "eventmessagerequest": "invitation",
    "eventmessageresponse": "answer to an invitation",
    "eventmessage": "meeting",
}


class Message(WireModel, frozen=True, kw_only=True):
    """Read with LISTING, MIXED_LISTING, SUMMARY, FULL, DRAFT or HEADERS; what was not selected keeps its default."""

    id: MessageId
    odata_type: str = msgspec.field(name="@odata.type", default="")
    etag: str | None = msgspec.field(name="@odata.etag", default=None)
    conversation_id: ConversationId | None = None
    # Longer with every answer; read with a conversation only.
    conversation_index: str | None = None
    parent_folder_id: FolderId | None = None
    subject: str | None = None
    from_: Recipient | None = msgspec.field(name="from", default=None)
    sender: Recipient | None = None
    to_recipients: list[Recipient] = []
    cc_recipients: list[Recipient] = []
    bcc_recipients: list[Recipient] = []
    reply_to: list[Recipient] = []
    received_date_time: datetime | None = None
    sent_date_time: datetime | None = None
    created_date_time: datetime | None = None
    last_modified_date_time: datetime | None = None
    is_read: bool | None = None
    is_draft: bool | None = None
    has_attachments: bool | None = None
    importance: str | None = None
    is_read_receipt_requested: bool | None = None
    is_delivery_receipt_requested: bool | None = None
    flag: Flag | None = None
    categories: list[str] = []
    inference_classification: str | None = None
    # Looked at for words, never shown.
    body_preview: str | None = None
    body: Body | None = None
    unique_body: Body | None = None
    internet_message_id: str | None = None
    internet_message_headers: list[Header] = []
    attachments: list[Attachment] = []
    single_value_extended_properties: list[ExtendedProperty] = []

    @property
    def author(self) -> Address:
        """Whom it comes from, as it says itself; an empty address where it does not."""
        return self.from_.email_address if self.from_ else Address()

    @property
    def recipients(self) -> list[Recipient]:
        return [*self.to_recipients, *self.cc_recipients, *self.bcc_recipients]

    @property
    def has_files(self) -> bool:
        """Attachments as Exchange counts them or, where `attachments` was read, an inline file that is no picture."""
        return bool(self.has_attachments) or not all(attachment.is_picture for attachment in self.attachments)

    @property
    def moment(self) -> datetime | None:
        """When it arrived, or was sent; for a draft, when it was saved."""
        return self.received_date_time or self.sent_date_time

    @property
    def order(self) -> datetime:
        """The moment by which messages are put in order; one that has none stands before all others."""
        return self.moment or _BEFORE_ALL

    @property
    def meeting_kind(self) -> MeetingKind | None:
        """What kind of meeting message it is; None for any other message."""
        return _MEETING_KINDS.get(self.odata_type.rpartition(".")[2].lower())

    @property
    def is_flagged(self) -> bool:
        return self.flag is not None and self.flag.flag_status == "flagged"


FOLDER = (
    *("id", "displayName", "parentFolderId", "childFolderCount"),
    *("unreadItemCount", "totalItemCount", "isHidden"),
)


class Folder(WireModel, frozen=True, kw_only=True):
    """Read with FOLDER. `path` and `well_known` are set by `folders.py`; Graph v1.0 does not send them."""

    id: FolderId
    display_name: str | None = None
    parent_folder_id: FolderId | None = None
    child_folder_count: int | None = 0
    unread_item_count: int | None = 0
    total_item_count: int | None = 0
    is_hidden: bool | None = False
    path: str = ""
    well_known: str = ""

    @property
    def name(self) -> str:
        return self.display_name or self.id

    @property
    def depth(self) -> int:
        """0 at the top of the mailbox."""
        return self.path.count("/")
