"""Changes of many messages over MCP: shown and confirmed, with progress, stopped within a second, and on record."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
from mcp import Client

from outlook_mcp.audit.tail import last_records
from outlook_mcp.sandbox.faults import Fault
from tests.answers import text_of
from tests.e2e.office import MODES, Office, call, letter, listed_ids, refusal
from tests.waiting import until

BATCH = "/v1.0/$batch"
WHERE = {"sender": "bob@contoso.example", "folder": "inbox"}


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@asynccontextmanager
async def many(office: Office, mode: str, number: int) -> AsyncIterator[Client]:
    """Alice's client, and so many messages in her inbox."""
    office.mailbox(office.alice).insert_many(letter(f"Letter {count}", minutes=count) for count in range(number))
    async with office.client(office.alice, mode=mode) as client:
        yield client


def code_in(answer: str) -> str:
    found = re.search(r'confirm="(\w+)"', answer)
    assert found, answer
    return found[1]


def last_record(office: Office) -> dict[str, Any]:
    (record,) = last_records(office.configuration(office.alice).data_dir / "audit.log", 1)
    details = record["details"]
    assert isinstance(details, dict)
    return details


async def test_what_is_shown_is_confirmed_with_progress_and_on_record(office: Office, mode: str) -> None:
    told: list[tuple[float, float | None]] = []

    async def note_progress(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, total))

    async with many(office, mode, 25) as client:
        shown = await call(client, "mail_move", where=WHERE, folder="archive")
        assert len(listed_ids(shown)) == 10
        assert "25 messages in Inbox; 10 are shown. Nothing was changed yet." in shown
        assert "To change exactly these 25 messages, call mail_move within 10 minutes with the same arguments" in shown
        office.mailbox(office.alice).insert_message(letter("Late"))
        arguments = {"where": WHERE, "folder": "archive", "confirm": code_in(shown)}
        answer = text_of(await client.call_tool("mail_move", arguments, progress_callback=note_progress))
        assert answer.startswith("Moved to Archive: ")
        assert told == [(20, 25), (25, 25)]
        record = last_record(office)
        assert (record["outcome"], record["messages"], record["changed"]) == ("ok", 25, 25)
        assert "This code is not known" in await refusal(client, "mail_move", **arguments)
        assert "Late" in await call(client, "mail_search", folder="inbox")


async def test_a_cancelled_change_stops_says_on_record_what_it_did_and_goes_on_with_the_rest(
    office: Office, mode: str
) -> None:
    async with many(office, mode, 45) as client:
        arguments = {
            "permanent": True,
            "confirm": code_in(await call(client, "mail_delete", where=WHERE, permanent=True)),
        }
        office.sandbox.faults.replace_rules([Fault(route=BATCH, skip=1, delay_s=30)])
        before = office.posts_to("/$batch")
        async with anyio.create_task_group() as calls:
            calls.start_soon(client.call_tool, "mail_delete", arguments)
            await until(lambda: office.posts_to("/$batch") == before + 2)
            calls.cancel_scope.cancel()
        await until(lambda: last_record(office).get("outcome") == "cancelled")
        record = last_record(office)
        assert (record["messages"], record["changed"], record["unclear"]) == (40, 20, 20)
        office.sandbox.faults.replace_rules([])
        assert office.posts_to("/$batch") == before + 2
        answer = await call(client, "mail_delete", **arguments)
        assert "Earlier calls had changed 20 messages of these." in answer
        assert office.posts_to("/$batch") == before + 4
        assert "No message" in await call(client, "mail_search", **WHERE)
