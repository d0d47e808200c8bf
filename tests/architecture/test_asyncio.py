"""anyio is the async library of this package. A module that uses asyncio says why, in a comment beside an import."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGE, Module, modules, nodes


def unexplained(module: Module) -> Iterator[str]:
    """The imports of asyncio of a module, when none of them has a comment in the same line or the line above."""
    found = []
    for node in nodes(module.tree, ast.Import, ast.ImportFrom):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        if any(name.split(".")[0] == "asyncio" for name in names):
            assert isinstance(node, ast.stmt)
            if not module.reasons.isdisjoint((node.lineno - 1, node.lineno)):
                return
            found.append(f"{module.name}:{node.lineno}")
    yield from found


@pytest.mark.parametrize(
    ("source", "is_explained"),
    [
        ("import asyncio\n", False),
        ("import math  # of numbers\n\nimport asyncio\n", False),
        ("from asyncio import Transport  # noqa: TC003\n", False),
        ("import asyncio  # uvicorn runs on it.\nimport re\nfrom asyncio import Transport\n", True),
        ("# uvicorn runs on it.\nimport asyncio\n", True),
        ("from asyncio import Transport  # uvicorn hands one.\n", True),
    ],
)
def test_an_import_without_a_reason_is_seen(tmp_path: Path, source: str, is_explained: bool) -> None:
    (tmp_path / "example.py").write_text(source)
    found = list(unexplained(Module(f"{PACKAGE}.example", tmp_path / "example.py")))
    assert bool(found) is not is_explained


def test_every_import_of_asyncio_says_why() -> None:
    assert [place for module in modules().values() for place in unexplained(module)] == []
