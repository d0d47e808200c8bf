"""What of a message and of a folder can be filtered and sorted, and the SQL for it."""

from __future__ import annotations

from outlook_mcp.sandbox.query.entity import (
    Collection,
    EntityType,
    Property,
    number_property,
    time_property,
    truth_property,
)


def _recipients(column: str) -> Collection:
    return Collection(
        f"json_each(m.{column}) e",
        {
            "emailaddress/address": Property("json_extract(e.value, '$.address')"),
            "emailaddress/name": Property("json_extract(e.value, '$.name')"),
        },
    )


MESSAGE = EntityType(
    "message",
    {
        "subject": Property("m.subject"),
        "bodypreview": Property("m.preview"),
        "body/content": Property("(SELECT c.body FROM content c WHERE c.message = m.id)"),
        "receiveddatetime": time_property("m.received"),
        "sentdatetime": time_property("m.sent"),
        "createddatetime": time_property("m.created"),
        "lastmodifieddatetime": time_property("m.modified"),
        "isread": truth_property("m.is_read"),
        "isdraft": truth_property("m.is_draft"),
        "hasattachments": truth_property("m.has_attachments"),
        "isreadreceiptrequested": truth_property("m.read_receipt"),
        "isdeliveryreceiptrequested": truth_property("m.delivery_receipt"),
        "importance": Property("m.importance"),
        "inferenceclassification": Property("m.inference"),
        "flag/flagstatus": Property("m.flag_status"),
        "from/emailaddress/address": Property("m.from_address"),
        "from/emailaddress/name": Property("m.from_name"),
        "sender/emailaddress/address": Property("m.sender_address"),
        "sender/emailaddress/name": Property("m.sender_name"),
        "conversationid": Property("m.conversation"),
        "internetmessageid": Property("m.internet_message_id"),
        "parentfolderid": Property("m.folder", is_folder=True),
    },
    {
        "categories": Collection("json_each(m.categories) e", {"": Property("e.value")}),
        "torecipients": _recipients("to_recipients"),
        "ccrecipients": _recipients("cc_recipients"),
        "bccrecipients": _recipients("bcc_recipients"),
        "replyto": _recipients("reply_to"),
        "extensions": Collection(
            "(SELECT x.name AS id FROM extension x WHERE x.message = m.id"
            " UNION SELECT 'Microsoft.OutlookServices.OpenTypeExtension.' || x.name FROM extension x"
            " WHERE x.message = m.id) e",
            {"id": Property("e.id")},
        ),
        "singlevalueextendedproperties": Collection(
            "(SELECT p.id, p.value FROM extended_property p WHERE p.message = m.id) e",
            {"id": Property("e.id"), "value": Property("e.value")},
        ),
    },
    {
        "importance": frozenset({"low", "normal", "high"}),
        "flag/flagstatus": frozenset({"notflagged", "complete", "flagged"}),
        "inferenceclassification": frozenset({"focused", "other"}),
    },
)

FOLDER = EntityType(
    "mailFolder",
    {
        "displayname": Property("f.name"),
        "ishidden": truth_property("f.hidden"),
        "childfoldercount": number_property("(SELECT count(*) FROM folder c WHERE c.parent = f.id)"),
        "totalitemcount": number_property("(SELECT count(*) FROM message m WHERE m.folder = f.id)"),
        "unreaditemcount": number_property("(SELECT count(*) FROM message m WHERE m.folder = f.id AND m.is_read = 0)"),
    },
    {
        "singlevalueextendedproperties": Collection(
            "(SELECT p.id, p.value FROM folder_property p WHERE p.folder = f.id) e",
            {"id": Property("e.id"), "value": Property("e.value")},
        ),
    },
)
