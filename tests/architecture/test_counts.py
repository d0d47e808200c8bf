"""Numbers agree with their nouns: what is counted goes through `counted`, which knows one from many."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.architecture.source import ROOT, nodes, parsed, python_files

_NOUNS = (
    "attachments|characters|data keys|files|folders|images|keys|lines|links|mailboxes|messages|pages|people|pictures"
    "|records|recipients|rows|sessions|times|users"
)
_COUNTED = re.compile(rf" (?:[a-z]+ )?(?:{_NOUNS})\b")
# Limits, which are never one.
_LIMIT = re.compile(r"[A-Z_]{3,}|\bmost\b|_BYTES|attempts")


def bare_counts(tree: ast.Module) -> Iterator[str]:
    """Texts that put a plural behind a number which may be one; those of a conditional expression know better."""
    guarded = {text for node in nodes(tree, ast.IfExp, ast.If) for text in _guarded_by(node)}
    for text in nodes(tree, ast.JoinedStr):
        for value, following in zip(text.values, text.values[1:], strict=False):
            if not (isinstance(value, ast.FormattedValue) and isinstance(following, ast.Constant)):
                continue
            is_count = _COUNTED.match(str(following.value)) and not _LIMIT.search(ast.unparse(value.value))
            if is_count and text not in guarded:
                yield ast.unparse(text)


def _guarded_by(node: ast.AST) -> Iterator[ast.AST]:
    """What stands in the branches of a condition that mentions 1."""
    if isinstance(node, ast.IfExp | ast.If) and "1" in ast.unparse(node.test):
        branches = [node.body, node.orelse] if isinstance(node, ast.IfExp) else node.body
        for branch in branches:
            yield from ast.walk(branch)


def test_no_text_says_one_records() -> None:
    found = [
        f"{file.relative_to(ROOT)}: {text}"
        for file in python_files("outlook_mcp")
        for text in bare_counts(parsed(file))
    ]
    assert found == []


def test_a_plural_behind_a_number_that_may_be_one_is_found() -> None:
    assert len(list(bare_counts(ast.parse('f"It holds {count} records."')))) == 1
    assert not list(bare_counts(ast.parse('"1 record" if count == 1 else f"{count} records"')))
    assert not list(bare_counts(ast.parse('f"at most {MOST_RECIPIENTS} recipients"')))
