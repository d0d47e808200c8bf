"""The setting `structured`, over stdio and HTTP, in both eras of the protocol."""

from __future__ import annotations

from pathlib import Path

import pytest
from mcp import Client

from tests.e2e.office import MODES, Office, letter
from tests.web.site.served import ALICE, served


async def check_answer(client: Client) -> None:
    """Every tool lists a schema, and an answer has what it says; the SDK's client compares the two."""
    listed = (await client.list_tools()).tools
    assert [tool.name for tool in listed if tool.output_schema is None] == []
    answer = await client.call_tool("mail_search", {"folder": "inbox"})
    assert answer.structured_content is not None
    (message,) = answer.structured_content["messages"]
    assert message["untrusted"]["subject"] == "Budget"
    assert answer.structured_content["complete"] is True


@pytest.mark.parametrize("mode", MODES)
async def test_over_stdio_programs_get_structured_content_where_it_is_set(office: Office, mode: str) -> None:
    office.mailbox(office.alice).insert_message(letter("Budget"))
    async with office.client(office.alice, mode=mode, structured=True) as client:
        await check_answer(client)


async def test_over_http_programs_get_structured_content_where_it_is_set(office: Office, tmp_path: Path) -> None:
    office.mailbox(office.alice).insert_message(letter("Budget"))
    async with served(office.sandbox, tmp_path / "site", structured=True) as site:
        for mode in MODES:
            async with site.client(ALICE, mode) as client:
                await check_answer(client)


async def test_it_is_off_unless_it_is_set(office: Office) -> None:
    office.mailbox(office.alice).insert_message(letter("Budget"))
    async with office.client(office.alice) as client:
        assert [tool.name for tool in (await client.list_tools()).tools if tool.output_schema] == []
        assert (await client.call_tool("mail_search", {})).structured_content is None
