"""Each action of the list is done by a tool that there is, with arguments that it takes, in a test that there is."""

from __future__ import annotations

import ast
from functools import cache

import pytest

from outlook_mcp.tools import CATALOGUE
from tests.slow import ROOT
from tests.tools.actions import ACTIONS, Action
from tests.tools.calendar_actions import CALENDAR_ACTIONS

ALL_ACTIONS = (*ACTIONS, *CALENDAR_ACTIONS)
TOOLS = {tool.name: tool for tool in CATALOGUE}


@cache
def functions_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / "tests" / file).read_text("utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("action", ALL_ACTIONS, ids=lambda action: action.asked)
def test_an_action_names_a_tool_its_arguments_and_a_test(action: Action) -> None:
    file, _, name = action.test.partition("::")
    assert set(action.arguments) <= set(TOOLS[action.tool].built.parameters["properties"])
    assert name.startswith("test_")
    assert name in functions_in(file)


def test_every_tool_is_there_for_an_action() -> None:
    assert {action.tool for action in ALL_ACTIONS} == set(TOOLS)
