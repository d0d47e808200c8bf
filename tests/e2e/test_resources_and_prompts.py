"""Resources and prompts of a real server before the sandbox, in both protocol eras."""

from __future__ import annotations

import re
from base64 import b64decode

import pytest
from mcp.shared.exceptions import MCPError
from mcp.types import BlobResourceContents, TextContent

from tests.e2e.office import (
    MODES,
    Office,
    call,
    letter,
    one_letter,
    resource,
)


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def test_resources_show_the_callers_folders_and_messages_only(office: Office, mode: str) -> None:
    theirs = office.mailbox(office.bob).insert_message(letter("Not for Alice"))
    async with one_letter(office, mode, letter("For Alice")) as (client, found):
        assert "Inbox 1/1" in await resource(client, "outlook://me/folders")
        assert "For Alice" in await resource(client, f"outlook://me/messages/{found}")
        (source,) = (await client.read_resource(f"outlook://me/messages/{found}/source")).contents
        assert isinstance(source, BlobResourceContents)
        assert (source.mime_type, b"Subject: For Alice" in b64decode(source.blob)) == ("message/rfc822", True)
        for foreign in (theirs.id, theirs.immutable_id, "999"):
            with pytest.raises(MCPError) as refused:
                await resource(client, f"outlook://me/messages/{foreign}")
            assert "Not for Alice" not in str(refused.value)


async def test_a_long_resource_tells_what_reads_the_rest(office: Office, mode: str) -> None:
    async with one_letter(office, mode, letter("Minutes", body="word " * 6_000 + "the end")) as (client, found):
        first = await resource(client, f"outlook://me/messages/{found}")
        offset = re.search(r'Go on with mail_read, view="full", offset=(\d+)\.$', first)
        assert offset
        rest = await call(client, "mail_read", ids=[found], view="full", offset=int(offset[1]))
        assert "the end" in rest
        assert "Go on with" not in rest


async def test_the_listed_resources_show_the_inbox_what_is_unread_and_the_folders(office: Office, mode: str) -> None:
    async with one_letter(office, mode, letter("For Alice")) as (client, found):
        listed = {entry.title: entry.uri for entry in (await client.list_resources()).resources}
        assert list(listed) == ["Inbox", "Unread mail", "Folders"]
        assert "For Alice" in await resource(client, listed["Inbox"])
        assert "For Alice" in await resource(client, listed["Unread mail"])
        assert "Inbox 1/1" in await resource(client, listed["Folders"])
        await call(client, "mail_update", ids=[found], read=True)
        assert "No message in Inbox" in await resource(client, listed["Unread mail"])
        for wrong in ("unread=maybe", "folder=nowhere"):
            with pytest.raises(MCPError):
                await resource(client, f"outlook://me/messages?{wrong}")


async def test_a_list_as_a_resource_tells_what_reads_the_next_page(office: Office, mode: str) -> None:
    async with one_letter(office, mode, letter("The oldest")) as (client, _):
        for number in range(25):
            office.mailbox(office.alice).insert_message(letter(f"Letter {number}"))
        first = await resource(client, "outlook://me/messages?unread=true")
        page = re.search(r'Next page: mail_search, folder="inbox", unread=true, cursor=(\S+)$', first)
        assert page
        assert "The oldest" not in first
        assert "The oldest" in await call(client, "mail_search", folder="inbox", unread=True, cursor=page[1])


async def test_a_conversation_is_a_resource(office: Office, mode: str) -> None:
    async with one_letter(office, mode, letter("Plans", body="The first part.")) as (client, found):
        await call(client, "draft_save", kind="reply", of=found, body="The second part.")
        told = await resource(client, f"outlook://me/threads/{found}")
        assert "2 messages" in told
        assert told.index("The first part.") < told.index("The second part.")
        assert told.count("The first part.") == 1


async def test_the_prompt_tells_how_to_go_through_the_inbox(office: Office, mode: str) -> None:
    async with office.client(office.alice, mode=mode) as client:
        (message,) = (await client.get_prompt("triage_inbox", {"days": "3"})).messages
        assert isinstance(message.content, TextContent)
        assert 'after="3d"' in message.content.text
