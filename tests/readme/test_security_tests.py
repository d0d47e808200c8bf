"""The tables of requirements and regressions name tests that exist, and say where there is none."""

from __future__ import annotations

import ast
import re
from functools import cache

from tests.readme.tables import README

ROOT = README.parent
DOCUMENT = ROOT / ".github" / "SECURITY_TESTS.md"
NAMED = re.compile(r"\[`(test_\w+)`\]\(\.\./(tests/[^)]+\.py)\)")
FEWEST_REGRESSIONS = 20


@cache
def names_in(path: str) -> frozenset[str]:
    nodes = ast.walk(ast.parse((ROOT / path).read_text("utf-8")))
    return frozenset(node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def rows(heading: str = "") -> list[str]:
    """The rows of all tables below the heading, without those that name the columns."""
    text = DOCUMENT.read_text("utf-8")
    part = text[text.index(heading) :].split("\n## ", 1)[0] if heading else text
    tables = re.findall(r"^\| [^\n]*\n\| ---[^\n]*\n((?:\|[^\n]*\n)+)", part, re.MULTILINE)
    return [row for table in tables for row in table.strip().splitlines()]


def test_every_named_test_exists() -> None:
    named = NAMED.findall(DOCUMENT.read_text("utf-8"))
    assert len(named) > 200
    assert [(name, path) for name, path in named if name not in names_in(path)] == []


def test_every_requirement_has_a_test_or_says_why_it_has_none() -> None:
    assert [
        row for row in rows() if not NAMED.search(row) and "**gap**" not in row.lower() and "not applicable" not in row
    ] == []


def test_regressions_of_others_have_a_link_and_a_test() -> None:
    regressions = rows("## What happened to others")
    assert len(regressions) >= FEWEST_REGRESSIONS
    assert [row for row in regressions if not re.search(r"\]\(https://", row) or not NAMED.search(row)] == []
