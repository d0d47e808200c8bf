"""The source of the package as the tests of this folder see it: its modules and every import between them."""

from __future__ import annotations

import ast
import tokenize
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).parents[2]
PACKAGE = "outlook_mcp"
_NO_REASON = ("# noqa", "# type:", "# pragma")
Node = TypeVar("Node", bound=ast.AST)
_Function = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Import:
    """One import statement, or one use of `importlib.import_module`. `targets` are modules of the package alone."""

    line: int
    last_line: int
    targets: frozenset[str]
    is_in_function: bool


@dataclass(frozen=True)
class Module:
    name: str
    path: Path

    @property
    def tree(self) -> ast.Module:
        return parsed(self.path)

    @cached_property
    def imports(self) -> list[Import]:
        return list(_imports(self, self.tree, in_function=False))

    @cached_property
    def reasons(self) -> frozenset[int]:
        """The lines that carry a comment, other than one addressed to a tool."""
        with tokenize.open(self.path) as file:
            return frozenset(
                token.start[0]
                for token in tokenize.generate_tokens(file.readline)
                if token.type == tokenize.COMMENT and not token.string.startswith(_NO_REASON)
            )

    @property
    def functions(self) -> Iterator[tuple[str, int]]:
        """The name of every function and its number of lines, without its decorators."""
        for node in nodes(self.tree, *_Function):
            if isinstance(node, _Function):
                yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1

    @property
    def lines(self) -> int:
        return len(self.path.read_text("utf-8").splitlines())


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def _nodes_by_kind(tree: ast.AST) -> Mapping[type[ast.AST], list[Any]]:
    """Walked once, because the trees of all files have half a million nodes."""
    found: dict[type[ast.AST], list[Any]] = defaultdict(list)
    for node in ast.walk(tree):
        found[type(node)].append(node)
    return dict(found)


def nodes(tree: ast.AST, *kinds: type[Node]) -> Iterator[Node]:
    """The nodes of these kinds, one kind after the other.

    >>> [node.id for node in nodes(ast.parse("a = b + c"), ast.Name)]
    ['a', 'b', 'c']
    """
    return chain.from_iterable(_nodes_by_kind(tree).get(kind, ()) for kind in kinds)


@cache
def modules() -> dict[str, Module]:
    """Every module of the package by its dotted name."""
    return {name: Module(name, path) for path in python_files(PACKAGE) for name in [_dotted(path)]}


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def imported_by_module() -> dict[str, set[str]]:
    """For each module the modules of the package that it imports: at its top, inside functions and for types only."""
    return {
        name: set().union(*(statement.targets for statement in module.imports)) - {name}
        for name, module in modules().items()
    }


def _dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _imports(module: Module, node: ast.AST, *, in_function: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        targets = _targets(module, child)
        if targets is not None:
            assert isinstance(child, ast.stmt | ast.expr)
            yield Import(child.lineno, child.end_lineno or child.lineno, frozenset(targets), in_function)
        yield from _imports(module, child, in_function=in_function or isinstance(child, (*_Function, ast.Lambda)))


def _targets(module: Module, node: ast.AST) -> set[str] | None:
    """The modules of the package that this node imports; None when it is no import."""
    match node:
        case ast.Import(names):
            return {name for alias in names for name in _longest(alias.name)}
        case ast.ImportFrom(source, names, level):
            base = _absolute(module, source, level)
            return {name for alias in names for name in _longest(f"{base}.{alias.name}")}
        case ast.Attribute(attr="import_module") | ast.Name(id="import_module" | "__import__"):
            return set(named_in_strings(module.tree))
    return None


def _longest(name: str) -> Iterator[str]:
    """The module that `name` is or is defined in."""
    while name:
        if name in modules():
            yield name
            return
        name = name.rpartition(".")[0]


def _absolute(module: Module, source: str | None, level: int) -> str:
    if not level:
        return source or ""
    package = module.name.split(".")
    if module.path.name == "__init__.py":
        level -= 1
    return ".".join([*package[: len(package) - level], *([source] if source else [])])


def named_in_strings(tree: ast.AST) -> Iterator[str]:
    """The name that `importlib.import_module` is given may stand in a constant, so every string of the file counts.

    A formatted string names every module that begins like it.
    """
    for node in nodes(tree, ast.JoinedStr, ast.Constant):
        match node:
            case ast.JoinedStr([ast.Constant(str(start)), *_]) if start.startswith(f"{PACKAGE}."):
                yield from (name for name in modules() if name.rpartition(".")[0] == start.removesuffix("."))
            case ast.Constant(str(name)) if name in modules():
                yield name
