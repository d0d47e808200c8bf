"""What a model is told when something about contacts goes wrong, word for word: every operation, every failure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from outlook_mcp.sandbox.faults import Fault
from tests.faults.attempts import Attempt
from tests.faults.contacts import changing_contact, creating, deleting_contact
from tests.faults.office import Office, open_office
from tests.golden_answers.collecting import FAULTS
from tests.golden_answers.situations import UNKNOWN
from tests.golden_answers.telling import told

RECORDED = Path(__file__).parent / "answers.json"
# What differs with the tests that ran before.
_NUMBERED = re.compile(r"(?<=[Cc]ontact[ .])\d+|(?<=Title )\d+")
CONTACTS, CONTACT = "/v1.0/me/contacts", "/v1.0/me/contacts/*"


@dataclass(frozen=True)
class Operation:
    """A call that sends a request by `method` to `route`; `wrong` are arguments that it refuses."""

    prepare: Callable[[Office], Attempt]
    route: str
    method: str
    wrong: Mapping[str, Any]


def _searching(office: Office) -> Attempt:
    return Attempt(tool="people_search", arguments={"text": "zebra"}, parts={})


OPERATIONS = {
    "create": Operation(creating, CONTACTS, "POST", {"emails": ["nobody"]}),
    "change": Operation(changing_contact, CONTACT, "PATCH", {"phones": ["fax +49 1"]}),
    "delete": Operation(deleting_contact, CONTACT, "DELETE", {"name": "Jo"}),
    "search": Operation(_searching, CONTACTS, "GET", {"name": "Jo"}),
}


async def _failures(office: Office, operation: Operation) -> dict[str, str]:
    async def call(**others: Any) -> str:
        attempt = operation.prepare(office)
        answer = await told(office.client, attempt.tool, **{**attempt.arguments, **others})
        return _NUMBERED.sub("N", answer)

    answers = {"wrong account": await call(account="nobody@contoso.example"), "wrong": await call(**operation.wrong)}
    if operation.route == CONTACT:
        answers["not found"] = await call(id=UNKNOWN)
    for name, fault in FAULTS.items():
        rule = {"route": operation.route, "method": operation.method, "times": 3, **fault}
        office.sandbox.faults.replace_rules([Fault.model_validate(rule)])
        answers[name] = await call()
        office.sandbox.faults.replace_rules([])
    return answers


async def test_each_failure_of_each_operation_is_told_as_recorded(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        answers = {name: await _failures(office, operation) for name, operation in OPERATIONS.items()}
    (tmp_path / RECORDED.name).write_text(json.dumps(answers, indent=1, ensure_ascii=False) + "\n")
    assert answers == json.loads(RECORDED.read_text()), f"If this is meant, copy {tmp_path / RECORDED.name} there."
