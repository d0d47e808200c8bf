"""Contacts and their folders in the imitated Graph."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.contacts.conftest import with_permissions
from tests.sandbox.graph.conftest import Client

IMMUTABLE = {"Prefer": 'IdType="ImmutableId"'}
JO = {
    "givenName": "Jo",
    "surname": "Ek",
    "companyName": "Lakeside",
    "emailAddresses": [{"address": "jo@lakeside.example", "name": "Jo Ek"}],
    "businessPhones": ["+1 555 0100"],
}


async def test_a_contact_is_created_read_changed_and_deleted(anna: Client) -> None:
    made = await anna.post("/me/contacts", JO)
    assert (made["displayName"], made["fileAs"], made["homePhones"], made["homeAddress"]) == ("Jo Ek", "Ek, Jo", [], {})
    path = f"/me/contacts/{made['id']}"
    changed = await anna.patch(path, {"jobTitle": "Clerk", "displayName": "Jo Ek"})
    assert (changed["jobTitle"], changed["companyName"]) == ("Clerk", "Lakeside")
    assert changed["@odata.etag"] != made["@odata.etag"]
    assert await anna.get(f"{path}?$select=jobTitle") | {"@odata.context": ""} == {
        "@odata.context": "",
        "@odata.etag": changed["@odata.etag"],
        "id": made["id"],
        "jobTitle": "Clerk",
    }
    await anna.delete(path)
    assert await anna.fails("GET", path, 404) == "ErrorItemNotFound"
    assert await anna.fails("DELETE", path, 404) == "ErrorItemNotFound"


async def test_a_change_without_a_display_name_makes_it_of_the_name_again(anna: Client) -> None:
    made = await anna.post("/me/contacts", {**JO, "displayName": "Jo from the dentist"})
    assert made["displayName"] == "Jo from the dentist"
    changed = await anna.patch(f"/me/contacts/{made['id']}", {"jobTitle": "Clerk"})
    assert changed["displayName"] == "Jo Ek"


async def test_lists_and_addresses_are_replaced_whole_and_a_birthday_is_at_11_59(anna: Client) -> None:
    made = await anna.post("/me/contacts", {**JO, "homeAddress": {"city": "Bern", "street": "Gasse 1"}})
    change = {
        "emailAddresses": [{"address": "j@x.example"}],
        "homeAddress": {"city": "Basel"},
        "birthday": "1990-02-03",
    }
    changed = await anna.patch(f"/me/contacts/{made['id']}", change)
    assert changed["emailAddresses"] == [{"name": "j@x.example", "address": "j@x.example"}]
    assert changed["homeAddress"] == {"city": "Basel"}
    assert changed["birthday"] == "1990-02-03T11:59:00Z"
    four: list[Any] = [{"address": f"{number}@x.example"} for number in range(4)]
    assert await anna.fails("PATCH", f"/me/contacts/{made['id']}", 400, json={"emailAddresses": four})


async def test_a_stale_etag_is_refused(anna: Client) -> None:
    made = await anna.post("/me/contacts", JO)
    path = f"/me/contacts/{made['id']}"
    await anna.patch(path, {"jobTitle": "Clerk"})
    stale = {"If-Match": made["@odata.etag"]}
    assert await anna.fails("PATCH", path, 412, json={"jobTitle": "Boss"}, headers=stale) == "ErrorIrresolvableConflict"


async def test_contacts_of_subfolders_are_only_in_these(anna: Client) -> None:
    folder = await anna.post("/me/contactFolders", {"displayName": "Suppliers"})
    nested = await anna.post(f"/me/contactFolders/{folder['id']}/childFolders", {"displayName": "Abroad"})
    await anna.post(f"/me/contactFolders/{nested['id']}/contacts", JO)
    assert (await anna.get("/me/contacts"))["value"] == []
    assert [found["displayName"] for found in (await anna.get("/me/contactFolders"))["value"]] == ["Suppliers"]
    path = f"/me/contactFolders/{folder['id']}/childFolders/{nested['id']}/contacts"
    (found,) = (await anna.get(path))["value"]
    assert found["parentFolderId"] == nested["id"]
    default = await anna.get("/me/contactFolders/contacts")
    assert default["displayName"] == "Contacts"
    assert folder["parentFolderId"] == default["id"]
    moved = await anna.patch(f"/me/contacts/{found['id']}", {"parentFolderId": default["id"]}, headers=IMMUTABLE)
    assert moved["id"] == (await anna.get("/me/contacts", headers=IMMUTABLE))["value"][0]["id"]


async def test_a_folder_is_renamed_moved_and_deleted_but_not_the_default_one(anna: Client) -> None:
    first = await anna.post("/me/contactFolders", {"displayName": "First"})
    second = await anna.post("/me/contactFolders", {"displayName": "Second"})
    assert await anna.fails("POST", "/me/contactFolders", 400, json={"displayName": "first"}) == "ErrorFolderExists"
    path = f"/me/contactFolders/{second['id']}"
    assert (await anna.patch(path, {"displayName": "Other"}))["displayName"] == "Other"
    assert (await anna.patch(path, {"parentFolderId": first["id"]}))["parentFolderId"] == first["id"]
    into_itself = {"parentFolderId": second["id"]}
    assert await anna.fails("PATCH", f"/me/contactFolders/{first['id']}", 400, json=into_itself)
    await anna.delete(f"/me/contactFolders/{first['id']}")
    assert await anna.fails("GET", path, 404) == "ErrorItemNotFound"
    refused = await anna.fails("DELETE", "/me/contactFolders/contacts", 400)
    assert refused == "ErrorDeleteDistinguishedFolder"


async def test_only_an_address_is_filtered_and_words_are_searched_by_their_beginning(anna: Client) -> None:
    await anna.post("/me/contacts", {**JO, "categories": ["Dentists"]})
    await anna.post("/me/contacts", {"displayName": "Zoë Müller"})
    by_address = "/me/contacts?$filter=emailAddresses/any(a:a/address eq 'JO@lakeside.example')"
    assert [found["surname"] for found in (await anna.get(by_address))["value"]] == ["Ek"]
    refused = await anna.fails("GET", "/me/contacts?$filter=startswith(displayName,'Jo')", 400)
    assert refused == "ErrorInvalidUrlQueryFilter"
    for searched, names in {"lakes": ["Jo Ek"], "zoe mull": ["Zoë Müller"], "dentists": []}.items():
        page = await anna.get(f'/me/contacts?$search="{searched}"&$select=displayName')
        assert [found["displayName"] for found in page["value"]] == names


async def test_pages_have_ten_contacts_and_a_count(anna: Client) -> None:
    for number in range(12):
        await anna.post("/me/contacts", {"displayName": f"N{number:02}"})
    page = await anna.get("/me/contacts?$count=true&$orderby=displayName desc")
    assert (page["@odata.count"], len(page["value"]), page["value"][0]["displayName"]) == (12, 10, "N11")
    rest = await anna.get(page["@odata.nextLink"])
    assert [found["displayName"] for found in rest["value"]] == ["N01", "N00"]
    assert (await anna.request("GET", "/me/contacts/$count")).text == "12"


async def test_contacts_need_their_own_permission_and_are_nobody_elses(anna: Client, ben: Client) -> None:
    made = await anna.post("/me/contacts", JO)
    assert await ben.fails("GET", f"/me/contacts/{made['id']}", 404) == "ErrorItemNotFound"
    assert await ben.fails("GET", f"/users/{anna.oid}/contacts", 403) == "ErrorAccessDenied"
    reader = with_permissions(anna, "Contacts.Read")
    await reader.get(f"/me/contacts/{made['id']}")
    assert await reader.fails("POST", "/me/contacts", 403, json=JO) == "ErrorAccessDenied"
    assert await with_permissions(anna, "Mail.Read").fails("GET", "/me/contacts", 403) == "ErrorAccessDenied"


async def test_a_photo_is_kept_for_the_user_and_for_a_contact(anna: Client) -> None:
    made = await anna.post("/me/contacts", JO)
    for path in ("/me/photo", f"/me/contacts/{made['id']}/photo"):
        assert await anna.fails("GET", path, 404) == "ImageNotFound"
        assert await anna.fails("PUT", f"{path}/$value", 400, content=b"text") == "ErrorInvalidImage"
        await anna.request("PUT", f"{path}/$value", content=b"\xff\xd8\xffpicture")
        assert (await anna.request("GET", f"{path}/$value")).content == b"\xff\xd8\xffpicture"
        assert (await anna.get(path))["@odata.mediaContentType"] == "image/jpeg"


@pytest.mark.parametrize("place", ["contacts", "contactFolders/contacts/contacts"])
async def test_the_delta_of_contacts_tells_all_then_what_was_added_changed_and_deleted(
    anna: Client, place: str
) -> None:
    kept, changed, gone = [await anna.post("/me/contacts", {**JO, "givenName": name}) for name in ("A", "B", "C")]
    first = await anna.get(f"/me/{place}/delta?$select=givenName", headers={"Prefer": "odata.maxpagesize=2"})
    rest = await anna.get(first["@odata.nextLink"])
    told = [*first["value"], *rest["value"]]
    assert {contact["id"]: contact["givenName"] for contact in told} == {
        kept["id"]: "A",
        changed["id"]: "B",
        gone["id"]: "C",
    }
    await anna.patch(f"/me/contacts/{changed['id']}", {"givenName": "D"})
    await anna.delete(f"/me/contacts/{gone['id']}")
    new = await anna.post("/me/contacts", JO)
    round_two = await anna.get(rest["@odata.deltaLink"])
    assert {item["id"]: item.get("givenName", item.get("@removed")) for item in round_two["value"]} == {
        changed["id"]: "D",
        new["id"]: JO["givenName"],
        gone["id"]: {"reason": "deleted"},
    }
    assert (await anna.get(round_two["@odata.deltaLink"]))["value"] == []
    assert await anna.fails("GET", f"/me/{place}/delta?$deltatoken=x", 400) == "BadRequest"


async def test_the_delta_of_contact_folders_tells_nested_renamed_and_deleted_ones(anna: Client, ben: Client) -> None:
    team = await anna.post("/me/contactFolders", {"displayName": "Team"})
    inner = await anna.post(f"/me/contactFolders/{team['id']}/childFolders", {"displayName": "Board"})
    first = await anna.get("/me/contactFolders/delta")
    assert [folder["displayName"] for folder in first["value"]] == ["Team", "Board"]
    await anna.patch(f"/me/contactFolders/{team['id']}", {"displayName": "Crew"})
    await anna.delete(f"/me/contactFolders/{inner['id']}")
    second = await anna.get(first["@odata.deltaLink"])
    assert [(item["id"], item.get("displayName")) for item in second["value"]] == [
        (team["id"], "Crew"),
        (inner["id"], None),
    ]
    link = first["@odata.deltaLink"]
    assert await ben.fails("GET", link[link.index("/me/") :], 410) == "SyncStateNotFound"
