"""How the modules of the package import each other."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGE, Import, Module, imported_by_module, modules, named_in_strings

FUNCTION_LEVEL_IMPORTS = 10


def cycle() -> list[str]:
    """The modules of one circle of imports, the first one again at the end; empty when there is none."""
    try:
        TopologicalSorter(imported_by_module()).prepare()
    except CycleError as error:
        return [str(name) for name in error.args[1]]
    return []


def function_level() -> list[tuple[Module, Import]]:
    return [
        (module, statement) for module in modules().values() for statement in module.imports if statement.is_in_function
    ]


def has_a_reason(module: Module, statement: Import) -> bool:
    """A comment beside the import, or above the run of imports that it belongs to."""
    ends = {other.last_line: other.line for other in module.imports}
    first = statement.line
    while first - 1 in ends:
        first = ends[first - 1]
    return not module.reasons.isdisjoint(range(first - 1, statement.last_line + 1))


def places(found: list[tuple[Module, Import]]) -> list[str]:
    return [f"{module.name}:{statement.line}" for module, statement in found]


def test_every_module_is_imported_or_run_by_another() -> None:
    graph = imported_by_module()
    used = set().union(*graph.values(), *(named_in_strings(module.tree) for module in modules().values()))
    unused = [name for name, module in modules().items() if name not in used and module.tree.body[1:]]
    # What Python runs, and what other projects import.
    others = ("api.serving", "api.tools", "sandbox.pytest_plugin")
    assert unused == [f"{PACKAGE}.__main__", *(f"{PACKAGE}.{name}" for name in others)]


@pytest.mark.parametrize(
    ("source", "imported", "is_in_function"),
    [
        ("import outlook_mcp.errors", "errors", False),
        ("from outlook_mcp import errors", "errors", False),
        ("from outlook_mcp.errors import OutlookError", "errors", False),
        ("from ..errors import OutlookError", "errors", False),
        ("if TYPE_CHECKING:\n    from outlook_mcp.errors import OutlookError", "errors", False),
        ("def f():\n    from outlook_mcp.errors import OutlookError", "errors", True),
        ("NAME = 'outlook_mcp.errors'\ndef f():\n    return importlib.import_module(NAME)", "errors", True),
        ("def f(name):\n    return import_module(f'outlook_mcp.cli.{name}')", "cli.serve", True),
    ],
)
def test_imports_of_every_kind_are_seen(tmp_path: Path, source: str, imported: str, is_in_function: bool) -> None:
    (tmp_path / "example.py").write_text(source)
    (found,) = Module(f"{PACKAGE}.cli.example", tmp_path / "example.py").imports
    assert f"{PACKAGE}.{imported}" in found.targets
    assert found.is_in_function is is_in_function


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert cycle() == []


def test_few_imports_stand_inside_functions() -> None:
    assert len(function_level()) <= FUNCTION_LEVEL_IMPORTS, places(function_level())


def test_lazy_imports_stand_in_one_file_of_a_room() -> None:
    found = [name for name, module in modules().items() if "with lazy_imports():" in module.path.read_text()]
    rooms = [name.removesuffix(".lazy") for name in found if name.endswith(".lazy")]
    assert len(rooms) == len(found)
    assert [room for room in rooms if any(room.startswith(f"{other}.") for other in rooms)] == []


def test_every_import_inside_a_function_says_why() -> None:
    assert places([found for found in function_level() if not has_a_reason(*found)]) == []
