"""The tools that tell changes and export, as clients call them."""

from __future__ import annotations

import re

import pytest
from mcp.types import ResourceLink

from outlook_mcp.identity.scopes import BY_NAME
from outlook_mcp.server.declare import EmailTool
from outlook_mcp.tools import CATALOGUE, EmailTools
from outlook_mcp.tools.mail_changes import mail_changes
from outlook_mcp.tools.mail_export import mail_export
from tests.answers import text_of
from tests.e2e.office import letter
from tests.faults.office import Office
from tests.tools.asking import answer, refusal
from tests.tools.test_catalogue import tokens_of


@pytest.mark.asyncio(loop_scope="module")
async def test_changes_are_told_by_a_cursor_and_messages_exported_by_ids_or_a_search(office: Office) -> None:
    begun = await answer(office, "mail_changes")
    office.alice.insert_message(letter("Harvest"))
    found = re.search(r"since=(\S+)$", begun)
    assert found
    told = await answer(office, "mail_changes", since=found[1])
    assert "0 new, 1 changed, 0 gone in Inbox" in told
    handle = re.search(r"^(\d+) \d\d:\d\d .*Harvest", told, re.MULTILINE)
    assert handle
    address = f"outlook://me/messages/{handle[1]}/source"
    exported = await office.client.call_tool("mail_export", {"ids": [handle[1]], "account": "own"})
    assert address in text_of(exported)
    assert [str(block.uri) for block in exported.content if isinstance(block, ResourceLink)] == [
        f"{address}?account=own"
    ]
    assert address in await answer(office, "mail_export", where={"subject": "Harvest"})
    assert "was not found" in await refusal(office, "mail_export", ids=["424242"])
    told = await answer(office, "mail_export", ids=[handle[1], "424242"])
    assert "The source of 1 message can be fetched" in told
    assert "424242: It was not found" in told
    assert "one of them" in await refusal(office, "mail_export")
    assert "one of them" in await refusal(office, "mail_export", ids=["1"], where={"text": "x"})
    assert "`where` has no argument `zebra`" in await refusal(office, "mail_export", where={"zebra": 1})
    assert "no cursor of this mailbox" in await refusal(office, "mail_changes", since="abc")


def test_what_tells_changes_and_exports_is_offered_only_when_asked_for_and_costs_little() -> None:
    sync: tuple[EmailTool, ...] = (mail_changes, mail_export)
    assert EmailTools(("mail-sync",), read_only=False).offered == sync
    assert EmailTools(("mail-sync",), read_only=True).offered == sync
    assert not BY_NAME["mail.sync"].is_default
    others = tuple(tool for tool in CATALOGUE if tool not in sync)
    assert tokens_of(CATALOGUE) - tokens_of(others) <= 130
