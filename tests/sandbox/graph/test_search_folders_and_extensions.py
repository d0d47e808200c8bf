"""Search folders, open extensions, and the changes of folders below a folder."""

from __future__ import annotations

from typing import Any

import pytest

from outlook_mcp.sandbox.store import Mailbox, StoredMessage
from tests.sandbox.graph.conftest import Client, mail

SEARCHES = "/me/mailFolders/searchfolders/childFolders"
REFERRAL = {
    "@odata.type": "microsoft.graph.openTypeExtension",
    "extensionName": "Com.Contoso.Referral",
    "companyName": "Wingtip Toys",
    "topPicks": ["Budget", "Family"],
    "dealValue": 500_050,
}
FULL_ID = "Microsoft.OutlookServices.OpenTypeExtension.Com.Contoso.Referral"


def search(*sources: str, query: str = "contains(subject, 'digest')", **more: Any) -> dict[str, Any]:
    kind = "microsoft.graph.mailSearchFolder"
    return {"@odata.type": kind, "displayName": "Digests", "sourceFolderIds": sources, "filterQuery": query, **more}


async def subjects(client: Client, folder: str, query: str = "") -> list[str]:
    found = (await client.get(f"/me/mailFolders/{folder}/messages?$select=subject{query}"))["value"]
    return sorted(message["subject"] for message in found)


async def test_a_search_folder_shows_what_fits_wherever_it_is(anna: Client, mailbox: Mailbox) -> None:
    made = await anna.post(SEARCHES, search("inbox", includeNestedFolders=True))
    inbox = mailbox.folders.by_name("inbox").id
    assert made["@odata.type"] == "#microsoft.graph.mailSearchFolder"
    assert (made["isSupported"], made["sourceFolderIds"], made["totalItemCount"]) == (True, [inbox], 0)
    inside = mailbox.insert_message(mail("Weekly digest"))
    mailbox.insert_message(mail("Daily digest", is_read=True), "inbox/Below")
    other = mailbox.insert_message(mail("Other"))
    mailbox.insert_message(mail("Old digest"), "archive")
    path = f"/me/mailFolders/{made['id']}"
    assert await subjects(anna, made["id"]) == ["Daily digest", "Weekly digest"]
    assert await subjects(anna, made["id"], "&$filter=isRead eq false") == ["Weekly digest"]
    assert (await anna.request("GET", f"{path}/messages/$count")).text == "2"
    counted = await anna.get(path)
    assert (counted["totalItemCount"], counted["unreadItemCount"]) == (2, 1)
    assert (await anna.get(f"{path}/messages/{inside.id}"))["parentFolderId"] == inbox
    assert await anna.fails("GET", f"{path}/messages/{other.id}", 404) == "ErrorItemNotFound"


async def test_a_search_folder_is_changed_and_its_messages_stay_when_it_goes(anna: Client, mailbox: Mailbox) -> None:
    mailbox.insert_message(mail("Weekly digest"))
    mailbox.insert_message(mail("Report"), "archive")
    made = await anna.post(SEARCHES, search("inbox"))
    path = f"/me/mailFolders/{made['id']}"
    changes = {"displayName": "Reports", "filterQuery": "subject eq 'Report'", "sourceFolderIds": ["archive"]}
    changed = await anna.patch(path, changes)
    assert (changed["displayName"], changed["filterQuery"], changed["totalItemCount"]) == (
        "Reports",
        changes["filterQuery"],
        1,
    )
    await anna.post(f"{path}/permanentDelete", status=204)
    assert mailbox.count() == 2


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (search(), "RequestBodyRead"),
        (search("inbox", query=""), "RequestBodyRead"),
        (search("inbox", query="colour eq 'red'"), "RequestBroker--ParseUri"),
        (search("nowhere"), "ErrorInvalidIdMalformed"),
        ({"displayName": "Plain", "filterQuery": "isRead eq true"}, "BadRequest"),
    ],
)
async def test_a_search_that_cannot_be_is_refused(anna: Client, body: dict[str, Any], code: str) -> None:
    assert await anna.fails("POST", SEARCHES, 400, json=body) == code


async def test_nothing_is_put_into_a_search_folder_or_tracked_there(anna: Client, received: StoredMessage) -> None:
    made = await anna.post(SEARCHES, search("inbox"))
    path = f"/me/mailFolders/{made['id']}"
    move = {"destinationId": made["id"]}
    assert await anna.fails("POST", f"/me/messages/{received.id}/move", 400, json=move) == "ErrorInvalidRequest"
    assert await anna.fails("POST", f"{path}/messages", 400, json={"subject": "x"}) == "ErrorInvalidRequest"
    assert await anna.fails("POST", SEARCHES, 400, json=search(made["id"], displayName="Two")) == "ErrorInvalidRequest"
    assert await anna.fails("GET", f"{path}/messages/delta", 501) == "NotImitated"


async def test_an_extension_is_made_read_changed_and_deleted(anna: Client, received: StoredMessage) -> None:
    path = f"/me/messages/{received.id}/extensions"
    made = await anna.post(path, REFERRAL)
    assert (made["id"], made["topPicks"], made["dealValue"]) == (FULL_ID, ["Budget", "Family"], 500_050)
    assert await anna.fails("POST", path, 409, json=REFERRAL) == "NameAlreadyExists"
    changed = await anna.patch(f"{path}/com.contoso.referral", {"dealValue": 1, "companyName": None, "new": True})
    assert ("companyName" in changed, changed["dealValue"], changed["new"]) == (False, 1, True)
    assert (await anna.get(f"{path}/{FULL_ID}"))["topPicks"] == ["Budget", "Family"]
    assert [found["extensionName"] for found in (await anna.get(path))["value"]] == ["Com.Contoso.Referral"]
    await anna.delete(f"{path}/{FULL_ID}")
    assert (await anna.request("GET", f"{path}/$count")).text == "0"
    assert await anna.fails("GET", f"{path}/{FULL_ID}", 404) == "ErrorItemNotFound"
    for wrong in ({"extensionName": ""}, {**REFERRAL, "nested": {"a": 1}}, {**REFERRAL, "@odata.type": "x"}):
        await anna.fails("POST", path, 400, json=wrong)


async def test_messages_are_made_found_copied_and_shown_with_their_extensions(anna: Client) -> None:
    draft = await anna.post("/me/messages", {"subject": "Made", "extensions": [REFERRAL]})
    await anna.post("/me/messages", {"subject": "Plain"})
    copy = await anna.post(f"/me/messages/{draft['id']}/copy", {"destinationId": "archive"})
    expand = f"$expand=extensions($filter=id eq '{REFERRAL['extensionName']}')"
    shown = await anna.get(f"/me/messages/{copy['id']}?{expand}")
    assert [found["companyName"] for found in shown["extensions"]] == ["Wingtip Toys"]
    filtered = f"$filter=Extensions/any(f:f/id eq '{FULL_ID}')&$expand=extensions"
    found = (await anna.get(f"/me/messages?{filtered}"))["value"]
    assert [(message["subject"], len(message["extensions"])) for message in found] == [("Made", 1)] * 2


async def test_changes_of_folders_below_a_folder_are_told(anna: Client, mailbox: Mailbox) -> None:
    mailbox.ensure_folder("inbox/One/Two")
    first = await anna.get("/me/mailFolders/inbox/childFolders/delta")
    assert [folder["displayName"] for folder in first["value"]] == ["One"]
    three = mailbox.ensure_folder("inbox/Three")
    second = await anna.get(first["@odata.deltaLink"])
    assert [folder["displayName"] for folder in second["value"]] == ["Three"]
    mailbox.delete_folder(three)
    assert (await anna.get(second["@odata.deltaLink"]))["value"][0]["@removed"] == {"reason": "deleted"}
