"""No method is called like a builtin. Ruff checks variables and parameters."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from tests.architecture.source import modules

# An id is called `id`, and `logging.Filter` names its method itself.
_ALLOWED = {"id", "filter"}
_BUILTINS = set(dir(builtins)) - _ALLOWED


def shadowing_methods(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for member in node.body:
                if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef) and member.name in _BUILTINS:
                    yield f"{node.name}.{member.name}"


def test_a_method_that_is_called_like_a_builtin_is_seen() -> None:
    tree = ast.parse("class Store:\n    async def list(self): ...\n    def id(self): ...\n    def __len__(self): ...\n")
    assert list(shadowing_methods(tree)) == ["Store.list"]


def test_no_method_is_called_like_a_builtin() -> None:
    assert [f"{module.name}: {name}" for module in modules().values() for name in shadowing_methods(module.tree)] == []
