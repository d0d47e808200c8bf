"""What a model is told when a change goes wrong, word for word: every tool that changes messages, every failure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mcp import Client

from outlook_mcp.mail.settings import MailSettings
from outlook_mcp.sandbox.faults import Fault
from tests.answers import text_of
from tests.e2e.office import Office, letter

RECORDED = Path(__file__).parent / "answers_about_changes.json"
MESSAGE, LISTED = "/v1.0/me/messages/*", "/v1.0/me/mailFolders/*/messages"
UNKNOWN = "999999"
FAULTS: dict[str, dict[str, Any]] = {
    "no permission": {"status": 403, "body": {"error": {"code": "ErrorAccessDenied", "message": "Access is denied."}}},
    "throttled": {"status": 429, "headers": {"Retry-After": "150"}},
    "conflict": {"status": 412, "body": {"error": {"code": "ErrorIrresolvableConflict", "message": "It changed."}}},
    "lost, was made": {"cut": "after"},
    "lost, was not made": {"cut": "before"},
}


@dataclass(frozen=True)
class Change:
    """A call about one message, which sends a request by `method` to `route`; with `where` it only lists."""

    tool: str
    route: str
    method: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    wrong: Mapping[str, Any] = field(default_factory=dict)


CHANGES = {
    "read": Change("mail_update", MESSAGE, "PATCH", {"read": True}, {"reed": True}),
    "due": Change("mail_update", MESSAGE, "PATCH", {"due": "3d"}, {"start": "3d", "due": None}),
    "category": Change("mail_update", MESSAGE, "PATCH", {"add_categories": ["Red category"]}, {"pin": True}),
    "move": Change("mail_move", f"{MESSAGE}/move", "POST", {"folder": "archive"}, {"folder": "nowhere"}),
    "copy": Change("mail_move", f"{MESSAGE}/copy", "POST", {"folder": "archive", "copy": True}, {"junk": True}),
    "delete": Change("mail_delete", f"{MESSAGE}/move", "POST", {}, {"where": {"unread": True}}),
    "erase": Change("mail_delete", f"{MESSAGE}/permanentDelete", "POST", {"permanent": True}, {"permanent": "perhaps"}),
}
BY_QUERY = Change("mail_delete", LISTED, "GET", {"where": {"unread": True}}, {"where": {"from": "bob"}})


_VARYING = (
    (re.compile(r"(?<=mail)\d{12}(?=>)"), ""),
    (re.compile(r"(?<=Graph: )[\w-]+"), "REQUEST"),
    (re.compile(r"\d{4}-\d\d-\d\d"), "DAY"),
    (re.compile(r"(?<=: )\d+(?=\.)"), "ID"),
)


async def told(client: Client, tool: str, **arguments: Any) -> str:
    """The answer without what differs from run to run."""
    answer = await client.call_tool(tool, {name: value for name, value in arguments.items() if value is not None})
    text = text_of(answer)
    for pattern, word in _VARYING:
        text = pattern.sub(word, text)
    return f"{'error' if answer.is_error else 'answer'}: {text}"


class Desk:
    """Alice's client, and new messages of hers."""

    def __init__(self, office: Office, client: Client) -> None:
        self._office = office
        self._client = client

    async def meet(self, change: Change, fault: str) -> str:
        rule = {"route": change.route, "method": change.method, "times": 3, **FAULTS[fault]}
        self._office.sandbox.faults.replace_rules([Fault.model_validate(rule)])
        try:
            return await self.call(change)
        finally:
            self._office.sandbox.faults.replace_rules([])

    async def call(self, change: Change, **others: Any) -> str:
        message = self._office.mailbox(self._office.alice).insert_message(letter("Fault")).immutable_id
        named = {} if "where" in change.arguments else {"ids": [message]}
        return await told(self._client, change.tool, **{**named, **change.arguments, **others})

    async def failures(self, change: Change) -> dict[str, str]:
        others = {
            "wrong account": await self.call(change, account="nobody@contoso.example"),
            "wrong argument": await self.call(change, **change.wrong),
            "unknown code": await self.call(change, ids=None, where=None, confirm="aaaabbbb"),
        }
        if "where" not in change.arguments:
            others["not found"] = await self.call(change, ids=[UNKNOWN])
        return {**others, **{fault: await self.meet(change, fault) for fault in FAULTS}}


async def test_each_failure_of_each_change_is_told_as_recorded(office: Office, tmp_path: Path) -> None:
    async with office.client(office.alice, mail=MailSettings(poll_s=0.01)) as client:
        desk = Desk(office, client)
        answers = {name: await desk.failures(change) for name, change in CHANGES.items()}
        answers["by query"] = await desk.failures(BY_QUERY)
    (tmp_path / RECORDED.name).write_text(json.dumps(answers, indent=1, ensure_ascii=False) + "\n")
    assert answers == json.loads(RECORDED.read_text()), f"If this is meant, copy {tmp_path / RECORDED.name} there."
