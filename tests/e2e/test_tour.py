"""The steps of `outlook-mcp demo` in mailboxes of other content."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import pytest
from mcp import Client
from mcp.types import CallToolResult, ListToolsResult, TextContent

from outlook_mcp.answers.hidden_text import removed_notes
from outlook_mcp.cli.tour import DemoUser, take_tour
from outlook_mcp.text.html import ConvertedText
from tests.e2e.office import Office, letter


@pytest.mark.parametrize(
    ("subject", "searched"),
    [("Re: The letter!", "text='letter', "), ("", ""), ("😀😀", "")],
    ids=["a word", "no subject", "no word"],
)
async def test_the_tour_searches_for_a_word_of_the_subjects_where_they_have_one(
    office: Office, capsys: pytest.CaptureFixture[str], subject: str, searched: str
) -> None:
    office.mailbox(office.alice).insert_message(letter(subject))
    private = office.mailbox(office.bob).insert_message(letter("For Bob alone"))
    mine = DemoUser(office.alice.upn, lambda: office.client(office.alice))
    theirs = DemoUser(office.bob.upn, lambda: office.client(office.bob))
    assert await take_tour(mine, theirs, private.id)
    assert f"=== A search: mail_search({searched}folder='all'" in capsys.readouterr().out


@dataclass(frozen=True)
class Hasty:
    """Reads as a server does whose time for costly messages is used up."""

    client: Client

    async def list_tools(self) -> ListToolsResult:
        return await self.client.list_tools()

    async def call_tool(self, name: str, arguments: dict[str, Any]) -> CallToolResult:
        if name != "mail_read":
            return await self.client.call_tool(name, arguments)
        note = "; ".join(removed_notes(ConvertedText("", flat=True)))
        return CallToolResult(content=[TextContent(type="text", text=f"[1] Hello\nNote: 1 link; {note}\n")])


async def test_the_tour_fails_when_the_text_of_a_message_was_not_read(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    office.mailbox(office.alice).insert_message(letter("Hello"))
    private = office.mailbox(office.bob).insert_message(letter("For Bob alone"))

    @asynccontextmanager
    async def hasty() -> AsyncIterator[Client]:
        async with office.client(office.alice) as client:
            yield cast("Client", Hasty(client))

    mine = DemoUser(office.alice.upn, hasty)
    theirs = DemoUser(office.bob.upn, lambda: office.client(office.bob))
    assert not await take_tour(mine, theirs, private.id)
    told = capsys.readouterr().out.splitlines()[-1]
    assert told == "The tour stopped. mail_read left out the text of a message: it was not read."
