from __future__ import annotations

import base64
from urllib.parse import urlsplit

import httpx
import pytest

from outlook_mcp.sandbox.message import Attachment
from outlook_mcp.sandbox.mime import build
from outlook_mcp.sandbox.store import Mailbox, StoredMessage
from tests.sandbox.graph.conftest import UPLOADS, Client, mail

FILE = {
    "@odata.type": "#microsoft.graph.fileAttachment",
    "name": "a.txt",
    "contentType": "text/plain",
    "contentBytes": "YWJj",
}
SIZE = 3 * 1024 * 1024 + 10


async def test_a_file_is_added_listed_read_and_deleted(anna: Client, received: StoredMessage) -> None:
    path = f"/me/messages/{received.id}/attachments"
    added = await anna.post(path, FILE)
    assert added["@odata.type"] == "#microsoft.graph.fileAttachment"
    assert (await anna.get(path))["value"][0]["contentBytes"] == "YWJj"
    assert "contentBytes" not in (await anna.get(f"{path}?$select=name,size"))["value"][0]
    content = await anna.request("GET", f"{path}/{added['id']}/$value")
    assert content.content == b"abc"
    assert content.headers["content-type"].startswith("text/plain")
    assert (await anna.get(f"/me/messages/{received.id}"))["hasAttachments"] is True
    await anna.delete(f"{path}/{added['id']}")
    assert await anna.fails("GET", f"{path}/{added['id']}", 404) == "ErrorItemNotFound"


async def test_an_attached_message_is_an_item_and_opens(anna: Client, mailbox: Mailbox) -> None:
    inner = build(mail("Inner"))
    stored = mailbox.insert_message(mail(attachments=[Attachment("Inner", "message/rfc822", inner, kind="item")]))
    path = f"/me/messages/{stored.id}/attachments"
    (item,) = (await anna.get(path))["value"]
    assert item["@odata.type"] == "#microsoft.graph.itemAttachment"
    opened = await anna.get(f"{path}/{item['id']}?$expand=microsoft.graph.itemattachment/item")
    assert opened["item"]["subject"] == "Inner"
    assert (await anna.request("GET", f"{path}/{item['id']}/$value")).content == inner


async def test_a_message_is_attached_from_json(anna: Client, received: StoredMessage) -> None:
    item = {
        "@odata.type": "#microsoft.graph.message",
        "subject": "Inner",
        "body": {"contentType": "text", "content": "x"},
    }
    body = {"@odata.type": "#microsoft.graph.itemAttachment", "name": "Inner", "item": item}
    path = f"/me/messages/{received.id}/attachments"
    added = await anna.post(path, body)
    opened = await anna.get(f"{path}/{added['id']}?$expand=microsoft.graph.itemAttachment/item")
    assert opened["item"]["subject"] == "Inner"


@pytest.mark.parametrize("kind", ["post", "todoTask"])
async def test_an_item_that_cannot_be_attached_is_refused(anna: Client, received: StoredMessage, kind: str) -> None:
    item = {"@odata.type": f"#microsoft.graph.{kind}", "subject": "Lunch"}
    body = {"@odata.type": "#microsoft.graph.itemAttachment", "name": "Lunch", "item": item}
    code = await anna.fails("POST", f"/me/messages/{received.id}/attachments", 400, json=body)
    assert code == "ErrorInvalidItemForOperationCreateItemAttachment"


async def test_attachments_come_along_with_a_new_draft(anna: Client) -> None:
    draft = await anna.post("/me/messages", {"subject": "x", "attachments": [FILE]})
    assert draft["hasAttachments"] is True


async def test_the_kind_must_be_told(anna: Client, received: StoredMessage) -> None:
    path = f"/me/messages/{received.id}/attachments"
    assert await anna.fails("POST", path, 400, json={"name": "a"}) == "RequestBodyRead"


async def test_three_megabytes_need_a_session(anna: Client, received: StoredMessage) -> None:
    path = f"/me/messages/{received.id}/attachments"
    big = {**FILE, "contentBytes": base64.b64encode(bytes(SIZE)).decode()}
    assert await anna.fails("POST", path, 413, json=big) == "RequestEntityTooLarge"
    small = {"AttachmentItem": {"attachmentType": "file", "name": "a.bin", "size": 100}}
    code = await anna.fails("POST", f"{path}/createUploadSession", 400, json=small)
    assert code == "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize"


async def open_session(client: Client, message: StoredMessage) -> str:
    item = {"attachmentType": "file", "name": "big.bin", "size": SIZE, "contentType": "application/octet-stream"}
    session = await client.post(f"/me/messages/{message.id}/attachments/createUploadSession", {"AttachmentItem": item})
    assert session["nextExpectedRanges"] == ["0-"]
    return str(session["uploadUrl"])


def content_range(start: int, end: int) -> dict[str, str]:
    return {"Content-Range": f"bytes {start}-{end - 1}/{SIZE}"}


async def test_ranges_arrive_on_another_origin_without_a_token(
    anna: Client, uploads: httpx.AsyncClient, received: StoredMessage
) -> None:
    url = await open_session(anna, received)
    assert url.startswith(UPLOADS)
    content = bytes(range(256)) * (SIZE // 256) + bytes(SIZE % 256)
    middle = 2 * 1024 * 1024
    first = await uploads.put(url, content=content[:middle], headers=content_range(0, middle))
    assert first.status_code == 200
    assert first.json()["NextExpectedRanges"] == [str(middle)]
    assert (await uploads.get(url)).json()["NextExpectedRanges"] == [str(middle)]
    repeated = await uploads.put(url, content=content[:middle], headers=content_range(0, middle))
    assert repeated.status_code == 416
    last = await uploads.put(url, content=content[middle:], headers=content_range(middle, SIZE))
    assert last.status_code == 201
    assert "/Attachments('" in urlsplit(last.headers["location"]).path
    (attached,) = (await anna.get(f"/me/messages/{received.id}/attachments"))["value"]
    assert base64.b64decode(attached["contentBytes"]) == content
    assert (await uploads.get(url)).status_code == 404


async def test_a_session_is_cancelled(anna: Client, uploads: httpx.AsyncClient, received: StoredMessage) -> None:
    url = await open_session(anna, received)
    assert (await uploads.delete(url)).status_code == 204
    assert (await uploads.put(url, content=b"a", headers=content_range(0, 1))).status_code == 404


@pytest.mark.parametrize("header", ["", "bytes 0-5/10", f"bytes 0-9/{SIZE}"])
async def test_a_wrong_range_is_refused(
    anna: Client, uploads: httpx.AsyncClient, received: StoredMessage, header: str
) -> None:
    url = await open_session(anna, received)
    assert (await uploads.put(url, content=b"a", headers={"Content-Range": header})).status_code == 400


async def test_the_url_of_a_session_is_its_secret(
    anna: Client, uploads: httpx.AsyncClient, received: StoredMessage
) -> None:
    url = await open_session(anna, received)
    assert (await uploads.get(url.partition("?")[0])).status_code == 401
