from __future__ import annotations

import pytest

from outlook_mcp.sandbox.store import Mailbox, MailStore
from tests.sandbox.graph.conftest import TENANT, Client, mail

VISIBLE = ["Archive", "Conversation History", "Deleted Items", "Drafts", "Inbox", "Junk Email", "Outbox", "Sent Items"]


async def names(client: Client, path: str) -> list[str]:
    return [folder["displayName"] for folder in (await client.get(path))["value"]]


async def test_the_list_is_the_visible_children_of_the_root(anna: Client) -> None:
    assert await names(anna, "/me/mailFolders") == VISIBLE
    everything = await names(anna, "/me/mailFolders?includeHiddenFolders=true&$top=50")
    assert set(everything) - set(VISIBLE) == {"Sync Issues"}
    root = await anna.get("/me/mailFolders/msgfolderroot")
    assert (await anna.get("/me/mailFolders/inbox"))["parentFolderId"] == root["id"]


async def test_folders_are_paged_filtered_and_counted(anna: Client) -> None:
    page = await anna.get("/me/mailFolders?$top=5&$count=true&$select=displayName")
    assert page["@odata.count"] == len(VISIBLE)
    assert [folder.keys() for folder in page["value"]] == [{"id", "displayName"}] * 5
    assert await names(anna, page["@odata.nextLink"]) == VISIBLE[5:]
    assert await names(anna, "/me/mailFolders?$filter=displayName eq 'inbox'") == ["Inbox"]
    assert (await anna.request("GET", "/me/mailFolders/$count")).text == str(len(VISIBLE))


async def test_a_folder_counts_its_messages(anna: Client, mailbox: Mailbox) -> None:
    mailbox.insert_message(mail())
    mailbox.insert_message(mail(is_read=True))
    inbox = await anna.get("/me/mailFolders/Inbox")
    assert (inbox["totalItemCount"], inbox["unreadItemCount"]) == (2, 1)


async def test_folders_are_made_renamed_moved_and_found_below_each_other(anna: Client) -> None:
    projects = await anna.post("/me/mailFolders", {"displayName": "Projects"})
    acme = await anna.post(f"/me/mailFolders/{projects['id']}/childFolders", {"displayName": "Acme"})
    renamed = await anna.patch(f"/me/mailFolders/{acme['id']}", {"displayName": "Acme Corp"})
    assert renamed["id"] == acme["id"]
    assert await names(anna, f"/me/mailFolders('{projects['id']}')/childFolders") == ["Acme Corp"]
    moved = await anna.post(f"/me/mailFolders/{acme['id']}/move", {"destinationId": "inbox"}, status=200)
    assert moved["parentFolderId"] == (await anna.get("/me/mailFolders/inbox"))["id"]
    nested = f"/me/mailFolders/inbox/childFolders/{acme['id']}/messages"
    assert (await anna.get(nested))["value"] == []
    tree = await anna.get("/me/mailFolders/inbox?$expand=childFolders")
    assert [child["displayName"] for child in tree["childFolders"]] == ["Acme Corp"]


async def test_a_name_is_taken_only_once(anna: Client) -> None:
    await anna.post("/me/mailFolders", {"displayName": "Projects"})
    body = {"displayName": "projects"}
    assert await anna.fails("POST", "/me/mailFolders", 409, json=body) == "ErrorFolderExists"


async def test_a_deleted_folder_goes_to_deleted_items_and_then_for_good(anna: Client, mailbox: Mailbox) -> None:
    mailbox.insert_message(mail(), "Projects/Acme")
    folder = mailbox.ensure_folder("Projects")
    await anna.delete(f"/me/mailFolders/{folder.id}")
    assert await names(anna, "/me/mailFolders/deleteditems/childFolders") == ["Projects"]
    await anna.delete(f"/me/mailFolders/{folder.id}")
    assert await anna.fails("GET", f"/me/mailFolders/{folder.id}", 404) == "ErrorItemNotFound"
    assert mailbox.count() == 0


@pytest.mark.parametrize(("method", "path"), [("DELETE", ""), ("POST", "/move"), ("POST", "/permanentDelete")])
async def test_well_known_folders_stay(anna: Client, method: str, path: str) -> None:
    body = {"destinationId": "archive"}
    code = await anna.fails(method, f"/me/mailFolders/inbox{path}", 403, json=body)
    assert code == "ErrorDeleteDistinguishedFolder"


async def test_an_unknown_name_is_taken_for_a_malformed_id(anna: Client) -> None:
    assert await anna.fails("GET", "/me/mailFolders/Invoices", 400) == "ErrorInvalidIdMalformed"
    assert await anna.fails("GET", "/me/mailFolders/clutter", 404) == "ErrorItemNotFound"


async def test_a_mailbox_may_be_localized_and_lack_an_archive(store: MailStore) -> None:
    names = {"inbox": "Posteingang", "archive": None}
    mailbox = store.add_mailbox(
        TENANT, "dddddddd-0000-4000-8000-000000000004", "d@contoso.com", "D", folder_names=names
    )
    assert mailbox.folders.by_name("inbox").name == "Posteingang"
    assert mailbox.folders.select("f.well_known = 'archive'", (), "f.id", 1) == []
