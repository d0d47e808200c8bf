"""A docstring is read alone, in an editor or a list of functions, so it names what it is about."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.architecture.source import modules, nodes

_POINTS_ELSEWHERE = re.compile(r"(?:Those|That|The same|It|Its|They|Their)\b")


def beginnings_that_point_elsewhere(tree: ast.Module) -> Iterator[str]:
    """Functions and classes whose docstrings begin with a word for something that is named somewhere else."""
    for node in nodes(tree, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            docstring = ast.get_docstring(node) or ""
            if _POINTS_ELSEWHERE.match(docstring):
                yield f"{node.name} in line {node.lineno}: {docstring.splitlines()[0]}"


def test_a_docstring_about_something_that_is_named_elsewhere_is_seen() -> None:
    tree = ast.parse('class A:\n  """Those of one user."""\n  def sizes_of(self):\n    """The sizes of a box."""\n')
    assert list(beginnings_that_point_elsewhere(tree)) == ["A in line 1: Those of one user."]


def test_docstrings_name_what_they_are_about() -> None:
    assert [
        f"{module.name}: {found}"
        for module in modules().values()
        for found in beginnings_that_point_elsewhere(module.tree)
    ] == []
