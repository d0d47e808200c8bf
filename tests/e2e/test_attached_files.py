"""Files of messages over MCP: seen, read as resources, and saved where the user allowed."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path

import pytest
from mcp.types import BlobResourceContents, ImageContent, ResourceLink, TextContent

from tests.e2e.office import MODES, Office, call, draft_of, listed_ids, one_letter, refusal, with_file
from tests.text.files.made import packed


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def test_a_picture_is_seen_a_file_is_read_as_a_resource_and_saved_where_the_user_allowed(
    office: Office, mode: str, tmp_path: Path
) -> None:
    pixel = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"
    message = with_file("Logo", "logo.gif", pixel)
    office.mailbox(office.alice).insert_message(message)
    async with office.client(office.alice, mode=mode, file_folders=str(tmp_path)) as client:
        (found,) = listed_ids(await call(client, "mail_search"))
        told, picture = (await client.call_tool("mail_attachment", {"id": found, "n": 1})).content
        assert isinstance(told, TextContent)
        assert "logo.gif (text/plain, " in told.text
        assert isinstance(picture, ImageContent)
        assert (picture.mime_type, b64decode(picture.data)) == ("image/gif", pixel)
        (file,) = (await client.read_resource(f"outlook://me/messages/{found}/attachments/1")).contents
        assert isinstance(file, BlobResourceContents)
        assert (file.mime_type, b64decode(file.blob)) == ("text/plain", pixel)
        hints = {tool.name: tool.annotations for tool in (await client.list_tools()).tools}["mail_attachment"]
        assert hints is not None
        assert (hints.read_only_hint, hints.destructive_hint) == (None, False)
        unread = with_file("Odd", "odd.bin", bytes(range(256)))
        unread.attachments[0].content_type = "see <b>here</b>"
        office.mailbox(office.alice).insert_message(unread)
        (odd,) = listed_ids(await call(client, "mail_search", subject="Odd"))
        _, link = (await client.call_tool("mail_attachment", {"id": odd, "n": "1"})).content
        assert isinstance(link, ResourceLink)
        assert (link.name, link.mime_type) == (f"attachment 1 of message {odd}", "application/octet-stream")
        (fetched,) = (await client.read_resource(link.uri)).contents
        assert isinstance(fetched, BlobResourceContents)
        assert b64decode(fetched.blob) == bytes(range(256))
        saved = await call(client, "mail_attachment", id=found, n="1", save=True)
        assert f"B in {tmp_path} as <data" in saved
        assert (tmp_path / "logo.gif").read_bytes() == pixel
    async with office.client(office.alice, mode=mode, file_folders=str(tmp_path), read_only=True) as client:
        assert all(tool.annotations.read_only_hint for tool in (await client.list_tools()).tools if tool.annotations)
        assert "no folder is allowed" in await refusal(client, "mail_attachment", id=found, n="1", save=True)


async def test_a_file_in_an_attached_archive_is_attached_by_itself(office: Office, mode: str) -> None:
    archive = packed({"a/figures.csv": "2026,41\n", "b.txt": "no"})
    async with one_letter(office, mode, with_file("Figures", "all.zip", archive)) as (client, found):
        resource = f"outlook://me/messages/{found}/attachments/1%2F2"
        answer = await call(client, "draft_save", subject="Yours", body="Here.", attach=[f"{found}/1/1", resource])
        draft = office.mailbox(office.alice).messages.load_message(office.stored(office.alice, draft_of(answer)))
        files = [(file.name, file.content_type, file.content) for file in draft.attachments]
        assert files == [("figures.csv", "text/csv", b"2026,41\n"), ("b.txt", "text/plain", b"no")]
        refused = await refusal(client, "draft_save", subject="Wrong", attach=[f"{found}/1/3"])
        assert "no file 3 in attachment 1" in refused
