"""Addresses are compared without regard to case and to nothing else: `casefold` makes one of what are two domains."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.source import modules, nodes

# A program of its own, which plays Exchange.
SANDBOX = "outlook_mcp.sandbox"
_OF_ADDRESSES = re.compile(r"address|account|domain|owner|sender\b|recipient|organizer", re.IGNORECASE)


def foldings(tree: ast.Module) -> Iterator[int]:
    """Lines that fold what is called an address."""
    for node in nodes(tree, ast.Call):
        match node:
            case ast.Call(func=ast.Attribute(value=folded, attr="casefold")) if _OF_ADDRESSES.search(
                ast.unparse(folded)
            ):
                yield node.lineno


@pytest.mark.parametrize("source", ["address.casefold()", "(person.address or 0).casefold()", "x in domain.casefold()"])
def test_the_folding_of_an_address_is_seen(source: str) -> None:
    assert list(foldings(ast.parse(source))) == [1]


def test_a_sharp_s_and_a_final_sigma_stay_what_they_are_in_comparisons_of_addresses() -> None:
    found = [
        f"{module.name}:{line}"
        for module in modules().values()
        if not module.name.startswith(SANDBOX)
        for line in foldings(module.tree)
        # What it makes equal is looked at there, and is no comparison.
        if module.name != "outlook_mcp.text.look_alikes"
    ]
    assert found == []
