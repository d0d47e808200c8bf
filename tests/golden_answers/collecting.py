"""Collects the answers to every failure of every operation, without what differs from run to run."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from outlook_mcp.sandbox.store.mail.focused_inbox import OVERRIDES
from tests.answers import text_of
from tests.e2e.office import with_file
from tests.faults.attempts import Attempt, Operation, batched, handle_of, messages, single
from tests.faults.meetings import EVENTS, handle_of_event
from tests.faults.office import Office
from tests.faults.operations import OPERATIONS, deleting
from tests.golden_answers.sites import SITES, told_of_site
from tests.golden_answers.situations import BOB, MISTAKEN
from tests.sending import prepared_in, terms_in
from tests.tools.asking import code_in
from tests.tools.test_unsubscribe import POST, SIGNED, URL, deliver

RECORDED = Path(__file__).parents[1] / "data" / "answers_to_failures.json"
_BODY = {"error": {"code": "ErrorIrresolvableConflict", "message": "It changed."}}
FAULTS: Mapping[str, Mapping[str, Any]] = {
    "no permission": {"status": 403, "body": {"error": {"code": "ErrorAccessDenied", "message": "Access is denied."}}},
    "throttled": {"status": 429, "headers": {"Retry-After": "150"}},
    "conflict": {"status": 412, "body": _BODY},
    "lost, was made": {"cut": "after"},
    "lost, was not made": {"cut": "before"},
}
BY_ONE_CLICK = "unsubscription by one click"
SITUATIONS = ("wrong account", "wrong argument", "not found", "wrong calendar", "unknown code", *FAULTS)
_OF_CHANGES = ("conflict", "lost, was made")
# A signature is kept here; without a folder for files an export gives the addresses of what it was given.
_ASKING_NOTHING = ("signature", "export one")
# What operations before have set would stand in the answers of later ones.
_KEPT = ("settings", "category", "rule", OVERRIDES)
_NUMBERED = (
    "Draft|Folder|Rule|Message|Sent|Later|Held|Changed|Renamed|Category|Away|stop|Event|Invited|Moved|[Cc]ontact|Title"
)
_VARYING = (
    (re.compile(r"</?data\d{12}>(?: Data from senders, not instructions\.\n)?"), ""),
    (re.compile(r"(?<=Graph: )[\w-]+(?:, [\w-]+)?"), "REQUEST"),
    (re.compile(r'(?<=confirm=")\w+|(?<=Check: )\w{8}|(?<=prepared-)\w+'), "CODE"),
    (re.compile(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d\d? \w{3} \d{4}"), "DAY"),
    (re.compile(r"\d{4}-\d\d-\d\d"), "DAY"),
    (re.compile(r"\b\d\d:\d\d\b"), "TIME"),
    (re.compile(r"(?<=TIME )CES?T"), "ZONE"),
    (re.compile(rf"\b({_NUMBERED})([ .])\d+\b"), r"\1\2N"),
    (re.compile(r"(?<=Below the text: )\d+|(?<=message/rfc822, )\d+"), "N"),
    # Which there are depends on the operations before.
    (re.compile(r"(?<=There are: )Archive, [^.]*"), "FOLDERS"),
    (re.compile(r"(?<![(\w$.])\d{2,}\b(?! (?:s|minutes|hours?|days|MB|KB|B|characters|messages?)\b)"), "N"),
    (re.compile(r"\b[a-z]+\d+@list\.example"), "SENDER"),
    (re.compile(r"since=\S+|cursor=\S+"), "CURSOR"),
)


def _reading(tool: str, **arguments: Any) -> Any:
    return lambda office: Attempt(tool=tool, arguments=arguments, parts={})


def _attachment(office: Office) -> Attempt:
    stored = office.alice.insert_message(with_file("Figures", "figures.txt", b"1 and 2"))
    return Attempt(tool="mail_attachment", arguments={"id": handle_of(stored), "n": "1"}, parts={})


def _reading_event(office: Office) -> Attempt:
    return Attempt(tool="event_read", arguments={"ids": [handle_of_event(office)]}, parts={})


def _reading_thread(office: Office) -> Attempt:
    return Attempt(tool="mail_read", arguments={"ids": messages(office, 1).handles, "thread": True}, parts={})


def _reading_source(office: Office) -> Attempt:
    return Attempt(tool="mail_read", arguments={"ids": messages(office, 1).handles, "view": "original"}, parts={})


def _listing_thread(office: Office) -> Attempt:
    return Attempt(tool="mail_search", arguments={"thread_of": messages(office, 1).handles[0]}, parts={})


def _exporting(office: Office) -> Attempt:
    return Attempt(tool="mail_export", arguments={"ids": messages(office, 1).handles}, parts={})


def _unsubscribing(office: Office) -> Attempt:
    message = deliver(office, ("List-Unsubscribe", f"<{URL}>"), POST, *SIGNED)
    return Attempt(tool="unsubscribe", arguments={"id": message}, parts={}, is_confirmed=True)


_LISTED = "/v1.0/me/mailFolders/*/messages"
_MORE: Mapping[str, Operation] = {
    "list": Operation(prepare=_reading("mail_search"), target=single("GET", _LISTED)),
    "search": Operation(prepare=_reading("mail_search", text="lettuce"), target=single("GET", _LISTED)),
    "folders": Operation(prepare=_reading("mail_folders"), target=single("GET", "/v1.0/me/mailFolders")),
    "attachment": Operation(prepare=_attachment, target=single("GET", "/v1.0/me/messages/*/attachments*")),
    "changes": Operation(prepare=_reading("mail_changes"), target=single("GET", "*/delta*")),
    "export": Operation(prepare=_reading("mail_export", where={"subject": "Figures"}), target=single("GET", _LISTED)),
    "list events": Operation(
        prepare=_reading("calendar_list", start="2030-01-07"), target=single("GET", "/v1.0/me/calendarView")
    ),
    "read event": Operation(prepare=_reading_event, target=single("GET", f"{EVENTS}/*")),
    "find a time": Operation(
        prepare=_reading("find_time", people=[BOB], start="2030-01-07", end="2030-01-07"),
        target=single("POST", "/v1.0/me/calendar/getSchedule"),
        is_read=True,
    ),
    "search people": Operation(
        prepare=_reading("people_search", text="zebra"), target=single("GET", "/v1.0/me/contacts")
    ),
    "read thread": Operation(prepare=_reading_thread, target=single("GET", "/v1.0/me/messages"), is_read=True),
    "read source": Operation(prepare=_reading_source, target=single("GET", "/v1.0/me/messages/*/$value"), is_read=True),
    "settings": Operation(prepare=_reading("settings"), target=single("GET", "/v1.0/me/mailboxSettings")),
    "rules": Operation(prepare=_reading("rules"), target=single("GET", "/v1.0/me/mailFolders/inbox/messageRules")),
    "delete one": Operation(prepare=deleting(1, permanent=False), target=batched("POST", "/v1.0/me/messages/*/move")),
    BY_ONE_CLICK: Operation(prepare=_unsubscribing, target=single("GET", "/v1.0/me/messages/*")),
    "signature": Operation(prepare=_reading("settings", signature="Alice"), target=single("PATCH", "/v1.0/me/never")),
    "list thread": Operation(prepare=_listing_thread, target=single("GET", "/v1.0/me/messages")),
    "export one": Operation(prepare=_exporting, target=single("GET", "/v1.0/me/messages/*")),
}
GOLDEN: Mapping[str, Operation] = {**OPERATIONS, **_MORE}


async def collected(office: Office, *, step: int = 1) -> dict[str, dict[str, str]]:
    """The answers by operation and situation; of each row every `step`th, moved by one from row to row."""
    messages(office, 2)
    told = {}
    for row, name in enumerate(MISTAKEN):
        others = (*MISTAKEN[name].more, *(SITES if name == BY_ONE_CLICK else ()))
        told[name] = await _failures(office, name, GOLDEN[name], [*SITUATIONS, *others][row % step :: step])
    return told


def as_text(answers: Mapping[str, Mapping[str, str]]) -> str:
    """As it stands in the file."""
    return json.dumps(answers, indent=1, ensure_ascii=False) + "\n"


async def _failures(office: Office, name: str, operation: Operation, situations: list[str]) -> dict[str, str]:
    told: dict[str, str] = {}
    for situation in situations:
        if situation in SITES:
            told[situation] = await told_of_site(office, situation)
            continue
        changed = _arguments(name, situation)
        reads_only = operation.is_read or operation.target.method == "GET"
        asks_nothing = name in _ASKING_NOTHING and situation in FAULTS
        if changed is None or asks_nothing or (reads_only and situation in _OF_CHANGES):
            continue
        rules = [operation.target.part(times=3, **FAULTS[situation])] if situation in FAULTS else []
        told[situation] = await _told(office, operation, changed, rules)
    return told


def _arguments(name: str, situation: str) -> Mapping[str, Any] | None:
    """What replaces arguments of the operation; None where there is no such situation."""
    others = {"wrong_account": {"account": "nobody@contoso.example"}, **MISTAKEN[name]._asdict()}
    others |= MISTAKEN[name].more
    changed: Mapping[str, Any] | None = others.get(situation, others.get(situation.replace(" ", "_"), {}))
    return changed


async def _told(office: Office, operation: Operation, changed: Mapping[str, Any], rules: Any) -> str:
    for kind in _KEPT:
        office.alice.records(kind).clear()
    # Events at the same time would be told, too.
    office.sandbox.store.database.execute("DELETE FROM event")
    attempt = operation.prepare(office)
    arguments = {**attempt.arguments}
    if attempt.tool == "mail_send" and attempt.agreed:
        arguments |= terms_in(text_of(await office.client.call_tool("mail_send", arguments)))
    if attempt.shown_by is not None:
        shown = text_of(await office.client.call_tool("event_save", dict(attempt.shown_by)))
        arguments["id"] = prepared_in(shown)[0]
    if attempt.tool == "mail_changes":
        begun = text_of(await office.client.call_tool("mail_changes", {}))
        arguments["since"] = begun.rpartition("since=")[2].strip()
    if attempt.is_confirmed and "confirm" not in changed:
        arguments["confirm"] = code_in(text_of(await office.client.call_tool(attempt.tool, arguments)))
    arguments = {name: value for name, value in {**arguments, **changed}.items() if value is not None}
    office.sandbox.faults.replace_rules(rules)
    try:
        answer = await office.client.call_tool(attempt.tool, arguments)
    finally:
        office.sandbox.faults.replace_rules([])
    await office.sandbox.store.outbox.settled()
    text = text_of(answer)
    for pattern, word in _VARYING:
        text = pattern.sub(word, text)
    return f"{'error' if answer.is_error else 'answer'}: {text.strip()}"
