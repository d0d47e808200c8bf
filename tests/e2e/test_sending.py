"""A send whose answer is lost: one POST, and an answer that says what is known."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import psutil
import pytest
from mcp import Client, MCPError
from mcp.client.stdio import StdioServerParameters, stdio_client

from outlook_mcp.mail.settings import MailSettings
from outlook_mcp.sandbox.faults import Fault
from tests.answers import text_of
from tests.e2e.office import MODES, Office, call, draft_of, listed_ids, refusal
from tests.sending import sending
from tests.waiting import until

SEND = "/v1.0/me/messages/*/send"


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@asynccontextmanager
async def a_draft(office: Office, mode: str, mail: MailSettings = MailSettings()) -> AsyncIterator[tuple[Client, str]]:
    office.sandbox.deliver(office.alice, b"From: bob@contoso.example\r\nSubject: Hello\r\n\r\nHello.\r\n")
    async with office.client(office.alice, mode=mode, mail=mail) as client:
        saved = await call(client, "draft_save", to=[office.bob.upn], subject="Once only", body="Hello Bob.")
        yield client, draft_of(saved)


async def arrived(office: Office) -> int:
    """How often the message reached Bob."""
    await office.sandbox.store.outbox.settled()
    return len(office.mailbox(office.bob).messages.select("m.subject = 'Once only'", (), "m.id", 10))


@pytest.mark.parametrize("cut", ["after", "body"])
async def test_a_message_that_went_out_unheard_is_found_and_reported_as_sent(
    office: Office, mode: str, cut: str
) -> None:
    async with a_draft(office, mode) as (client, draft):
        office.sandbox.faults.replace_rules([Fault.model_validate({"route": SEND, "cut": cut})])
        assert "Sent 'Once only'" in await call(client, "mail_send", **await sending(client, draft))
        assert office.posts_to("/send") == 1
        assert await arrived(office) == 1
        assert len(listed_ids(await call(client, "mail_search", folder="sent"))) == 1


@pytest.mark.parametrize("fault", [{"status": 504}, {"status": 503}, {"status": 500}, {"cut": "before"}])
async def test_a_send_nobody_can_vouch_for_is_not_repeated(office: Office, fault: dict[str, object]) -> None:
    async with a_draft(office, "auto", MailSettings(settle_s=0.3)) as (client, draft):
        office.sandbox.faults.replace_rules([Fault.model_validate({"route": SEND, **fault})])
        answer = await client.call_tool("mail_send", await sending(client, draft))
        assert answer.is_error
        assert office.posts_to("/send") == 1
        assert "Sent '" not in text_of(answer)
        assert any(step in text_of(answer) for step in ("Look in Sent Items", "Try again")), text_of(answer)
        assert await arrived(office) == 0
        office.sandbox.faults.replace_rules([])
        assert "Sent 'Once only'" in await call(client, "mail_send", **await sending(client, draft))
        assert await arrived(office) == 1


async def test_a_call_cancelled_while_it_sends_sends_once(office: Office, mode: str) -> None:
    async with a_draft(office, mode) as (client, draft):
        office.sandbox.faults.replace_rules([Fault(route=SEND, delay_s=0.5)])
        arguments = await sending(client, draft)
        async with anyio.create_task_group() as calls:
            calls.start_soon(client.call_tool, "mail_send", arguments)
            await until(lambda: office.posts_to("/send") == 1)
            calls.cancel_scope.cancel()
    # A server that stops waits for the send under way.
    assert office.posts_to("/send") == 1
    assert await arrived(office) == 1
    async with office.client(office.alice, mode=mode) as again:
        assert "not a draft" in await refusal(again, "mail_send", draft=draft)
    assert await arrived(office) == 1


async def test_a_server_killed_while_it_sends_leaves_one_post_and_a_draft_that_is_not_sent_again(
    office: Office, mode: str
) -> None:
    async with a_draft(office, mode) as (first, draft):
        arguments = await sending(first, draft)
    office.sandbox.faults.replace_rules([Fault(route=SEND, delay_s=0.5)])
    async with (
        Client(stdio_client(served_as_a_process(office)), mode=mode) as client,
        anyio.create_task_group() as group,
    ):
        group.start_soon(until_it_breaks, client, arguments)
        await until(lambda: office.posts_to("/send") == 1)
        for process in psutil.Process().children(recursive=True):
            if process.status() != psutil.STATUS_ZOMBIE and "serve" in process.cmdline():
                process.kill()
    await until(lambda: not office.stored(office.alice, draft).row["is_draft"])
    assert await arrived(office) == 1
    async with office.client(office.alice, mode=mode) as again:
        assert "not a draft" in await refusal(again, "mail_send", draft=draft)
    assert office.posts_to("/send") == 1


async def test_a_draft_is_shown_before_it_is_sent_without_a_time_that_nobody_asked_for(office: Office) -> None:
    async with a_draft(office, "auto") as (client, draft):
        shown = await call(client, "mail_send", draft=draft)
        assert f"From: Alice Archer <{office.alice.upn}>, draft\n" in shown


async def test_a_draft_without_recipients_is_not_sent(office: Office, mode: str) -> None:
    async with office.client(office.alice, mode=mode) as client:
        draft = draft_of(await call(client, "draft_save", subject="To whom?", body="Nobody."))
        assert "no recipients" in await refusal(client, "mail_send", draft=draft)
    assert office.posts_to("/send") == 0
    assert office.stored(office.alice, draft).row["is_draft"]


async def test_a_user_sends_no_more_in_an_hour_than_the_configuration_allows(office: Office) -> None:
    async with office.client(office.alice, sends_per_hour=1) as client:
        drafts = [draft_of(await call(client, "draft_save", to=[office.bob.upn], subject="Once only")) for _ in "ab"]
        arguments = [await sending(client, draft) for draft in drafts]
        await call(client, "mail_send", **arguments[0])
        assert "at most 1 message an hour for one user" in await refusal(client, "mail_send", **arguments[1])
    assert office.posts_to("/send") == 1


def served_as_a_process(office: Office) -> StdioServerParameters:
    settings = office.configuration(office.alice)
    given = {
        "CONFIG": os.environ["OUTLOOK_MCP_CONFIG"],
        "CLIENT_ID": settings.client_id,
        "TENANT": settings.tenant,
        "AUTHORITY": settings.authority,
        "GRAPH_URL": settings.graph_url,
        "DATA_DIR": str(settings.data_dir),
    }
    variables = {f"OUTLOOK_MCP_{name}": str(value) for name, value in given.items()}
    return StdioServerParameters(command=sys.executable, args=["-m", "outlook_mcp", "serve"], env=variables)


async def until_it_breaks(client: Client, arguments: dict[str, Any]) -> None:
    with pytest.raises(MCPError, match="closed"):
        await client.call_tool("mail_send", arguments)
