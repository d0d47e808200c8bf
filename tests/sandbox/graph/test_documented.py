"""Requests and answers as Microsoft documents them; each docstring names the page."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from outlook_mcp.sandbox.message import Attachment
from outlook_mcp.sandbox.mime import build
from outlook_mcp.sandbox.store import Mailbox, MailStore, StoredMessage
from tests.sandbox.graph.conftest import ANNA, BEN, Client, mail

NOON = {"dateTime": "2026-05-01T12:00:00", "timeZone": "UTC"}
BEN_RECIPIENT = {"emailAddress": {"address": "ben@contoso.com"}}
COLOURS = "StringArray {66f5a359-4659-4830-9070-00049ec6ac6e} Name Palette"


async def test_a_boolean_may_be_written_as_a_string(anna: Client, store: MailStore, mailbox: Mailbox) -> None:
    """https://learn.microsoft.com/graph/api/user-sendmail, example 1: `"saveToSentItems": "false"`."""
    body = {"message": {"subject": "Lunch", "toRecipients": [BEN_RECIPIENT]}, "saveToSentItems": "false"}
    await anna.post("/me/sendMail", body, 202)
    await store.settled()
    assert mailbox.folders.by_name("sentitems").total == 0
    assert await anna.fails("PATCH", f"/me/messages/{mailbox.insert_message(mail()).id}", 400, json={"isRead": "yes"})


async def test_ids_of_a_batch_differ_without_case(anna: Client) -> None:
    """https://learn.microsoft.com/graph/json-batching: the id is not case-sensitive."""
    part = {"method": "GET", "url": "/me/mailFolders/inbox"}
    twice = {"requests": [{"id": "a", **part}, {"id": "A", **part}]}
    assert await anna.fails("POST", "/$batch", 400, json=twice) == "BadRequest"
    after = {"requests": [{"id": "First", **part}, {"id": "2", **part, "dependsOn": ["first"]}]}
    answers = (await anna.post("/$batch", after, 200))["responses"]
    assert {answer["id"]: answer["status"] for answer in answers} == {"First": 200, "2": 200}


async def test_a_due_date_needs_a_start_date(anna: Client, received: StoredMessage) -> None:
    """https://learn.microsoft.com/graph/api/resources/followupflag, dueDateTime: otherwise 400 Bad Request."""
    path = f"/me/messages/{received.id}"
    due: dict[str, Any] = {"flagStatus": "flagged", "dueDateTime": NOON}
    await anna.fails("PATCH", path, 400, json={"flag": due})
    answer = await anna.patch(path, {"flag": {**due, "startDateTime": NOON}})
    assert answer["flag"]["dueDateTime"] == NOON


async def test_the_preferred_time_zone_is_confirmed(anna: Client) -> None:
    """https://learn.microsoft.com/graph/api/user-list-events: Preference-Applied."""
    response = await anna.request("GET", "/me/messages", headers={"Prefer": 'outlook.timezone="Pacific Standard Time"'})
    assert response.headers["preference-applied"] == 'outlook.timezone="Pacific Standard Time"'


async def test_a_search_finds_a_thousand_messages(anna: Client, mailbox: Mailbox) -> None:
    """https://learn.microsoft.com/graph/search-query-parameter: up to 1,000 results."""
    mailbox.insert_many(mail(f"Report {number}") for number in range(1_010))
    found, page = 0, await anna.get('/me/messages?$search="report"&$top=500&$select=id')
    while True:
        found += len(page["value"])
        if "@odata.nextLink" not in page:
            break
        page = await anna.get(page["@odata.nextLink"])
    assert found == 1_000


@pytest.mark.parametrize("size", [4 * 1024 * 1024 + 1, 6_000_000])
async def test_a_body_above_4_mb_is_too_large(anna: Client, size: int) -> None:
    """https://learn.microsoft.com/graph/outlook-large-attachments: a POST is limited to 4 MB."""
    assert await anna.fails("POST", "/me/messages", 413, content=b" " * size) == "RequestEntityTooLarge"


async def test_a_message_deleted_twice_is_a_recoverable_item(anna: Client, mailbox: Mailbox) -> None:
    """https://learn.microsoft.com/graph/api/resources/mailfolder, recoverableitemsdeletions: soft-deleted items."""
    await anna.delete(f"/me/messages/{mailbox.insert_message(mail()).id}")
    (deleted,) = (await anna.get("/me/mailFolders/deleteditems/messages"))["value"]
    await anna.delete(f"/me/messages/{deleted['id']}")
    assert (await anna.get("/me/messages"))["value"] == []
    assert mailbox.count() == 1
    assert (await anna.get('/me/messages?$search="budget"'))["value"] == []
    (recoverable,) = (await anna.get("/me/mailFolders/recoverableitemsdeletions/messages"))["value"]
    await anna.delete(f"/me/messages/{recoverable['id']}")
    assert mailbox.count() == 0


@pytest.mark.parametrize("tag", ["Integer 0x0E08", "LONG 0xe08"])
async def test_the_size_of_a_message_is_read_by_its_tag(anna: Client, received: StoredMessage, tag: str) -> None:
    """https://learn.microsoft.com/graph/api/singlevaluelegacyextendedproperty-get; MS-OXPROPS, PidTagMessageSize."""
    path = f"/me/messages/{received.id}?$expand=singleValueExtendedProperties($filter=id eq '{tag}')"
    (found,) = (await anna.get(path))["singleValueExtendedProperties"]
    assert found == {"id": "Integer 0xe08", "value": str(received.row["size"])}


async def test_a_delta_round_expands_and_names_the_type(anna: Client, received: StoredMessage) -> None:
    """https://learn.microsoft.com/graph/api/message-delta: $select, $top and $expand are supported."""
    first = await anna.get("/me/mailFolders/inbox/messages/delta?$select=subject&$expand=attachments")
    assert first["value"][0]["@odata.type"] == "#microsoft.graph.message"
    assert first["value"][0]["attachments"] == []
    await anna.patch(f"/me/messages/{received.id}", {"isRead": True})
    (changed,) = (await anna.get(first["@odata.deltaLink"]))["value"]
    assert (changed["subject"], changed["attachments"]) == ("Budget", [])


async def test_a_delta_round_tells_one_kind_of_change(anna: Client, mailbox: Mailbox) -> None:
    """https://learn.microsoft.com/graph/api/message-delta, changeType: created, updated or deleted."""
    old, gone = mailbox.insert_message(mail("old")), mailbox.insert_message(mail("gone"))
    links = {
        kind: (await anna.get(f"/me/mailFolders/inbox/messages/delta?changeType={kind}"))["@odata.deltaLink"]
        for kind in ("created", "updated", "deleted")
    }
    mailbox.insert_message(mail("new"))
    await anna.patch(f"/me/messages/{old.id}", {"isRead": True})
    await anna.delete(f"/me/messages/{gone.id}")
    told = {kind: (await anna.get(link))["value"] for kind, link in links.items()}
    assert [message["subject"] for message in told["created"]] == ["new"]
    assert [message["subject"] for message in told["updated"]] == ["old"]
    assert [message["id"] for message in told["deleted"]] == [gone.id]
    await anna.fails("GET", "/me/mailFolders/inbox/messages/delta?changeType=moved", 400)


async def test_folders_have_delta_rounds(anna: Client, mailbox: Mailbox) -> None:
    """https://learn.microsoft.com/graph/api/mailfolder-delta, with odata.maxpagesize."""
    page = await anna.get("/me/mailFolders/delta", headers={"Prefer": "odata.maxpagesize=2"})
    assert len(page["value"]) == 2
    while "@odata.nextLink" in page:
        page = await anna.get(page["@odata.nextLink"])
    folder = await anna.post("/me/mailFolders", {"displayName": "New"})
    mailbox.insert_message(mail())
    changed = await anna.get(page["@odata.deltaLink"])
    assert {folder["displayName"] for folder in changed["value"]} == {"New", "Inbox"}
    await anna.post(f"/me/mailFolders/{folder['id']}/permanentDelete", status=204)
    again = await anna.get(changed["@odata.deltaLink"])
    assert again["value"] == [
        {"@odata.type": "#microsoft.graph.mailFolder", "@removed": {"reason": "deleted"}, "id": folder["id"]}
    ]


async def test_a_folder_is_copied_with_what_is_in_it(anna: Client, mailbox: Mailbox) -> None:
    """https://learn.microsoft.com/graph/api/mailfolder-copy: 201 Created and the new folder."""
    folder = await anna.post("/me/mailFolders", {"displayName": "Trip"})
    await anna.post(f"/me/mailFolders/{folder['id']}/childFolders", {"displayName": "Tickets"})
    mailbox.insert_message(mail("Train"), "Trip/Tickets")
    copy = await anna.post(f"/me/mailFolders/{folder['id']}/copy", {"destinationId": "archive"}, status=200)
    assert (copy["displayName"], copy["childFolderCount"]) == ("Trip", 1)
    assert copy["id"] != folder["id"]
    (tickets,) = (await anna.get(f"/me/mailFolders/{copy['id']}/childFolders"))["value"]
    assert tickets["totalItemCount"] == 1
    await anna.fails("POST", f"/me/mailFolders/{folder['id']}/copy", 409, json={"destinationId": "archive"})
    await anna.fails("POST", f"/me/mailFolders/{folder['id']}/copy", 403, json={"destinationId": folder["id"]})


async def test_a_property_the_directory_does_not_know_is_null(anna: Client) -> None:
    """https://learn.microsoft.com/graph/api/user-get, example 4: $select of properties not returned by default."""
    found = await anna.get("/me?$select=department,displayName,otherMails")
    assert {name: found[name] for name in ("department", "displayName", "otherMails")} == {
        "department": None,
        "displayName": "Anna Berg",
        "otherMails": [],
    }
    assert await anna.fails("GET", "/me?$select=shoeSize", 400)


async def test_a_colleagues_profile_needs_a_permission_of_its_own(anna: Client) -> None:
    """https://learn.microsoft.com/graph/permissions-reference, User.ReadBasic.All: a basic set of properties."""
    assert await anna.fails("GET", f"/users/{BEN}", 403) == "Authorization_RequestDenied"
    reader = dataclasses.replace(anna, scopes=("User.ReadBasic.All",))
    ben = await reader.get("/users/ben@contoso.com")
    assert (ben["id"], ben["displayName"], ben["mail"]) == (BEN, "Ben Cole", "ben@contoso.com")
    assert "jobTitle" not in ben
    assert "jobTitle" in await reader.get(f"/users/{ANNA}")
    assert await reader.fails("GET", "/users/carla@fabrikam.com", 404) == "Request_ResourceNotFound"
    assert await reader.fails("GET", f"/users/{BEN}/messages", 403) == "ErrorAccessDenied"


async def test_an_attached_message_is_expanded_with_its_properties(anna: Client, mailbox: Mailbox) -> None:
    """https://learn.microsoft.com/graph/api/attachment-get, example 3: these names, and an empty id."""
    inner = build(
        mail("Reminder", internet_message_id="<1@x.example>", attachments=[Attachment("a", "text/plain", b"a")])
    )
    stored = mailbox.insert_message(mail(attachments=[Attachment("Reminder", "message/rfc822", inner, kind="item")]))
    path = f"/me/messages/{stored.id}/attachments?$expand=microsoft.graph.itemattachment/item"
    (attachment,) = (await anna.get(path))["value"]
    item = attachment["item"]
    assert (item["id"], item["subject"], item["internetMessageId"]) == ("", "Reminder", "<1@x.example>")
    assert (item["hasAttachments"], item["importance"], item["isDraft"]) == (True, "normal", False)
    assert item["sender"] == item["from"] == {"emailAddress": {"name": "Dora Ek", "address": "dora@example.org"}}
    assert item.keys() >= {
        *("createdDateTime", "lastModifiedDateTime", "receivedDateTime", "sentDateTime", "conversationId"),
        *("conversationIndex", "isDeliveryReceiptRequested", "isReadReceiptRequested", "isRead", "webLink", "body"),
        *("toRecipients", "ccRecipients"),
    }
