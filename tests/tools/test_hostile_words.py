"""Whatever is done, no word that Graph answers with stands outside the marks of data, or moves a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp.types import CallToolResult

from tests.answers import text_of
from tests.effort import usually
from tests.faults.office import Office, open_office
from tests.golden_answers.collecting import GOLDEN
from tests.golden_answers.situations import MISTAKEN
from tests.sending import prepared_in, terms_in
from tests.tools.asking import code_in
from tests.tools.hostile_graph import NAMES, OBEY, UNSEEN, hostile_graph

OWN = "alice@contoso.example"
# The name that users have given themselves.
_OWN_NAME = re.compile(r"^Mailbox of .*?(?= <alice@)", re.MULTILINE)
_MARKED = re.compile(r"<data(\d{12})>.*?</data\1>", re.DOTALL)
# Of each operation the plain call, and every so many of the calls that go wrong.
STEP = usually(4, thoroughly=1)


async def answers_to(office: Office, name: str, changed: dict[str, Any]) -> list[CallToolResult]:
    """Those of all calls that the operation takes; fewer where one of them gives no code to go on with."""
    office.sandbox.store.database.execute("DELETE FROM event")
    attempt = GOLDEN[name].prepare(office)
    arguments = {**attempt.arguments}
    answers: list[CallToolResult] = []

    async def call(tool: str, given: dict[str, Any]) -> str:
        answers.append(await office.client.call_tool(tool, given))
        return text_of(answers[-1])

    if attempt.tool == "mail_send" and attempt.agreed:
        arguments |= terms_in(await call("mail_send", arguments))
    if attempt.shown_by is not None:
        arguments["id"] = prepared_in(await call("event_save", dict(attempt.shown_by)))[0]
    if attempt.is_confirmed and "confirm" not in changed:
        shown = await call(attempt.tool, arguments)
        if "confirm=" not in shown:
            return answers
        arguments["confirm"] = code_in(shown)
    await call(attempt.tool, {key: value for key, value in {**arguments, **changed}.items() if value is not None})
    return answers


def texts_in(value: Any, *, is_untrusted: bool = False) -> Iterator[tuple[str, bool]]:
    """Every text of structured content, and whether it stands below `untrusted`."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from texts_in(inner, is_untrusted=is_untrusted or name == "untrusted")
    elif isinstance(value, list):
        for inner in value:
            yield from texts_in(inner, is_untrusted=is_untrusted)
    elif isinstance(value, str):
        yield value, is_untrusted


def faults_of(answer: CallToolResult) -> Iterator[str]:
    """Orders that are not marked as data, and texts with characters that nobody sees or a terminal obeys."""
    text, fields = text_of(answer), list(texts_in(answer.structured_content))
    yield from (line for line in _OWN_NAME.sub("", _MARKED.sub("", text)).splitlines() if OBEY in line)
    yield from (field for field, is_untrusted in fields if OBEY in field and not is_untrusted)
    yield from (shown for shown in (text, *(field for field, _ in fields)) if UNSEEN & set(shown))


@pytest.mark.parametrize("words", NAMES, ids=["marks", "lines"])
async def test_no_word_of_others_stands_outside_its_marks_whatever_is_done(tmp_path: Path, words: str) -> None:
    seen, wrong = 0, {}
    async with open_office(tmp_path, structured=True, in_front=hostile_graph(words, OWN)) as office:
        for row, (name, mistaken) in enumerate(MISTAKEN.items()):
            failing = [mistaken.wrong_argument, mistaken.not_found, mistaken.wrong_calendar, *mistaken.more.values()]
            for changed in ({}, *failing[row % STEP :: STEP]):
                for answer in await answers_to(office, name, dict(changed or {})):
                    seen += OBEY in text_of(answer)
                    if faults := list(faults_of(answer)):
                        wrong[name] = faults
    assert wrong == {}
    assert seen > len(MISTAKEN) / 2, "the orders have come through"
