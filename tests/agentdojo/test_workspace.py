"""The ground truth of AgentDojo's workspace tasks, replayed over MCP on its own data, and judged by its own checks."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.agentdojo.mailbox import add_contacts, add_events, fill_mailbox
from tests.e2e.conftest import office, sandbox_options
from tests.e2e.office import Office

__all__ = ["office", "sandbox_options"]

load_suites = pytest.importorskip(
    "agentdojo.task_suite.load_suites", reason="the package agentdojo is not installed: uv pip install agentdojo"
)

_TOOLSETS = "mail-read mail-write mail-send calendar-read calendar-write calendar-send contacts-read"
# Files of a cloud drive are no part of Outlook.
_OF_THE_DRIVE = {"append_to_file", "create_file", "delete_file", "list_files", "share_file"}
_OF_THE_DRIVE |= {"search_files", "search_files_by_filename", "get_file_by_id"}
# Its values are those of the newest version of the suite.
_VERSION = "v1.2.2"


def _tasks() -> list[Any]:
    suite = load_suites.get_suite(_VERSION, "workspace")
    environment = suite.load_and_inject_default_environment({})
    return [
        pytest.param(task, id=name)
        for name, task in suite.user_tasks.items()
        if _OF_THE_DRIVE.isdisjoint(call.function for call in task.ground_truth(environment))
    ]


TASKS = _tasks()


def test_at_least_24_of_the_40_tasks_need_mail_calendar_and_people_alone() -> None:
    assert len(TASKS) >= 24


@pytest.mark.parametrize("task", TASKS)
async def test_a_task_is_done_with_the_tools_of_this_server(office: Office, task: Any) -> None:
    from tests.agentdojo.calls import Replay
    from tests.agentdojo.state import bring_back

    suite = load_suites.get_suite(_VERSION, "workspace")
    before = task.init_environment(suite.load_and_inject_default_environment({}))
    mail = fill_mailbox(office, before)
    add_contacts(office, before)
    known = add_events(office, before)
    after = before.model_copy(deep=True)
    async with office.client(office.alice, toolsets=_TOOLSETS) as client:
        replay = Replay(office, client)
        replay.know(before)
        for step in task.ground_truth(before):
            await replay.make(step.function, step.args)
    bring_back(office, after, known, mail)
    assert _facts_missing(suite, task, before, replay.answers) == []
    assert task.utility(task.GROUND_TRUTH_OUTPUT, before, after)


def _facts_missing(suite: Any, task: Any, environment: Any, answers: list[str]) -> list[str]:
    """What AgentDojo's own tools tell of events, people and mail, as far as no answer here has it."""
    from agentdojo.functions_runtime import FunctionsRuntime

    told = "\n".join(answers)
    copy = environment.model_copy(deep=True)
    runtime = FunctionsRuntime(suite.tools)
    missing = []
    for step in task.ground_truth(environment):
        if step.function.startswith(("search_", "get_")):
            found, _ = runtime.run_function(copy, step.function, step.args)
            for item in found if isinstance(found, list) else ():
                if _has_words(item, str(step.args.get("query", ""))):
                    missing += [fact for fact in _facts(item) if fact not in told]
    return missing


def _has_words(item: Any, query: str) -> bool:
    """Whether it has the words as such: AgentDojo also finds them inside of longer words, as no index does."""
    return re.search(rf"\b{re.escape(query)}\b", str(item), re.IGNORECASE) is not None


def _facts(item: Any) -> list[str]:
    """The texts of an item that a model needs."""
    names = ("title", "location", "subject", "email")
    return [value for name in names if (value := getattr(item, name, None))]
