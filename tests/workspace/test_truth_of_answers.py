"""Whatever goes wrong at Microsoft Graph, an answer says neither more nor less than what happened."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from outlook_mcp.mail.settings import MailSettings
from outlook_mcp.workspace.workspace import EmailWorkspace
from tests.effort import usually
from tests.workspace.conftest import World
from tests.workspace.faults import CHANGES, FAULTS, READS, Operation

_OPEN = ("may or may not", "May or may not")
_LOOK = ("mail_search", "mail_read")


@pytest.fixture
def seeded() -> bool:
    return False


@pytest.fixture
def mail_settings() -> MailSettings:
    return MailSettings(poll_s=0.01, settle_s=0.05)


def faults_for(name: str) -> list[str]:
    """All of them in a thorough run, else others for each operation."""
    names = list(FAULTS)
    start = sorted([*CHANGES, *READS]).index(name) * 3
    return [names[(start + step * 5) % len(names)] for step in range(usually(7, thoroughly=len(names)))]


def untruths(operation: Operation, made: list[bool], is_error: bool, text: str, fault: str) -> Iterator[str]:
    """What of the answer to a change is not true."""
    is_open = any(words in text for words in _OPEN)
    if len(set(made)) > 1:
        yield "made in part"
    if is_open:
        if not any(tool in text for tool in _LOOK):
            yield "names no tool to look with"
        if not operation.may_stay_open:
            yield "is left open, though the mailbox can be read"
        if fault.startswith("4") and fault != "408":
            yield "is left open, though it was refused"
    elif is_error and any(made):
        yield "is said to have failed, and was made"
    elif not is_error and ("Not changed" in text) is all(made):
        yield "is said to be made, and was not"


@pytest.mark.parametrize("name", CHANGES)
async def test_what_is_said_of_a_change_is_what_the_mailbox_holds(
    world: World, alice: EmailWorkspace, name: str
) -> None:
    operation, wrong = CHANGES[name], []
    assert operation.is_made
    await alice.folders.find_folder("Archive")
    for fault in faults_for(name):
        messages = await operation.prepare(world, alice, operation.messages)
        world.faults(operation.rule(fault))
        is_error, text = await operation.answer(alice, messages)
        world.faults()
        await world.sandbox.store.outbox.settled()
        made = [operation.is_made(world, message) for message in messages[: operation.judged]]
        wrong += [f"{fault}: {untruth}: {text}" for untruth in untruths(operation, made, is_error, text, fault)]
    assert wrong == []


@pytest.mark.parametrize("name", READS)
async def test_a_read_gives_what_was_asked_for_or_says_why_not_and_never_speaks_of_a_change(
    world: World, alice: EmailWorkspace, name: str
) -> None:
    operation, wrong = READS[name], []
    messages = await operation.prepare(world, alice, operation.messages)
    for fault in faults_for(name):
        world.faults(operation.rule(fault))
        is_error, text = await operation.answer(alice, messages)
        if any(words in text for words in _OPEN) or (not is_error and operation.shows not in text):
            wrong.append(f"{fault}: {text}")
    assert wrong == []
