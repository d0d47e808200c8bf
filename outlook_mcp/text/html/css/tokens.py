"""Values as tokens. Each value is tokenised once: mails repeat theirs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import tinycss2
from tinycss2 import ast

# tinycss2 has no types, so a token is one of its nodes.
Token = Any

LONGEST_VALUE = 4_000
_DEEPEST = 40
_BRACKET = re.compile(r"[][(){}]")


@lru_cache(maxsize=8192)
def tokens_of(value: str) -> tuple[Token, ...]:
    """The tokens of a value without white space and comments; of a value that is too long, none."""
    if len(value) > LONGEST_VALUE or is_too_deep(value):
        return ()
    return significant(tinycss2.parse_component_value_list(value, skip_comments=True))


def is_too_deep(css: str) -> bool:
    """Whether so many brackets are open at once that a recursive reader would fail; no real style has so many."""
    if css.count("(") + css.count("[") + css.count("{") <= _DEEPEST:
        return False
    depth = 0
    for found in _BRACKET.finditer(css):
        depth = depth + 1 if found[0] in "([{" else max(0, depth - 1)
        if depth > _DEEPEST:
            return True
    return False


def significant(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """Without white space and comments."""
    return tuple(token for token in tokens if not isinstance(token, ast.WhitespaceToken | ast.Comment))


def words(names: str) -> frozenset[str]:
    """The names between white space."""
    return frozenset(names.split())


def is_ident(token: Token, *names: str) -> bool:
    """An identifier, of one of the given names in lower case if there are any."""
    return isinstance(token, ast.IdentToken) and (not names or token.lower_value in names)


def is_symbol(token: Token, symbol: str) -> bool:
    """A delimiter such as a comma."""
    return isinstance(token, ast.LiteralToken) and token.value == symbol


def split_at(tokens: Sequence[Token], symbol: str) -> list[tuple[Token, ...]]:
    """The runs of tokens between the delimiters `symbol`."""
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if is_symbol(token, symbol):
            parts.append([])
        else:
            parts[-1].append(token)
    return [tuple(part) for part in parts]


def functions(tokens: Sequence[Token]) -> list[tuple[str, tuple[Token, ...]]]:
    """Name and arguments of each function among the tokens."""
    return [
        (token.lower_name, significant(token.arguments)) for token in tokens if isinstance(token, ast.FunctionBlock)
    ]


def text_of(tokens: Sequence[Token]) -> str:
    """The tokens as CSS."""
    return str(tinycss2.serialize(tokens))
