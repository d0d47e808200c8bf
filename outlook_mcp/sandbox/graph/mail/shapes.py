"""What the bodies of requests about mail may hold."""

from __future__ import annotations

from collections.abc import Mapping

from outlook_mcp.sandbox.graph.core.shapes import (
    DATE_TIME,
    EMAIL_ADDRESS,
    EXTENDED_PROPERTY,
    ITEM_BODY,
    LOCATION,
    MULTI_VALUE_PROPERTY,
    PHYSICAL_ADDRESS,
    RECIPIENT,
    RESPONSE_STATUS,
    Kind,
    Shape,
)
from outlook_mcp.sandbox.graph.mail.contacts import CONTACT_ADDRESSES, CONTACT_OTHERS, CONTACT_PHONES, CONTACT_TEXTS

FLAG = Shape(
    "followupFlag",
    {
        "flagStatus": frozenset({"notFlagged", "complete", "flagged"}),
        "completedDateTime": DATE_TIME,
        "dueDateTime": DATE_TIME,
        "startDateTime": DATE_TIME,
    },
)
HEADER = Shape("internetMessageHeader", {"name": str, "value": str})

# Writable on a draft only.
DRAFT_FIELDS: Mapping[str, Kind] = {
    "subject": str,
    "body": ITEM_BODY,
    "from": RECIPIENT,
    "sender": RECIPIENT,
    "toRecipients": [RECIPIENT],
    "ccRecipients": [RECIPIENT],
    "bccRecipients": [RECIPIENT],
    "replyTo": [RECIPIENT],
    "internetMessageId": str,
}
# Writable on any message.
MARK_FIELDS: Mapping[str, Kind] = {
    "categories": [str],
    "flag": FLAG,
    "importance": frozenset({"low", "normal", "high"}),
    "isRead": bool,
    "inferenceClassification": frozenset({"focused", "other"}),
    "isDeliveryReceiptRequested": bool,
    "isReadReceiptRequested": bool,
    "singleValueExtendedProperties": [EXTENDED_PROPERTY],
    "multiValueExtendedProperties": [MULTI_VALUE_PROPERTY],
}
# Accepted at creation, where the server has its own value for most of them.
CREATION_FIELDS: Mapping[str, Kind] = {
    "internetMessageHeaders": [HEADER],
    "attachments": [object],
    "extensions": [object],
}
READ_ONLY_FIELDS: Mapping[str, Kind] = dict.fromkeys(
    (
        *("id", "changeKey", "createdDateTime", "lastModifiedDateTime", "receivedDateTime", "sentDateTime"),
        *("bodyPreview", "uniqueBody", "conversationId", "conversationIndex", "hasAttachments", "isDraft"),
        *("parentFolderId", "webLink"),
    ),
    object,
)
MESSAGE = Shape("message", {**DRAFT_FIELDS, **MARK_FIELDS, **CREATION_FIELDS, **READ_ONLY_FIELDS})
SEND_MAIL = Shape("sendMail", {"message": MESSAGE, "saveToSentItems": bool})
REPLY = Shape("reply", {"message": MESSAGE, "comment": str})
FORWARD = Shape("forward", {"message": MESSAGE, "comment": str, "toRecipients": [RECIPIENT]})
MOVE = Shape("move", {"destinationId": str})
# Extended properties of a folder.
EXTENDED_FOLDER_FIELDS = ("singleValueExtendedProperties", "multiValueExtendedProperties")
FOLDER = Shape(
    "mailFolder",
    {
        "singleValueExtendedProperties": [EXTENDED_PROPERTY],
        "multiValueExtendedProperties": [MULTI_VALUE_PROPERTY],
        # Of search folders.
        "filterQuery": str,
        "includeNestedFolders": bool,
        "isSupported": bool,
        "sourceFolderIds": [str],
        "displayName": str,
        "isHidden": bool,
        **dict.fromkeys(
            ("id", "childFolderCount", "parentFolderId", "totalItemCount", "unreadItemCount", "childFolders"), object
        ),
    },
)
_EVENT_FIELDS = (
    *("allowNewTimeProposals", "bodyPreview", "hasAttachments", "hideAttendees", "iCalUId", "isCancelled"),
    *("isOnlineMeeting", "isOrganizer", "isReminderOn", "locations", "onlineMeetingProvider", "onlineMeetingUrl"),
    *("originalEndTimeZone", "originalStart", "originalStartTimeZone", "recurrence", "reminderMinutesBeforeStart"),
    *("responseRequested", "responseStatus", "seriesMasterId", "transactionId", "type", "webLink"),
)
_ATTACHMENT_FIELDS: Mapping[str, Kind] = {
    "name": str,
    "contentType": str,
    "isInline": bool,
    **dict.fromkeys(("id", "size", "lastModifiedDateTime"), object),
}
ATTACHMENT = Shape("attachment", _ATTACHMENT_FIELDS)
FILE_ATTACHMENT = Shape(
    "fileAttachment", {**_ATTACHMENT_FIELDS, "contentBytes": str, "contentId": str, "contentLocation": str}
)
_ITEM_FIELDS: Mapping[str, Kind] = {
    "categories": [str],
    **dict.fromkeys(("id", "changeKey", "createdDateTime", "lastModifiedDateTime"), object),
}
_ATTENDEE = Shape(
    "attendee",
    {
        "emailAddress": EMAIL_ADDRESS,
        "type": frozenset({"required", "optional", "resource"}),
        "status": RESPONSE_STATUS,
    },
)
# An event as it is attached. What its iCalendar form does not keep is accepted and left out.
EVENT = Shape(
    "event",
    {
        **_ITEM_FIELDS,
        "subject": str,
        "body": ITEM_BODY,
        "start": DATE_TIME,
        "end": DATE_TIME,
        "isAllDay": bool,
        "attendees": [_ATTENDEE],
        "organizer": RECIPIENT,
        "importance": frozenset({"low", "normal", "high"}),
        "sensitivity": frozenset({"normal", "personal", "private", "confidential"}),
        "showAs": frozenset({"unknown", "free", "tentative", "busy", "oof", "workingElsewhere"}),
        "location": LOCATION,
        **dict.fromkeys(_EVENT_FIELDS, object),
    },
)
CONTACT = Shape(
    "contact",
    {
        **_ITEM_FIELDS,
        **dict.fromkeys(CONTACT_TEXTS, str),
        **{name: [str] for name in CONTACT_PHONES},
        **dict.fromkeys(CONTACT_ADDRESSES, PHYSICAL_ADDRESS),
        "emailAddresses": [EMAIL_ADDRESS],
        **dict.fromkeys((*CONTACT_OTHERS, "parentFolderId"), object),
    },
)
ITEM_ATTACHMENT = Shape("itemAttachment", {**_ATTACHMENT_FIELDS, "item": object})
REFERENCE_ATTACHMENT = Shape("referenceAttachment", _ATTACHMENT_FIELDS)
ATTACHMENT_ITEM = Shape(
    "attachmentItem",
    {
        "attachmentType": frozenset({"file", "item", "reference"}),
        "name": str,
        "size": int,
        "contentType": str,
        "isInline": bool,
        "contentId": str,
    },
)
UPLOAD_SESSION = Shape("createUploadSession", {"AttachmentItem": ATTACHMENT_ITEM})
TRANSLATE = Shape(
    "translateExchangeIds",
    {
        "InputIds": [str],
        **dict.fromkeys(
            ("SourceIdType", "TargetIdType"),
            frozenset({"entryId", "ewsId", "immutableEntryId", "restId", "restImmutableEntryId"}),
        ),
    },
)
