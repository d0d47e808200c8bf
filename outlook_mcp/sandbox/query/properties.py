"""What can be filtered and sorted, and where it stands in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from outlook_mcp.sandbox.query.odata import Kind


@dataclass(frozen=True, slots=True)
class Property:
    """`is_folder`: the literal is a folder id and the column holds its row."""

    sql: str
    kind: Kind = "Edm.String"
    is_folder: bool = False


@dataclass(frozen=True, slots=True)
class Collection:
    """`source` is a FROM clause whose rows are the members."""

    source: str
    members: Mapping[str, Property]


@dataclass(frozen=True, slots=True)
class EntityType:
    """Names are lower case; `enumerations` hold the literals that are allowed."""

    name: str
    properties: Mapping[str, Property]
    collections: Mapping[str, Collection] = field(default_factory=dict)
    enumerations: Mapping[str, frozenset[str]] = field(default_factory=dict)


def _time(sql: str) -> Property:
    return Property(sql, "Edm.DateTimeOffset")


def _truth(sql: str) -> Property:
    return Property(sql, "Edm.Boolean")


def _number(sql: str) -> Property:
    return Property(sql, "Edm.Int32")


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
        "receiveddatetime": _time("m.received"),
        "sentdatetime": _time("m.sent"),
        "createddatetime": _time("m.created"),
        "lastmodifieddatetime": _time("m.modified"),
        "isread": _truth("m.is_read"),
        "isdraft": _truth("m.is_draft"),
        "hasattachments": _truth("m.has_attachments"),
        "isreadreceiptrequested": _truth("m.read_receipt"),
        "isdeliveryreceiptrequested": _truth("m.delivery_receipt"),
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
        "ishidden": _truth("f.hidden"),
        "childfoldercount": _number("(SELECT count(*) FROM folder c WHERE c.parent = f.id)"),
        "totalitemcount": _number("(SELECT count(*) FROM message m WHERE m.folder = f.id)"),
        "unreaditemcount": _number("(SELECT count(*) FROM message m WHERE m.folder = f.id AND m.is_read = 0)"),
    },
)
