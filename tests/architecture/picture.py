"""The picture of the packages and their imports in .github/ARCHITECTURE.md, and the table of them in the README."""

from __future__ import annotations

import ast
import re
import tomllib

from tests.architecture.source import PACKAGE, ROOT, imported_by_module, modules

DOCUMENT = ROOT / ".github" / "ARCHITECTURE.md"
_BLOCK = re.compile(r"(<!-- imports -->\n).*?(<!-- /imports -->)", re.DOTALL)


def package_of(module: str) -> str:
    """The name below the root: `mail` for `outlook_mcp.mail.search.query`; empty for the root itself.

    >>> package_of("outlook_mcp.mail.search.query")
    'mail'
    """
    return module.split(".")[1] if module.count(".") else ""


def layers() -> list[str]:
    """The packages from top to bottom, as import-linter holds them, and last the sandbox, which stands apart."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    rows = next(contract["layers"] for contract in contracts if contract["name"] == "a request flows one way")
    return [package_of(name.strip()) for row in rows for name in row.split("|")] + ["sandbox"]


def imports_of_packages() -> dict[str, set[str]]:
    """For each package the packages that it imports, at whatever place in its modules."""
    found: dict[str, set[str]] = {name: set() for name in layers()}
    for module, targets in imported_by_module().items():
        if importer := package_of(module).removeprefix("__main__"):
            found[importer] |= {package_of(target) for target in targets} - {importer, ""}
    return found


def direct(imports: dict[str, set[str]]) -> dict[str, set[str]]:
    """Without those that follow from others: A to C where A imports B and B, in some steps, C."""

    def reached(name: str) -> set[str]:
        return imports[name].union(*(reached(below) for below in imports[name]))

    return {
        name: {other for other in targets if not any(other in reached(below) for below in targets - {other})}
        for name, targets in imports.items()
    }


def picture() -> str:
    shown = direct(imports_of_packages())
    arrows = [f"  {name} --> {other}" for name in layers() for other in layers() if other in shown[name]]
    return "\n".join(["```mermaid", "graph TD", *arrows, "```"])


def packages_table() -> str:
    """Each package with the first sentence of its docstring."""
    rows = [f"| `{name}` | {_summary(name)} |" for name in layers()]
    return "\n".join(["| package | what it holds |", "| --- | --- |", *rows])


def _summary(name: str) -> str:
    docstring = ast.get_docstring(modules()[f"{PACKAGE}.{name}"].tree)
    assert docstring, f"{PACKAGE}.{name} says nothing of itself"
    return docstring.splitlines()[0]


def with_picture(text: str) -> str:
    """The document with the picture as it should be."""
    return _BLOCK.sub(lambda found: f"{found[1]}{picture()}\n{found[2]}", text)
