"""Who read what, and to whom went what: whatever can reach Graph leaves one record of each call, and nothing else does.

Counted are the records of how calls ended. A change has one more, of its beginning.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from mcp import Client, MCPError
from mcp.types import PromptReference, ResourceTemplateReference

from outlook_mcp.app import open_app
from outlook_mcp.audit.tail import last_records
from outlook_mcp.config import Configuration
from outlook_mcp.prompts import CATALOGUE as PROMPTS
from outlook_mcp.sandbox.faults import Fault
from tests.answers import text_of
from tests.e2e.office import MODES, Office, call, draft_of, letter, listed_ids, refusal, with_file
from tests.sending import sending

REQUEST_ID = "outlook-mcp/requestId"
STARTED = ":started"
Record = dict[str, Any]


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class Log:
    """The records of one user since it was last asked, those of sign-ins and keys left out."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._seen = len(self._all())

    def fresh(self) -> tuple[list[Record], list[Record]]:
        """Beginnings and endings."""
        records = self._all()[self._seen :]
        self._seen += len(records)
        calls = [record for record in records if not record["tag"].startswith(("oauth:", "vault:", "audit:"))]
        started = [record for record in calls if record["tag"].endswith(STARTED)]
        return started, [record for record in calls if record not in started]

    async def personal(self, record: Record) -> dict[str, object] | None:
        async with open_app(self._configuration) as app:
            return await app.components.audit.open_personal(record)

    def _all(self) -> list[Record]:
        return last_records(self._configuration.data_dir / "audit.log", 10_000)


@asynccontextmanager
async def desk(office: Office, mode: str) -> AsyncIterator[tuple[Client, Log, str]]:
    """Alice's client, her log, and a message of hers with a file."""
    office.mailbox(office.alice).insert_message(with_file("Figures", "figures.csv", b"year,tons\n"))
    async with office.client(office.alice, mode=mode) as client:
        (found,) = listed_ids(await call(client, "mail_search"))
        yield client, Log(office.configuration(office.alice)), found


def arguments_of_tools(message: str, draft: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """One call of each tool that succeeds; a tool that is missing here fails the test."""
    return {
        "mail_search": {},
        "mail_read": {"ids": [message]},
        "mail_folders": {},
        "mail_attachment": {"id": message, "n": 1},
        "mail_update": {"ids": [message], "read": True},
        "mail_move": {"ids": [message], "folder": "archive"},
        "mail_delete": {"ids": [message]},
        "draft_save": {"to": ["bob@contoso.example"], "subject": "Hello", "body": "Hello."},
        "mail_send": draft,
    }


async def test_every_tool_leaves_one_record_of_each_call(office: Office, mode: str) -> None:
    async with desk(office, mode) as (client, log, message):
        draft = draft_of(await call(client, "draft_save", to=["bob@contoso.example"], subject="Fruit", body="Apples."))
        tools = (await client.list_tools()).tools
        arguments = arguments_of_tools(message, await sending(client, draft))
        assert tools
        log.fresh()
        for tool in tools:
            answer = await call(client, tool.name, **arguments[tool.name])
            started, (record,) = log.fresh()
            reads_only = bool(tool.annotations and tool.annotations.read_only_hint)
            assert len(started) == (0 if reads_only else 1)
            facts = record["details"]
            assert (facts["tool"], facts["outcome"], facts["decision"]) == (tool.name, "ok", "allowed")
            assert facts["bytes"] == len(answer.encode())
            assert facts["session"]
            # Folders are no messages.
            assert facts.get("messages") == (None if tool.name == "mail_folders" else 1)


async def test_every_resource_leaves_one_record_of_each_reading(office: Office, mode: str) -> None:
    async with desk(office, mode) as (client, log, message):
        addresses = {
            "inbox": "outlook://me/inbox?unread=true",
            "folders": "outlook://me/folders?under=inbox",
            "attachment": f"outlook://me/messages/{message}/attachments/1",
            "message_source": f"outlook://me/messages/{message}/source",
            "thread": f"outlook://me/threads/{message}",
            "message": f"outlook://me/messages/{message}",
            "messages": "outlook://me/messages?folder=inbox",
        }
        templates = {template.name for template in (await client.list_resource_templates()).resource_templates}
        listed = [resource.uri for resource in (await client.list_resources()).resources]
        assert templates == addresses.keys()
        assert listed
        names = {}
        for address in (*addresses.values(), *listed):
            await client.read_resource(address)
            started, (record,) = log.fresh()
            assert started == []
            assert record["tag"] == "resource:read:finished"
            assert record["details"]["bytes"] > 0
            names[address] = record["details"]["resource"]
        assert [names[address] for address in addresses.values()] == list(addresses)
        assert {names[address] for address in listed} == {"inbox", "folders"}
        with pytest.raises(MCPError):
            await client.read_resource("outlook://me/messages/999")
        _, (record,) = log.fresh()
        assert (record["tag"], record["details"]["outcome"]) == ("resource:read:failed", "not_found")


async def test_every_prompt_leaves_one_record_of_each_time_it_is_given(office: Office, mode: str) -> None:
    async with desk(office, mode) as (client, log, _):
        prompts = (await client.list_prompts()).prompts
        assert prompts
        for prompt in prompts:
            await client.get_prompt(prompt.name, {argument.name: "1" for argument in prompt.arguments or ()})
            started, (record,) = log.fresh()
            assert started == []
            assert (record["tag"], record["details"]["prompt"]) == ("prompt:get:finished", prompt.name)


@pytest.mark.filterwarnings("ignore:ping is removed as of 2026-07-28")
async def test_lists_and_suggestions_that_reach_no_mailbox_leave_no_record(office: Office, mode: str) -> None:
    async with desk(office, mode) as (client, log, _):
        listings: list[Callable[[], Awaitable[object]]] = [
            client.list_tools,
            client.list_resources,
            client.list_resource_templates,
            client.list_prompts,
        ]
        if mode == "legacy":
            listings.append(client.send_ping)
        for listing in listings:
            await listing()
        for prompt in PROMPTS:
            for argument, source in prompt.suggestions.items():
                # One that looks values up is on record, as any other call.
                if not callable(source):
                    reference = PromptReference(type="ref/prompt", name=prompt.name)
                    await client.complete(reference, {"name": argument, "value": ""})
        template = ResourceTemplateReference(type="ref/resource", uri="outlook://me/messages/{id}")
        await client.complete(template, {"name": "id", "value": ""})
        await client.call_tool("no_such_tool", {})
        assert log.fresh() == ([], [])
        triage = PromptReference(type="ref/prompt", name="triage_inbox")
        assert (await client.complete(triage, {"name": "folder", "value": "inb"})).completion.values == ["Inbox"]
        _, (record,) = log.fresh()
        assert record["tag"] == "completion:complete:finished"


async def test_records_name_messages_and_domains_where_only_the_users_key_opens_them(office: Office, mode: str) -> None:
    async with desk(office, mode) as (client, log, message):
        recipients = ["bob@contoso.example", "erin@fabrikam.example"]
        draft = draft_of(await call(client, "draft_save", to=recipients, subject="Fruit", body="Apples."))
        arguments = await sending(client, draft)
        log.fresh()
        await call(client, "mail_read", ids=[message])
        await client.read_resource(f"outlook://me/messages/{message}")
        await call(client, "mail_send", **arguments)
        started, (read, resource, sent) = log.fresh()
    assert [record["tag"] for record in started] == ["tool:call:started"]
    assert sent["tag"] == "mail:message:sent"
    assert sent["details"]["recipients"] == 2
    for record, expected in (
        (read, {"message_ids": message}),
        (resource, {"message_ids": message}),
        (sent, {"message_ids": draft, "recipient_domains": "contoso.example fabrikam.example"}),
    ):
        assert await log.personal(record) == {**expected, "client_name": "mcp"}
    text = (office.configuration(office.alice).data_dir / "audit.log").read_text()
    assert not any(told in text for told in ("fabrikam", "Figures", "Fruit"))


async def test_the_messages_of_a_conversation_are_on_record_though_one_was_named(office: Office, mode: str) -> None:
    async with desk(office, mode) as (client, log, message):
        reply = draft_of(await call(client, "draft_save", kind="reply", of=message, body="Thank you."))
        log.fresh()
        await call(client, "mail_read", ids=[message], thread=True)
        _, (record,) = log.fresh()
    personal = await log.personal(record)
    assert personal is not None
    assert set(str(personal["message_ids"]).split()) == {message, reply}


async def test_a_message_that_is_named_by_its_full_id_is_on_record_however_the_call_ends(
    office: Office, mode: str
) -> None:
    foreign = office.mailbox(office.bob).insert_message(letter("Not hers")).immutable_id
    async with desk(office, mode) as (client, log, message):
        own = office.stored(office.alice, message).immutable_id
        await call(client, "mail_read", ids=[own])
        office.sandbox.faults.replace_rules([Fault(route="/v1.0/me/messages/*", status=503)])
        await refusal(client, "mail_read", ids=[own])
        office.sandbox.faults.replace_rules([])
        await refusal(client, "mail_update", ids=[foreign], read=True)
        await refusal(client, "mail_read", ids=["../users/bob"])
        (started,), (read, failed, not_found, no_id) = log.fresh()
    for record, expected in (
        (read, message),
        (failed, message),
        (started, f"…{foreign[-32:]}"),
        (not_found, f"…{foreign[-32:]}"),
    ):
        assert record["details"]["messages"] == 1
        personal = await log.personal(record)
        assert personal is not None
        assert personal["message_ids"] == expected
    assert "messages" not in no_id["details"]
    assert (failed["details"]["outcome"], not_found["details"]["outcome"]) == ("graph_unavailable", "not_found")


@pytest.mark.parametrize(
    "fault",
    [
        Fault(route="/v1.0/me/messages/*", status=503),
        Fault(route="/v1.0/$batch", status=503),
        Fault(route="/v1.0/me/messages/*", status=504),
    ],
    ids=["one request", "a batch", "a late answer"],
)
async def test_a_failed_reading_never_speaks_of_a_change(office: Office, mode: str, fault: Fault) -> None:
    async with desk(office, mode) as (client, log, message):
        office.sandbox.faults.replace_rules([fault])
        answer = await client.call_tool("mail_read", {"ids": [message]})
        told = text_of(answer)
        with pytest.raises(MCPError) as refused:
            await client.read_resource(f"outlook://me/messages/{message}")
    assert answer.is_error
    for text in (told, str(refused.value)):
        assert "may or may not" not in text
        assert "Try again in a minute." in text
    _, records = log.fresh()
    assert [record["details"]["outcome"] for record in records] == ["graph_unavailable"] * 2


async def test_after_a_failed_change_the_caller_is_told_to_look_first(office: Office, mode: str) -> None:
    async with desk(office, mode) as (client, _, message):
        routes = ("/v1.0/$batch", "/v1.0/me/messages/*/move")
        unseen = Fault(route="/v1.0/me/m*", method="GET", status=500)
        office.sandbox.faults.replace_rules([*(Fault(route=route, status=503) for route in routes), unseen])
        told = text_of(await client.call_tool("mail_delete", {"ids": [message]}))
    assert "Look at what is there now (mail_search, mail_read) before trying again." in told


async def test_every_answer_and_error_names_the_id_under_which_it_is_on_record(office: Office, mode: str) -> None:
    async with desk(office, mode) as (client, log, found):
        results = [await client.call_tool("mail_read", {"ids": [message]}) for message in (found, "7")]
        prompt = await client.get_prompt("triage_inbox", {})
        named = [(result.meta or {})[REQUEST_ID] for result in (*results, prompt)]
        contents = (await client.read_resource("outlook://me/folders")).contents
        named += [(part.meta or {})[REQUEST_ID] for part in contents]
        for refused in (client.read_resource("outlook://me/messages/7"), client.get_prompt("triage_inbox", {"x": "1"})):
            with pytest.raises(MCPError) as failed:
                await refused
            named.append(failed.value.error.data[REQUEST_ID])
        _, ended = log.fresh()
        assert named == [record["request"] for record in ended]
        assert len(set(named)) == 6
