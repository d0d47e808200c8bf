"""The product reads the time in one module, so that a test can hand any other part of it a clock of its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.source import modules, nodes

CLOCKS = "outlook_mcp.net.clock"
# A program of its own, which imports nothing of the product.
SANDBOX = "outlook_mcp.sandbox"
_READS = {
    "time": {
        "time",
        "monotonic",
        "perf_counter",
        "process_time",
        "thread_time",
        "clock_gettime",
        "localtime",
        "gmtime",
    },
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
}
_READS["time"] |= {f"{name}_ns" for name in _READS["time"]}


def readings(tree: ast.Module) -> Iterator[int]:
    """Lines that read a clock or name one of the system's."""
    for node in nodes(tree, ast.Attribute, ast.ImportFrom):
        match node:
            case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=name):
                if name in _READS.get(owner, ()):
                    yield node.lineno
            case ast.ImportFrom(module="time", names=names):
                if any(alias.name in _READS["time"] for alias in names):
                    yield node.lineno


@pytest.mark.parametrize(
    "source",
    [
        "time.time()",
        "clock = time.monotonic",
        "from time import perf_counter_ns",
        "datetime.now(UTC)",
        "datetime.datetime.utcnow()",
        "date.today()",
    ],
)
def test_a_reading_of_a_clock_is_seen(source: str) -> None:
    assert list(readings(ast.parse(source))) == [1]


@pytest.mark.parametrize("source", ["time.sleep(1)", "self._clock.now()", "from time import sleep", "datetime.min"])
def test_what_reads_no_clock_is_not_seen(source: str) -> None:
    assert list(readings(ast.parse(source))) == []


def test_no_module_but_one_reads_a_clock() -> None:
    product = [
        module for name, module in modules().items() if name != CLOCKS and not f"{name}.".startswith(f"{SANDBOX}.")
    ]
    assert [f"{module.name}:{line}" for module in product for line in readings(module.tree)] == []
    assert list(readings(modules()[CLOCKS].tree))
