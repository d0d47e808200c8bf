"""Every call is on record, and a log that cannot be written stops changes but hides nothing that was done."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import anyio
import anyio.lowlevel
import pytest
from mcp import Client
from mcp.types import TextContent

from outlook_mcp.audit.tail import last_records
from outlook_mcp.errors import SignInRequired
from outlook_mcp.server.settings import CallSettings
from tests.server.deeds import USER, CallerWhoMayOnlyRead, Deeds, Nobody


@pytest.fixture
def deeds(tmp_path: Path) -> Deeds:
    return Deeds(tmp_path / "audit.log")


async def answer(
    deeds: Deeds, tool: str, settings: CallSettings | None = None, **arguments: object
) -> tuple[bool, str]:
    async with Client(deeds.server(settings)) as client:
        result = await client.call_tool(tool, arguments)
        texts = [block.text for block in result.content if isinstance(block, TextContent)]
        return bool(result.is_error), " ".join(texts)


async def test_a_change_is_on_record_before_and_after_with_counts_only(deeds: Deeds) -> None:
    assert await answer(deeds, "change", ids=["secret-1", "secret-2", "secret-3"]) == (False, "changed")
    assert [record["user"] for record in last_records(deeds.log, 10)] == [str(USER), str(USER)]
    assert ended(deeds) == [
        ("tool:call:started", {"tool": "change", "messages": 3}),
        (
            "tool:call:finished",
            {"tool": "change", "outcome": "ok", "decision": "allowed", "bytes": 7, "messages": 3},
        ),
    ]
    assert "secret" not in deeds.log.read_text()
    assert await deeds.personal() == [{"message_ids": "secret-1 secret-2 secret-3", "client_name": "mcp"}] * 2


async def test_a_failed_call_is_on_record_with_its_code(deeds: Deeds) -> None:
    is_error, text = await answer(deeds, "look")
    assert is_error
    assert text == "There is no such message. It may have been moved or deleted; search again."
    assert ended(deeds) == [("tool:call:failed", {"tool": "look", "outcome": "not_found", "decision": "allowed"})]


async def test_a_change_that_cannot_be_put_on_record_is_not_made(deeds: Deeds) -> None:
    deeds.log.mkdir()
    is_error, text = await answer(deeds, "change", ids=["1"])
    assert is_error
    assert "cannot be written" in text
    assert deeds.done == []


async def test_the_path_of_the_log_is_told_to_the_operator_and_to_no_remote_caller(
    deeds: Deeds, caplog: pytest.LogCaptureFixture
) -> None:
    deeds.log.mkdir()
    _, refused = await answer(deeds, "change", ids=["1"])
    _, noted = await answer(deeds, "look")
    assert "administrator of this server" in refused
    assert not any(str(deeds.log.parent) in text for text in (refused, noted))
    logged = [line for line in caplog.messages if "call failed" in line]
    assert logged
    assert all(str(deeds.log) in line for line in logged)


async def test_a_change_that_was_made_is_told_even_when_the_log_is_lost_meanwhile(deeds: Deeds) -> None:
    is_error, text = await answer(deeds, "change_and_lose_the_log")
    assert not is_error
    assert text.startswith("changed Not on record: ")


async def test_an_unknown_tool_is_answered_with_those_there_are(deeds: Deeds) -> None:
    is_error, text = await answer(deeds, "delete_everything")
    assert is_error
    assert "There are: change, change_and_lose_the_log, change_and_wait, " in text


async def test_a_change_that_is_cancelled_has_an_ending_on_record(deeds: Deeds) -> None:
    async with Client(deeds.server()) as client, anyio.create_task_group() as calls:
        calls.start_soon(client.call_tool, "change_and_wait", {})
        await deeds.begun.wait()
        calls.cancel_scope.cancel()
    assert deeds.done == ["change"]
    assert ended(deeds) == [
        ("tool:call:started", {"tool": "change_and_wait"}),
        ("tool:call:failed", {"tool": "change_and_wait", "outcome": "cancelled", "decision": "allowed"}),
    ]


async def test_a_change_that_meets_a_fault_of_ours_has_an_ending_on_record(deeds: Deeds) -> None:
    is_error, _ = await answer(deeds, "stumble")
    assert is_error
    assert ended(deeds)[-1] == (
        "tool:call:failed",
        {"tool": "stumble", "outcome": "broken", "decision": "allowed"},
    )


async def test_when_graph_refuses_even_a_fresh_token_the_way_to_sign_in_is_offered(deeds: Deeds) -> None:
    is_error, text = await answer(deeds, "look_with_a_refused_token")
    assert is_error
    assert text.startswith("Microsoft Graph refused (401 InvalidAuthenticationToken).")
    assert f"Ask the user to open {deeds.sign_ins.link} and sign in" in text
    assert [type(needed) for needed in deeds.sign_ins.begun] == [SignInRequired]
    assert ended(deeds) == [
        (
            "tool:call:failed",
            {"tool": "look_with_a_refused_token", "outcome": "sign_in_required", "decision": "denied"},
        ),
    ]


async def test_after_the_new_sign_in_the_call_goes_on_to_its_answer(deeds: Deeds) -> None:
    deeds.sign_ins.ended = True
    assert await answer(deeds, "look_with_a_refused_token") == (False, "seen")


def ended(deeds: Deeds) -> list[tuple[object, object]]:
    """Tag and details of each record, without the session, which has a new id in each run."""
    records = [(record["tag"], cast(dict[str, object], record["details"])) for record in last_records(deeds.log, 10)]
    assert all(details.pop("session") for _, details in records)
    return [*records]


@pytest.mark.parametrize(
    ("tool", "next_step"),
    [
        ("look_and_wait", "ask for less at once."),
        ("change_and_wait", "Look at it with who_is_calling."),
        ("send_and_wait", "Look at what is there now before trying again."),
    ],
)
async def test_a_call_that_takes_too_long_is_stopped_and_says_what_that_means(
    deeds: Deeds, tool: str, next_step: str
) -> None:
    is_error, text = await answer(deeds, tool, CallSettings(deadline_s=0.05))
    assert is_error
    assert text.startswith(f"{tool} took longer than 0.05 seconds and was stopped.")
    assert ("The change may or may not have been made." in text) is (tool != "look_and_wait")
    assert text.endswith(next_step)
    tag, details = ended(deeds)[-1]
    assert (tag, details) == ("tool:call:failed", {"tool": tool, "outcome": "deadline_passed", "decision": "allowed"})


async def test_what_was_sent_is_on_record_with_domains_that_are_sealed(deeds: Deeds) -> None:
    assert await answer(deeds, "send") == (False, "sent")
    assert ended(deeds)[-1] == (
        "mail:message:sent",
        {"tool": "send", "outcome": "ok", "decision": "allowed", "bytes": 4, "recipients": 2},
    )
    assert "fabrikam" not in deeds.log.read_text()
    assert (await deeds.personal())[-1]["recipient_domains"] == "fabrikam.example"


async def test_a_send_nobody_can_vouch_for_is_on_record_with_those_it_may_have_reached(deeds: Deeds) -> None:
    is_error, text = await answer(deeds, "send_and_lose_the_answer")
    assert is_error
    assert text == "The answer was lost. Look whether it was sent before sending it again."
    assert ended(deeds)[-1] == (
        "mail:message:send_unknown",
        {
            "tool": "send_and_lose_the_answer",
            "outcome": "outcome_unknown",
            "decision": "allowed",
            "recipients": 1,
        },
    )
    assert (await deeds.personal())[-1]["recipient_domains"] == "contoso.example"


async def test_a_call_without_its_scope_is_on_record_as_denied(deeds: Deeds) -> None:
    deeds.caller = CallerWhoMayOnlyRead(USER)
    is_error, text = await answer(deeds, "change", ids=["4711"])
    assert is_error
    assert f"Ask the user to open {deeds.sign_ins.link} and allow it, then call the tool again." in text
    assert deeds.done == []
    assert ended(deeds)[-1] == (
        "tool:call:failed",
        {"tool": "change", "outcome": "scope_required", "decision": "denied", "messages": 1},
    )


async def test_a_call_of_nobody_is_on_record_as_denied_and_names_nobody(deeds: Deeds) -> None:
    deeds.caller = Nobody()
    is_error, text = await answer(deeds, "who_is_calling", account="Bob's secret mailbox")
    assert is_error
    assert f"Ask the user to open {deeds.sign_ins.link} and sign in, then call the tool again." in text
    (record,) = last_records(deeds.log, 10)
    assert (record["tag"], record["user"]) == ("tool:call:failed", "")
    assert record["details"] == {"tool": "who_is_calling", "outcome": "sign_in_required", "decision": "denied"}
    assert "secret" not in deeds.log.read_text()


async def test_wrong_arguments_are_on_record_as_refused(deeds: Deeds) -> None:
    is_error, text = await answer(deeds, "change")
    assert is_error
    tag, details = ended(deeds)[-1]
    expected = {"tool": "change", "outcome": "refused", "decision": "allowed", "bytes": len(text.encode())}
    assert (tag, details) == ("tool:call:finished", expected)


async def test_an_answer_begins_with_whose_mailbox_it_is_about_also_when_the_call_fails(deeds: Deeds) -> None:
    assert await answer(deeds, "look_elsewhere") == (False, "Mailbox of Bob. seen")
    is_error, text = await answer(deeds, "look_elsewhere", fails=True)
    assert is_error
    assert text.startswith("Mailbox of Bob. There is no such message.")


async def test_a_fault_of_ours_tells_the_client_nothing_and_the_log_what_it_was(
    deeds: Deeds, caplog: pytest.LogCaptureFixture
) -> None:
    is_error, text = await answer(deeds, "stumble")
    assert is_error
    assert text == "Error executing tool stumble"
    assert "LookupError" in caplog.text
