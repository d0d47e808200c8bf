"""A tool takes its arguments, calls one method of the workspace and shapes its answer; all else is below it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.source import modules, nodes

_WORKSPACE = "workspace"


def workspace_calls(tree: ast.Module) -> Iterator[str]:
    """The methods that are called on the workspace or on a part of it, as they are written."""
    for node in nodes(tree, ast.Call):
        called = ast.unparse(node.func)
        if called.startswith(f"{_WORKSPACE}."):
            yield called


def test_every_call_of_the_workspace_is_seen() -> None:
    source = (
        "async def tool():\n    a = await workspace.a.b(await workspace.c())\n    return shaped(workspace, workspace.d)"
    )
    assert sorted(workspace_calls(ast.parse(source))) == ["workspace.a.b", "workspace.c"]


def test_a_tool_calls_one_method_of_the_workspace() -> None:
    packages = ("outlook_mcp.tools.", "outlook_mcp.resources.")
    called = {
        name: list(workspace_calls(module.tree)) for name, module in modules().items() if name.startswith(packages)
    }
    assert len(called) > 9
    assert {name: calls for name, calls in called.items() if len(calls) != 1} == {}
