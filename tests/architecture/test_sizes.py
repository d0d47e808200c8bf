"""Functions and files that a reader can hold in mind."""

from __future__ import annotations

from tests.architecture.source import ROOT, Module, python_files

LINES_OF_A_FUNCTION = 40
LINES_OF_A_FILE = 300
SOURCE = [Module(str(path.relative_to(ROOT)), path) for path in python_files("outlook_mcp", "tests", "examples")]


def test_no_function_is_longer_than_forty_lines() -> None:
    long = [(module.name, *found) for module in SOURCE for found in module.functions if found[1] > LINES_OF_A_FUNCTION]
    assert long == []


def test_no_file_is_longer_than_three_hundred_lines() -> None:
    assert [(module.name, module.lines) for module in SOURCE if module.lines > LINES_OF_A_FILE] == []
