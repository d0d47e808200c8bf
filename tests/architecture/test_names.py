"""Names say what they are of, in calls too: queries, requests and settings are made with keywords.

Ruff checks the names of variables and parameters against builtins.
"""

from __future__ import annotations

import ast
import builtins
import string
from collections.abc import Iterator

from tests.architecture.source import ROOT, modules, nodes, parsed, python_files

# An id is called `id`, and `logging.Filter` and `logging.Formatter` name their methods themselves.
_ALLOWED = {"id", "filter", "format"}
_BUILTINS = set(dir(builtins)) - _ALLOWED
# `n` is an index, and `a` and `b` are two numbers of a formula.
_NAMELESS = {"one", "each", "thing", *(set(string.ascii_lowercase) - set("abn"))}
# What stands behind them says nothing: `read_body` and `sessions_of` do.
_BARE_VERBS = {
    "add",
    "answer",
    "ask",
    "call",
    "change",
    "create",
    "delete",
    "fetch",
    "find",
    "get",
    "insert",
    "list",
    "load",
    "make",
    "put",
    "read",
    "remove",
    "rename",
    "replace",
    "save",
    "set",
    "show",
    "swap",
    "take",
    "update",
    "write",
}
# The values of such an object say nothing by their place.
_KEYWORD_ONLY = ("Request", "Query", "Content", "Change", "Command", "Settings", "Limits", "Options")


def shadowing_methods(tree: ast.Module) -> Iterator[str]:
    for node in nodes(tree, ast.ClassDef):
        for member in node.body:
            if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef) and member.name in _BUILTINS:
                yield f"{node.name}.{member.name}"


def bare_verbs(tree: ast.Module | ast.ClassDef) -> Iterator[str]:
    """Functions and methods, not those inside functions. The class is the object of a class method: `Settings.load`."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield from bare_verbs(node)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            is_class_method = any(
                isinstance(name, ast.Name) and name.id == "classmethod" for name in node.decorator_list
            )
            if node.name.lstrip("_") in _BARE_VERBS and not is_class_method:
                yield f"{node.name} in line {node.lineno}"


def nameless_loop_variables(tree: ast.Module) -> Iterator[str]:
    """`for one in messages` and the like, in statements and comprehensions."""
    for node in nodes(tree, ast.For, ast.AsyncFor, ast.comprehension):
        if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            for name in ast.walk(node.target):
                if isinstance(name, ast.Name) and name.id in _NAMELESS:
                    yield f"{name.id} in line {name.lineno}"


def positional_objects(tree: ast.Module) -> Iterator[str]:
    """Dataclasses and structs of several fields that can be made without keywords though their kind is not."""
    for node in nodes(tree, ast.ClassDef):
        if node.name.endswith(_KEYWORD_ONLY):
            calls = [name for name in node.decorator_list if isinstance(name, ast.Call)]
            keywords = [*node.keywords, *(keyword for call in calls for keyword in call.keywords)]
            is_made = any("dataclass" in ast.unparse(name) for name in node.decorator_list) or any(
                "Struct" in ast.unparse(base) for base in node.bases
            )
            fields = sum(isinstance(statement, ast.AnnAssign) for statement in node.body)
            if is_made and fields > 1 and not any(keyword.arg == "kw_only" for keyword in keywords):
                yield f"{node.name} in line {node.lineno}"


def test_a_method_that_is_called_like_a_builtin_is_seen() -> None:
    tree = ast.parse("class Store:\n    async def list(self): ...\n    def id(self): ...\n    def __len__(self): ...\n")
    assert list(shadowing_methods(tree)) == ["Store.list"]


def test_no_method_is_called_like_a_builtin() -> None:
    assert [f"{module.name}: {name}" for module in modules().values() for name in shadowing_methods(module.tree)] == []


def test_a_loop_variable_that_says_nothing_is_seen() -> None:
    tree = ast.parse("for one in messages: ...\n[n for n in ids if [x async for x, name in pairs]]\n")
    assert sorted(nameless_loop_variables(tree)) == ["one in line 1", "x in line 2"]


def test_loop_variables_are_named_for_the_thing() -> None:
    assert [
        f"{path.relative_to(ROOT)}: {name}"
        for path in python_files("outlook_mcp", "tests", "examples")
        for name in nameless_loop_variables(parsed(path))
    ] == []


def test_a_verb_without_an_object_is_seen() -> None:
    tree = ast.parse(
        "class A:\n  def _read(self): ...\n  def read_body(self): ...\n  @classmethod\n  def load(cls): ...\n"
    )
    assert list(bare_verbs(tree)) == ["_read in line 2"]


def test_no_function_is_called_by_a_verb_alone() -> None:
    assert [f"{module.name}: {name}" for module in modules().values() for name in bare_verbs(module.tree)] == []


def test_a_query_without_keywords_is_seen() -> None:
    fields = "  text: str\n  limit: int\n"
    tree = ast.parse(
        f"@dataclass(frozen=True)\nclass MailQuery:\n{fields}\n"
        f"class SendRequest(Struct, kw_only=True):\n{fields}\n"
        f"@dataclass\nclass Point:\n{fields}\n"
    )
    assert list(positional_objects(tree)) == ["MailQuery in line 2"]


def test_queries_requests_and_settings_are_made_with_keywords() -> None:
    assert [f"{module.name}: {name}" for module in modules().values() for name in positional_objects(module.tree)] == []
