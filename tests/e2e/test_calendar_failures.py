"""What a model is told when something about reading the calendar goes wrong, word for word."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from mcp import Client

from outlook_mcp.sandbox import SandboxOptions
from outlook_mcp.sandbox.faults import Fault
from tests.e2e.office import Office
from tests.e2e.test_calendar import MONDAY, outlook_of
from tests.golden_answers.collecting import FAULTS
from tests.golden_answers.telling import told

RECORDED = Path(__file__).parent / "calendar_failures.json"
_REQUEST_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Neither is there for what changes nothing.
_OF_CHANGES = ("conflict", "lost, was made")


class Operation(NamedTuple):
    """A call that sends a request by `method` to `route`, and arguments of it that are refused."""

    tool: str
    arguments: dict[str, Any]
    method: str
    route: str
    refused: dict[str, dict[str, Any]]


OPERATIONS = {
    "list": Operation(
        "calendar_list",
        {"start": MONDAY.isoformat()},
        "GET",
        "/v1.0/me/calendarView",
        {
            "wrong argument": {"begin": "today"},
            "wrong date": {"start": "someday"},
            "age as in mail": {"start": "7d"},
            "wrong calendar": {"calendar": "Nowhere"},
            "not shared": {"calendar": "bob@contoso.example"},
        },
    ),
    "read": Operation(
        "event_read",
        {"ids": None},
        "POST",
        "/v1.0/$batch",
        {"wrong argument": {"ids": []}, "not found": {"ids": ["999999"]}, "no day": {"ids": ["12@260230"]}},
    ),
    "find": Operation(
        "find_time",
        {"people": ["bob@contoso.example"], "start": MONDAY.isoformat()},
        "POST",
        "/v1.0/me/calendar/getSchedule",
        {"wrong argument": {"people": ["Bob"]}, "too long": {"end": "+90d"}, "over": {"start": "-9d", "end": "-8d"}},
    ),
}


@pytest.fixture
def sandbox_options() -> SandboxOptions:
    return SandboxOptions(seed=False, control=True)


async def _failures(office: Office, client: Client, operation: Operation, known: dict[str, Any]) -> dict[str, str]:
    given = operation.arguments | {name: known[name] for name, value in operation.arguments.items() if value is None}
    answers = {
        name: await told(client, operation.tool, **(given | refused)) for name, refused in operation.refused.items()
    }
    answers["wrong account"] = await told(client, operation.tool, **given, account="nobody@contoso.example")
    for name, fault in FAULTS.items():
        # What is refused to everybody is refused to a personal account, whose own calendar answers.
        is_answered = operation.tool == "find_time" and name == "no permission"
        if name not in _OF_CHANGES and not is_answered:
            rule = {"route": operation.route, "method": operation.method, "times": 3, **fault}
            office.sandbox.faults.replace_rules([Fault.model_validate(rule)])
            answers[name] = await told(client, operation.tool, **given)
            office.sandbox.faults.replace_rules([])
    return answers


async def test_each_failure_of_reading_the_calendar_is_told_as_recorded(office: Office, tmp_path: Path) -> None:
    async with outlook_of(office, office.alice) as alice:
        made = await alice.create("Review", 0, "10:00-11:00")
    async with office.client(office.alice, toolsets="calendar-read") as client:
        answers = {
            name: await _failures(office, client, operation, {"ids": [made["id"]]})
            for name, operation in OPERATIONS.items()
        }
    text = _REQUEST_ID.sub("ID", json.dumps(answers, indent=1, ensure_ascii=False) + "\n")
    (tmp_path / RECORDED.name).write_text(text)
    assert json.loads(text) == json.loads(RECORDED.read_text()), (
        f"If this is meant, copy {tmp_path / RECORDED.name} there."
    )
