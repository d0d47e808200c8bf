"""Values for requests that no client should send."""

from __future__ import annotations

from typing import Any

ODD_TEXTS = (
    *("", " ", "x", "'", '"', "''", "%", "%00", "\x00", "\ud800", "é" * 300, "😀", "null", "true", "-1", "0", "9" * 40),
    *(
        "../..",
        "..%2f",
        "a/b",
        "(",
        ")",
        "()",
        "('",
        "me",
        "$value",
        "$count",
        "2026-02-30T00:00:00Z",
        "<b>&",
        "\r\nX: 1",
    ),
)
FILTERS = (
    *(
        "isRead eq false",
        "subject eq 'a''b'",
        "from/emailAddress/address eq 'x'",
        "not (isRead eq true)",
        "isRead eq 'x'",
    ),
    *("contains(subject,'%_')", "startswith(from/emailAddress/name,'')", "receivedDateTime ge 2026-01-01", "a eq b"),
    *(
        "categories/any(c:c eq 'x')",
        "categories/any()",
        "toRecipients/all(r:r/emailAddress/name ne 'y')",
        "(((",
        "eq eq eq",
    ),
    *(
        "parentFolderId eq 'x'",
        "importance in ('low','high')",
        "flag/flagStatus eq 'flagged'",
        "receivedDateTime ge 9999",
    ),
    *(
        "singleValueExtendedProperties/any(e:e/id eq 'x' and e/value eq 'y')",
        "id eq 'x'",
        "size gt 5",
        "isRead",
        "not not isRead",
    ),
)
SEARCHES = (
    '"a"',
    '"',
    '"subject:a OR from:b"',
    '"NOT"',
    '"(((("',
    '"received>=2026-13-01"',
    '"size:1..x"',
    "a b",
    '"\\""',
    '"*"',
)
EXPANDS = (
    *(
        "attachments",
        "attachments($select=name)",
        "attachments($expand=microsoft.graph.itemattachment/item)",
        "x",
        "((",
    ),
    *("microsoft.graph.eventMessage/event", "microsoft.graph.itemattachment/item", "extensions", "childFolders"),
    *("singleValueExtendedProperties", "singleValueExtendedProperties($filter=id eq 'String 0x007D')"),
    *("multiValueExtendedProperties($filter=id eq 'x' or id eq 'y')", "attachments($filter=;;=)"),
)
SELECTS = (
    "id",
    "subject,body",
    "*",
    "x",
    ",,",
    "uniqueBody,internetMessageHeaders",
    "microsoft.graph.fileAttachment/contentBytes",
)
PREFERS = (
    *(
        'outlook.body-content-type="text"',
        'IdType="ImmutableId"',
        "odata.maxpagesize=0",
        "odata.maxpagesize=" + "9" * 30,
    ),
    *('outlook.timezone="x/../y"', 'outlook.timezone="Europe/Berlin"', "=;,", 'a="', "outlook.allow-unsafe-html"),
)
METHODS = ("GET", "POST", "PATCH", "DELETE", "PUT")
TYPES = ("application/json", "text/plain", "", "application/json;odata=verbose", "multipart/form-data", "x")
KEYS = (
    *(
        "subject",
        "body",
        "message",
        "comment",
        "toRecipients",
        "emailAddress",
        "address",
        "name",
        "contentType",
        "content",
    ),
    *(
        "attachments",
        "contentBytes",
        "item",
        "@odata.type",
        "flag",
        "flagStatus",
        "dueDateTime",
        "dateTime",
        "timeZone",
    ),
    *(
        "categories",
        "importance",
        "isRead",
        "from",
        "sender",
        "replyTo",
        "internetMessageHeaders",
        "displayName",
        "start",
    ),
    *(
        "destinationId",
        "AttachmentItem",
        "size",
        "attachmentType",
        "inputIds",
        "sourceIdType",
        "targetIdType",
        "value",
        "id",
    ),
    *(
        "singleValueExtendedProperties",
        "multiValueExtendedProperties",
        "requests",
        "method",
        "url",
        "headers",
        "dependsOn",
    ),
    *("saveToSentItems", "internetMessageId", "isInline", "contentId", "end", "location", "attendees", "birthday"),
)
VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        1e300,
        10**30,
        [],
        {},
        [None],
        [[]],
        [{}],
        "html",
        "HTML",
        "text",
        "YQ==",
        "GET",
        "POST",
    ),
    *(
        "#microsoft.graph.fileAttachment",
        "#microsoft.graph.itemAttachment",
        "microsoft.graph.event",
        "microsoft.graph.contact",
    ),
    *("microsoft.graph.message", "archive", "file", "/me/messages", "restId", "ewsId", "flagged", "SystemTime 0x3FEF"),
)

TIME = {"dateTime": "2026-06-01T10:00:00", "timeZone": "UTC"}
PERSON = {"emailAddress": {"address": "ben@contoso.com", "name": "Ben"}}
FILE = {
    "@odata.type": "#microsoft.graph.fileAttachment",
    "name": "a",
    "contentBytes": "YQ==",
    "isInline": True,
    "contentId": "c",
}
EVENT = {
    "@odata.type": "microsoft.graph.event",
    "subject": "s",
    "start": TIME,
    "end": TIME,
    "isAllDay": True,
    "attendees": [{**PERSON, "type": "optional"}],
    "location": {"displayName": "l"},
    "body": {"contentType": "html", "content": "<p>a"},
}
CONTACT = {
    "@odata.type": "microsoft.graph.contact",
    "givenName": "g",
    "emailAddresses": [{"address": "a@b", "name": "n"}],
    "businessPhones": ["1"],
    "homeAddress": {"city": "c"},
    "birthday": "2000-01-01T00:00:00Z",
    "categories": ["c"],
}
MESSAGE = {
    "subject": "s",
    "body": {"contentType": "html", "content": "<p>words</p>"},
    "toRecipients": [PERSON],
    "ccRecipients": [PERSON],
    "replyTo": [PERSON],
    "from": {"emailAddress": {"address": "anna@contoso.com"}},
    "attachments": [FILE, {"@odata.type": "#microsoft.graph.itemAttachment", "name": "i", "item": EVENT}],
    "internetMessageHeaders": [{"name": "x-a", "value": "b"}],
    "singleValueExtendedProperties": [{"id": "SystemTime 0x3FEF", "value": "2026-01-01T00:00:00Z"}],
    "multiValueExtendedProperties": [{"id": "StringArray x Name y", "value": ["a"]}],
    "categories": ["Red category"],
    "flag": {"flagStatus": "flagged", "startDateTime": TIME, "dueDateTime": TIME},
    "importance": "high",
    "isRead": True,
    "internetMessageId": "<a@b>",
}
ANSWER = {"comment": "c", "message": {"toRecipients": [PERSON], "attachments": [FILE]}}
PART = {"id": "1", "method": "GET", "url": "/me/messages?$top=1", "headers": {"a": "b"}}
# By the last part of a path.
CATEGORY = {"displayName": "c", "color": "preset1"}
OVERRIDE = {"classifyAs": "other", "senderEmailAddress": PERSON["emailAddress"]}
RULE = {
    "displayName": "r",
    "sequence": 2,
    "conditions": {"subjectContains": ["a"], "fromAddresses": [PERSON], "withinSizeRange": {"minimumSize": 1}},
    "actions": {"moveToFolder": "archive", "markAsRead": True, "forwardTo": [PERSON]},
}
EXTENSION = {"@odata.type": "microsoft.graph.openTypeExtension", "extensionName": "a", "b": [1, "c"]}
SUBSCRIPTION = {
    "changeType": "created",
    "notificationUrl": "http://hook.example/",
    "resource": "me/mailFolders('inbox')/messages",
    "expirationDateTime": "2026-06-01T10:00:00Z",
}
BODIES: dict[str, Any] = {
    "messages": MESSAGE,
    "{message}": {"isRead": True, "flag": MESSAGE["flag"], "categories": ["a"], "importance": "low"},
    "sendMail": {"message": MESSAGE, "saveToSentItems": "false"},
    **dict.fromkeys(("reply", "replyAll", "createReply", "createReplyAll"), ANSWER),
    **{name: {"comment": "c", "toRecipients": [PERSON]} for name in ("forward", "createForward")},
    **{name: {"destinationId": "archive"} for name in ("move", "copy")},
    "attachments": {"@odata.type": "#microsoft.graph.itemAttachment", "name": "i", "item": CONTACT},
    "createUploadSession": {"AttachmentItem": {"attachmentType": "file", "name": "f", "size": 4_000_000}},
    **{name: {"displayName": "f"} for name in ("mailFolders", "childFolders", "{folder}")},
    **dict.fromkeys(("messageRules", "{rule}"), RULE),
    "mailboxSettings": {
        "automaticRepliesSetting": {"status": "scheduled", "scheduledStartDateTime": TIME, "externalAudience": "all"},
        "workingHours": {"startTime": "08:00:00", "timeZone": {"name": "UTC"}},
        "language": {"locale": "de-DE"},
    },
    **dict.fromkeys(("masterCategories", "{category}"), CATEGORY),
    **dict.fromkeys(("overrides", "{override}"), OVERRIDE),
    "getMailTips": {"EmailAddresses": ["ben@contoso.com"], "MailTipsOptions": "automaticReplies,recipientScope"},
    **dict.fromkeys(("subscriptions", "{subscription}"), SUBSCRIPTION),
    **dict.fromkeys(("extensions", "{extension}"), EXTENSION),
    "translateExchangeIds": {"inputIds": ["a"], "sourceIdType": "restId", "targetIdType": "entryId"},
    **{key: {name: value for name, value in EVENT.items() if name != "isAllDay"} for key in ("events", "{event}")},
    **dict.fromkeys(("contacts", "{contact}"), CONTACT),
    **{key: {"comment": "c", "sendResponse": True} for key in ("accept", "decline", "tentativelyAccept")},
    "getSchedule": {"schedules": ["ben@contoso.com"], "startTime": TIME, "endTime": TIME},
    "findMeetingTimes": {"attendees": [PERSON], "meetingDuration": "PT1H", "timeConstraint": {"timeSlots": []}},
    **{key: {"name": "c", "color": "auto"} for key in ("calendars", "{calendar}", "calendar")},
    "calendarPermissions": {"emailAddress": PERSON["emailAddress"], "role": "read"},
    "$batch": {"requests": [PART, {**PART, "id": "2", "method": "PATCH", "body": {}, "dependsOn": ["1"]}]},
}
