"""No test depends on how fast the machine is: what something costs in time belongs to tests/benchmarks."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source import ROOT, nodes, parsed, python_files

BENCHMARKS = ROOT / "tests" / "benchmarks"
# The one place in which tests pause, with the reason.
WAITING = ROOT / "tests" / "waiting.py"
FILES = [path for path in python_files("tests") if not path.is_relative_to(BENCHMARKS)]
CLOCKS = {"monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time", "process_time_ns"}


def _name(call: ast.Call) -> str:
    match call.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def sleeps(tree: ast.Module) -> Iterator[int]:
    """Lines that sleep; `sleep(0)` only lets others run."""
    for node in nodes(tree, ast.Call):
        if _name(node) == "sleep":
            match node.args:
                case [ast.Constant(0)]:
                    continue
            yield node.lineno


def assertions_on_time(tree: ast.Module) -> Iterator[int]:
    for asserted in nodes(tree, ast.Assert):
        calls = (node for node in ast.walk(asserted.test) if isinstance(node, ast.Call))
        yield from (call.lineno for call in calls if _name(call) in CLOCKS)


def test_sleeps_and_stopwatches_are_seen() -> None:
    tree = ast.parse("time.sleep(1)\nasyncio.sleep(0)\nassert time.monotonic() - began < 2\n")
    assert list(sleeps(tree)) == [1]
    assert list(assertions_on_time(tree)) == [3]


def _places(path: Path, lines: Iterator[int]) -> list[str]:
    return [f"{path.relative_to(ROOT)}:{line}" for line in lines]


def test_nothing_sleeps_but_in_one_place() -> None:
    trees = [(path, parsed(path)) for path in FILES if path != WAITING]
    assert [place for path, tree in trees for place in _places(path, sleeps(tree))] == []


def test_no_assertion_reads_a_stopwatch() -> None:
    trees = [(path, parsed(path)) for path in FILES]
    assert [place for path, tree in trees for place in _places(path, assertions_on_time(tree))] == []
