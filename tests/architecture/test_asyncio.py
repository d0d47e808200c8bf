"""anyio is the async library of this package. Where asyncio stands, a comment beside the import says why."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGE, Module, modules


def unexplained(module: Module) -> Iterator[str]:
    """Imports of asyncio without a comment in the same line or the line above."""
    for node in ast.walk(module.tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        if any(name.split(".")[0] == "asyncio" for name in names):
            assert isinstance(node, ast.stmt)
            if module.reasons.isdisjoint((node.lineno - 1, node.lineno)):
                yield f"{module.name}:{node.lineno}"


@pytest.mark.parametrize(
    ("source", "is_explained"),
    [
        ("import asyncio\n", False),
        ("import math  # of numbers\n\nimport asyncio\n", False),
        ("from asyncio import Transport  # noqa: TC003\n", False),
        ("# uvicorn runs on it.\nimport asyncio\n", True),
        ("from asyncio import Transport  # uvicorn hands one.\n", True),
    ],
)
def test_an_import_without_a_reason_is_seen(tmp_path: Path, source: str, is_explained: bool) -> None:
    (tmp_path / "example.py").write_text(source)
    found = list(unexplained(Module(f"{PACKAGE}.example", tmp_path / "example.py")))
    assert bool(found) is not is_explained


def test_every_import_of_asyncio_says_why() -> None:
    assert [place for module in modules().values() for place in unexplained(module) if ".sandbox." not in place] == []
