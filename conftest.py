"""Examples run in the docstrings of the package alone; the files listed in tests/slow.py are marked slow."""

from __future__ import annotations

import gc
from collections.abc import Generator
from pathlib import Path

import pytest
from _pytest.doctest import DoctestModule

from tests.collecting import is_first_process, tell_the_others, wait_for_the_first
from tests.slow import is_slow
from tests.tracing import Tracing, is_traced

PACKAGE = Path(__file__).parent / "outlook_mcp"
TRACING = Tracing()


@pytest.hookimpl(trylast=True)
def pytest_sessionstart() -> None:
    """Every process imports the same, so in one of them that is traced for the figures of coverage."""
    if not is_first_process():
        TRACING.pause()
        wait_for_the_first()


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
    if is_first_process():
        tell_the_others()
    TRACING.resume()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # First, so that at the end no process works on a long test while the others have none.
    items.sort(key=lambda item: not is_slow(item.path))
    for item in items:
        if is_slow(item.path):
            item.add_marker(pytest.mark.slow)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """With setup and teardown, where servers are started and stopped."""
    if is_traced(item.path):
        return (yield)
    TRACING.pause()
    try:
        return (yield)
    finally:
        TRACING.resume()
