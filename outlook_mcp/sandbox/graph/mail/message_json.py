"""A stored message as the JSON of microsoft.graph.message."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from outlook_mcp.sandbox.graph.core.call import etag_of
from outlook_mcp.sandbox.graph.mail.call import MailCall
from outlook_mcp.sandbox.graph.mail.invitation import MEETING_PROPERTIES, is_out_of_date, meeting_properties
from outlook_mcp.sandbox.message import Address
from outlook_mcp.sandbox.mime import build, parse
from outlook_mcp.sandbox.mime.documents import as_text, document, new_part, without_active_content
from outlook_mcp.sandbox.query.options import select_of
from outlook_mcp.sandbox.store import StoredMessage
from outlook_mcp.sandbox.store.mail.delegated import MEETING_TYPE, OWNERS_COPY, REPRESENTED
from outlook_mcp.sandbox.store.mail.rows import load_addresses, one_address

# Not returned to a token with Mail.ReadBasic only.
WITHHELD = frozenset({"body", "bodyPreview", "uniqueBody"})
# Returned only when $select names them.
ON_REQUEST = frozenset({"uniqueBody", "internetMessageHeaders"})


def transport_headers(call: MailCall, stored: StoredMessage) -> list[tuple[str, str]]:
    """The header fields the message arrived with; none of a draft that has no own ones."""
    kept = json.loads(call.mailbox.messages.content(stored)["headers"])
    if not kept and not stored.is_draft:
        kept = parse(build(call.mailbox.messages.load_message(stored))).headers
    return [(name, value) for name, value in kept]


class _View:
    """One message with the preferences of one call; its content is read once, and only when needed."""

    def __init__(self, call: MailCall, stored: StoredMessage) -> None:
        self.call, self.stored, self.row = call, stored, stored.row
        self._content: Mapping[str, Any] | None = None

    @property
    def content(self) -> Mapping[str, Any]:
        if self._content is None:
            self._content = self.call.mailbox.messages.content(self.stored)
        return self._content

    def body(self) -> dict[str, str]:
        return self._item_body(self.content["body"])

    def unique_body(self) -> dict[str, str]:
        return self._item_body(new_part(self.content["body"], self.content["body_type"]))

    def _item_body(self, body: str) -> dict[str, str]:
        body_type = self.content["body_type"]
        if self.call.prefer.text_body:
            return {"contentType": "text", "content": as_text(body, body_type)}
        html = document(body, body_type)
        return {
            "contentType": "html",
            "content": html if self.call.prefer.unsafe_html else without_active_content(html),
        }

    def headers(self) -> list[dict[str, str]]:
        return [{"name": name, "value": value} for name, value in transport_headers(self.call, self.stored)]

    def recipients(self, column: str) -> list[dict[str, Any]]:
        return [recipient(person) for person in load_addresses(self.row[column])]

    def person(self, role: str) -> dict[str, Any] | None:
        person = one_address(self.row, role)
        return None if person is None else recipient(person)


_PROPERTIES: dict[str, Callable[[_View], Any]] = {
    "id": lambda v: v.call.id_of(v.stored),
    "createdDateTime": lambda v: v.row["created"],
    "lastModifiedDateTime": lambda v: v.row["modified"],
    "changeKey": lambda v: v.stored.change_key,
    "categories": lambda v: json.loads(v.row["categories"]),
    "receivedDateTime": lambda v: v.row["received"],
    "sentDateTime": lambda v: v.row["sent"],
    "hasAttachments": lambda v: bool(v.row["has_attachments"]),
    "internetMessageId": lambda v: v.row["internet_message_id"],
    "subject": lambda v: v.row["subject"],
    "bodyPreview": lambda v: v.row["preview"],
    "importance": lambda v: v.row["importance"],
    "parentFolderId": lambda v: v.stored.folder_id,
    "conversationId": lambda v: v.stored.conversation_id,
    "conversationIndex": lambda v: base64.b64encode(v.row["conversation_index"]).decode("ascii"),
    "isDeliveryReceiptRequested": lambda v: bool(v.row["delivery_receipt"]),
    "isReadReceiptRequested": lambda v: bool(v.row["read_receipt"]),
    "isRead": lambda v: bool(v.row["is_read"]),
    "isDraft": lambda v: v.stored.is_draft,
    "webLink": lambda v: _web_link(v.stored),
    "inferenceClassification": lambda v: v.row["inference"],
    "internetMessageHeaders": _View.headers,
    "body": _View.body,
    "uniqueBody": _View.unique_body,
    "sender": lambda v: v.person("sender"),
    "from": lambda v: v.person("from"),
    "toRecipients": lambda v: v.recipients("to_recipients"),
    "ccRecipients": lambda v: v.recipients("cc_recipients"),
    "bccRecipients": lambda v: v.recipients("bcc_recipients"),
    "replyTo": lambda v: v.recipients("reply_to"),
    "flag": lambda v: {"flagStatus": v.row["flag_status"], **json.loads(v.row["flag"])},
}
MESSAGE_PROPERTIES = tuple(_PROPERTIES)
_DERIVED = re.compile(r"microsoft\.graph\.eventMessage(?:Request|Response)?/", re.IGNORECASE)


def selected_properties(call: MailCall) -> frozenset[str] | None:
    """The names in $select, None for all; those of meeting messages are written with their type in front.

    As in `microsoft.graph.eventMessage/startDateTime`. Raises QueryError for an unknown name.
    """
    names = call.options.select
    if names is None:
        return None
    derived = [name for name in names if _DERIVED.match(name)]
    plain = select_of([name for name in names if name not in derived], MESSAGE_PROPERTIES, "message")
    short = [name.rpartition("/")[2] for name in derived]
    return None if plain is None else plain | (select_of(short, MEETING_PROPERTIES, "eventMessage") or frozenset())


def message_json(call: MailCall, stored: StoredMessage, select: frozenset[str] | None = None) -> dict[str, Any]:
    """`select` None gives all but ON_REQUEST; id and @odata.etag are always there."""
    view = _View(call, stored)
    wanted = frozenset(_PROPERTIES) - ON_REQUEST if select is None else select | {"id"}
    if call.basic_only:
        wanted -= WITHHELD
    answer: dict[str, Any] = {"@odata.etag": etag_of(stored)}
    if stored.row["item_type"] != "message":
        answer["@odata.type"] = f"#microsoft.graph.{stored.row['item_type']}"
        if select is None or not select.isdisjoint(MEETING_PROPERTIES):
            of_meeting = {
                **meeting_properties(view.content["calendar"], call.prefer.time_zone),
                "isOutOfDate": is_out_of_date(call, view.content["calendar"]),
            }
            kept = dict(call.mailbox.messages.extended([stored.key]).get(stored.key, ()))
            of_meeting["isDelegated"] = REPRESENTED in kept
            if kept.get(MEETING_TYPE) == OWNERS_COPY and "meetingRequestType" in of_meeting:
                of_meeting["meetingRequestType"] = "principalWantsCopy"
            answer |= {name: value for name, value in of_meeting.items() if select is None or name in select}
    for name, read in _PROPERTIES.items():
        if name in wanted:
            value = read(view)
            # Exchange leaves out a missing sender instead of returning null.
            if value is not None:
                answer[name] = value
    return answer


def recipient(person: Address) -> dict[str, Any]:
    return {"emailAddress": {"name": person.name or person.address, "address": person.address}}


def _web_link(stored: StoredMessage) -> str:
    item = quote(stored.id, safe="")
    return f"https://outlook.office365.com/owa/?ItemID={item}&exvsurl=1&viewmodel=ReadMessageItem"
