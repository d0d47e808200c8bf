"""Examples run in the docstrings of the package alone; the files listed in tests/slow.py are marked slow."""

from __future__ import annotations

import gc
from collections.abc import Generator
from functools import cache
from pathlib import Path

import pytest
from _pytest.doctest import DoctestModule

from tests.slow import is_slow

PACKAGE = Path(__file__).parent / "outlook_mcp"
TESTS = Path(__file__).parent / "tests"
NOT_TRACED = (TESTS / "architecture", TESTS / "sandbox")


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path: Path) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Of the package only files with examples are imported for them."""
    collectors = yield
    if file_path.is_relative_to(PACKAGE) and ">>> " in file_path.read_text("utf-8"):
        return collectors
    return [collector for collector in collectors if not isinstance(collector, DoctestModule)]


def pytest_collection_finish() -> None:
    """What was loaded stays; to look for garbage in it again and again took a fifth of the time of the tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # First, so that at the end no process works on a long test while the others have none.
    items.sort(key=lambda item: not is_slow(item.path))
    for item in items:
        if is_slow(item.path):
            item.add_marker(pytest.mark.slow)
        if is_slow(item.path) or not is_traced(item.path):
            item.add_marker(pytest.mark.no_cover)


@cache
def is_traced(file: Path) -> bool:
    """Whether the figures of coverage need the tests of a file.

    What the others run is in other processes, reads source files or is the sandbox, which is left out of the figures,
    and tracing nearly doubles the time of the rest.
    """
    return not any(file.is_relative_to(folder) for folder in NOT_TRACED)
