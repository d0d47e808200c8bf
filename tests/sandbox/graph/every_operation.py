"""Drives every operation of the sandbox on mail, for the check of all answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from outlook_mcp.sandbox.message import Address, Attachment
from outlook_mcp.sandbox.mime import build
from outlook_mcp.sandbox.store import Mailbox
from tests.sandbox.graph.conftest import Client, mail
from tests.sandbox.graph.receiver import receiving

BEN_RECIPIENT = {"emailAddress": {"address": "ben@contoso.com"}}
FILE = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "YQ=="}
NEW_YEAR = {"dateTime": "2026-01-01T00:00:00", "timeZone": "UTC"}
NEW_YEAR_2027 = {"dateTime": "2027-01-01T00:00:00", "timeZone": "W. Europe Standard Time"}
TICKET = "String {00020329-0000-0000-c000-000000000046} Name Ticket"


def rich_message(mailbox: Mailbox) -> str:
    """One message with everything a message can have."""
    event = "BEGIN:VEVENT\r\nDTSTART:20260301T090000Z\r\nLOCATION:Here\r\nEND:VEVENT\r\n"
    calendar = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n" + event
    attachments = [
        Attachment("a.txt", "text/plain", b"a"),
        Attachment("logo.png", "image/png", b"p", is_inline=True, content_id="logo"),
        Attachment("Inner", "message/rfc822", build(mail("Inner")), kind="item"),
        Attachment("link", "message/external-body", b"", kind="reference", source_url="https://x.example/a"),
    ]
    people = [Address("anna@contoso.com", "Anna"), Address("zoë@exämple.org", "Zoë 東京")]
    message = mail(
        attachments=attachments,
        calendar=calendar,
        cc=people,
        reply_to=people,
        categories=["Red category"],
        importance="high",
        flag_status="flagged",
        headers=[("X-A", "ü")],
    )
    return mailbox.insert_message(message).id


async def read_everything(anna: Client, message: str) -> None:
    path = f"/me/messages/{message}"
    await anna.get("/me")
    await anna.get("/me?$select=displayName,proxyAddresses")
    await anna.get("/me/mailboxSettings")
    await anna.get("/me/mailboxSettings/workingHours")
    (category, *_) = (await anna.get("/me/outlook/masterCategories"))["value"]
    await anna.get(f"/me/outlook/masterCategories/{category['id']}")
    await anna.get("/me/messages?$count=true&$top=1&$select=subject,flag,uniqueBody,internetMessageHeaders")
    await anna.get('/me/messages?$search="numbers"&$expand=attachments')
    await anna.get("/me/mailFolders('inbox')/messages?$filter=importance eq 'high'")
    await anna.request("GET", "/me/messages/$count")
    page = await anna.get("/me/mailFolders/inbox/messages/delta", headers={"Prefer": "odata.maxpagesize=1"})
    await anna.get(page.get("@odata.nextLink") or page["@odata.deltaLink"])
    await anna.get(path, headers={"Prefer": 'IdType="ImmutableId", outlook.body-content-type="text"'})
    await anna.get(f"{path}?$expand=microsoft.graph.eventMessage/event")
    await anna.get(f"{path}?$expand=attachments,singleValueExtendedProperties($filter=id eq '{TICKET}')")
    await anna.request("GET", f"{path}/$value")
    attachments = await anna.get(f"{path}/attachments?$expand=microsoft.graph.itemattachment/item&$count=true")
    await anna.request("GET", f"{path}/attachments/$count")
    for attachment in attachments["value"]:
        await anna.get(f"{path}/attachments/{attachment['id']}")
    await anna.request("GET", f"{path}/attachments/{attachments['value'][0]['id']}/$value")
    ids = {"inputIds": [message, "x"], "sourceIdType": "restId", "targetIdType": "ewsId"}
    await anna.post("/me/translateExchangeIds", ids, 200)


async def change_messages(anna: Client, message: str) -> None:
    path = f"/me/messages/{message}"
    await anna.patch(
        path,
        {
            "isRead": True,
            "flag": {"flagStatus": "flagged", "startDateTime": NEW_YEAR, "dueDateTime": NEW_YEAR},
        },
    )
    await anna.post(f"{path}/attachments", FILE)
    item = {"attachmentType": "file", "name": "b", "size": 4_000_000}
    await anna.post(f"{path}/attachments/createUploadSession", {"AttachmentItem": item})
    await anna.post(f"{path}/copy", {"destinationId": "archive"})
    fields = {"subject": "x", "attachments": [FILE], "singleValueExtendedProperties": [{"id": TICKET, "value": "1"}]}
    draft = await anna.post("/me/messages", {**fields, "toRecipients": [BEN_RECIPIENT]})
    added = (await anna.get(f"/me/messages/{draft['id']}/attachments"))["value"][0]
    await anna.delete(f"/me/messages/{draft['id']}/attachments/{added['id']}")
    await anna.get(f"/me/messages/{draft['id']}?$expand=singleValueExtendedProperties($filter=id eq '{TICKET}')")
    await anna.post(f"/me/messages/{draft['id']}/send", status=202)
    await anna.post("/me/sendMail", {"message": {"toRecipients": [BEN_RECIPIENT]}}, 202)
    for action in ("createReply", "createReplyAll", "createForward"):
        await anna.post(f"{path}/{action}", {"comment": "x"})
    for action in ("reply", "replyAll", "forward"):
        await anna.post(f"{path}/{action}", {"message": {"toRecipients": [BEN_RECIPIENT]}}, 202)
    moved = await anna.post(f"{path}/move", {"destinationId": "archive"})
    await anna.delete(f"/me/messages/{moved['id']}")
    (deleted,) = (await anna.get("/me/mailFolders/deleteditems/messages"))["value"]
    await anna.post(f"/me/messages/{deleted['id']}/permanentDelete", status=204)


async def change_folders(anna: Client) -> None:
    folder = await anna.post("/me/mailFolders", {"displayName": "One"})
    path = f"/me/mailFolders/{folder['id']}"
    child = await anna.post(f"{path}/childFolders", {"displayName": "Two"})
    await anna.get("/me/mailFolders?$count=true&$top=2&$expand=childFolders")
    await anna.request("GET", "/me/mailFolders/$count")
    await anna.get(f"{path}/childFolders?$select=displayName")
    await anna.request("GET", f"{path}/childFolders/$count")
    await anna.get(path)
    await anna.get("/me/mailFolders/delta")
    await anna.post(f"{path}/copy", {"destinationId": "archive"}, status=200)
    await anna.patch(path, {"displayName": "Three"})
    await anna.post(f"/me/mailFolders/{child['id']}/move", {"destinationId": "inbox"}, status=200)
    await anna.post(f"/me/mailFolders/{child['id']}/permanentDelete", status=204)
    await anna.delete(path)


async def change_rules(anna: Client) -> None:
    rules = "/me/mailFolders/inbox/messageRules"
    conditions = {"senderContains": ["dora"], "withinSizeRange": {"minimumSize": 1, "maximumSize": 9}}
    actions = {"moveToFolder": "archive", "forwardTo": [BEN_RECIPIENT], "stopProcessingRules": True}
    rule = {"displayName": "x", "conditions": conditions, "exceptions": conditions, "actions": actions}
    made = await anna.post(rules, {**rule, "isEnabled": False})
    await anna.get(f"{rules}?$count=true&$top=1&$select=displayName")
    await anna.request("GET", f"{rules}/$count")
    await anna.get(f"{rules}/{made['id']}")
    await anna.patch(f"{rules}/{made['id']}", {"sequence": 4})
    await anna.delete(f"{rules}/{made['id']}")


async def change_settings(anna: Client) -> None:
    replies = {"status": "scheduled", "scheduledStartDateTime": NEW_YEAR, "scheduledEndDateTime": NEW_YEAR_2027}
    hours = {"daysOfWeek": ["monday"], "startTime": "09:00:00", "timeZone": {"name": "Pacific Standard Time"}}
    await anna.patch("/me/mailboxSettings", {"automaticRepliesSetting": replies, "workingHours": hours})
    await anna.get("/me/outlook")
    await anna.get("/me/outlook/supportedLanguages?$top=3")
    await anna.get("/me/outlook/supportedTimeZones?$count=true")
    await anna.get("/me/outlook/supportedTimeZones(TimeZoneStandard=microsoft.graph.timeZoneStandard'Iana')")
    tips = "automaticReplies,mailboxFullStatus,customMailTip,externalMemberCount,totalMemberCount,maxMessageSize"
    tips += ",deliveryRestriction,moderationStatus,recipientScope,recipientSuggestions"
    people = ["anna@contoso.com", "nobody@contoso.com", "dora@example.org", "x"]
    await anna.post("/me/getMailTips", {"EmailAddresses": people, "MailTipsOptions": tips}, 200)
    categories = "/me/outlook/masterCategories"
    made = await anna.post(categories, {"displayName": "Travel", "color": "preset9"})
    await anna.request("GET", f"{categories}/$count")
    await anna.patch(f"{categories}/{made['id']}", {"color": "none"})
    await anna.delete(f"{categories}/{made['id']}")
    await anna.get("/me/inferenceClassification?$expand=overrides")
    await anna.patch("/me/inferenceClassification", {})
    overrides = "/me/inferenceClassification/overrides"
    sender = {"name": "Dora Ek", "address": "dora@example.org"}
    override = await anna.post(overrides, {"classifyAs": "focused", "senderEmailAddress": sender})
    await anna.get(overrides)
    await anna.request("GET", f"{overrides}/$count")
    await anna.get(f"{overrides}/{override['id']}")
    await anna.patch(f"{overrides}/{override['id']}", {"classifyAs": "other"})
    await anna.delete(f"{overrides}/{override['id']}")


async def extend(anna: Client, message: str) -> None:
    path = f"/me/messages/{message}/extensions"
    made = await anna.post(path, {"extensionName": "Com.Contoso.A", "a": 1})
    await anna.get(path)
    await anna.request("GET", f"{path}/$count")
    await anna.get(f"{path}/{made['id']}")
    await anna.patch(f"{path}/{made['id']}", {"a": 2})
    await anna.get(f"/me/messages/{message}?$expand=extensions")
    await anna.delete(f"{path}/{made['id']}")
    search = {"displayName": "S", "filterQuery": "isRead eq true", "sourceFolderIds": ["inbox"]}
    kind = {"@odata.type": "microsoft.graph.mailSearchFolder"}
    folder = await anna.post("/me/mailFolders/searchfolders/childFolders", {**kind, **search})
    await anna.get(f"/me/mailFolders/{folder['id']}/messages")
    await anna.get("/me/mailFolders/searchfolders/childFolders/delta")


async def subscribe(anna: Client) -> None:
    async with receiving() as receiver:
        expires = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        order = {"changeType": "updated", "notificationUrl": receiver.url, "resource": "me/messages"}
        made = await anna.post("/subscriptions", {**order, "expirationDateTime": expires})
    path = f"/subscriptions/{made['id']}"
    await anna.get("/subscriptions")
    await anna.get(path)
    await anna.patch(path, {"expirationDateTime": expires})
    await anna.post(f"{path}/reauthorize", status=204)
    await anna.delete(path)


async def fail_in_every_way(anna: Client, message: str) -> None:
    for method, path in (
        ("GET", "/me/nonsense"),
        ("GET", "/me/messages/x"),
        ("GET", "/me/messages?$filter=x eq 1"),
        ("PATCH", f"/me/messages/{message}"),
        ("PUT", "/me"),
        ("GET", "/users/nobody@contoso.com"),
        ("POST", "/$batch"),
    ):
        assert (await anna.request(method, path, content=b"{")).status_code >= 400
    parts = [{"id": "1", "method": "GET", "url": "/me/messages"}, {"id": "2", "method": "GET", "url": "/me/x"}]
    await anna.post("/$batch", {"requests": parts}, 200)


async def drive_every_operation(anna: Client, mailbox: Mailbox) -> None:
    """All of them once; what is sent may still be in the Outbox."""
    message = rich_message(mailbox)
    await fail_in_every_way(anna, message)
    await read_everything(anna, message)
    await extend(anna, message)
    await change_messages(anna, message)
    await change_folders(anna)
    await change_rules(anna)
    await subscribe(anna)
    await change_settings(anna)


async def upload_a_file(anna: Client, uploads: httpx.AsyncClient, mailbox: Mailbox) -> list[httpx.Response]:
    """Each answer of the other origin, the last one without a body."""
    message = mailbox.insert_message(mail()).id
    item = {"attachmentType": "file", "name": "b", "size": 3_200_000}
    opened = await anna.post(f"/me/messages/{message}/attachments/createUploadSession", {"AttachmentItem": item})
    url = opened["uploadUrl"]
    first: dict[str, Any] = {"content": bytes(2_000_000), "headers": {"Content-Range": "bytes 0-1999999/3200000"}}
    last: dict[str, Any] = {"content": bytes(1_200_000), "headers": {"Content-Range": "bytes 2000000-3199999/3200000"}}
    return [
        await uploads.put(url, content=b"a"),
        await uploads.put(url, **first),
        await uploads.get(url),
        await uploads.put(url, **first),
        await uploads.get(url.partition("?")[0]),
        await uploads.put(url, **last),
        await uploads.get(url),
    ]
