"""Selectors as Lexbor reads them, with their specificity."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import tinycss2
from tinycss2 import ast

from outlook_mcp.text.html.css.tokens import Token, is_ident, is_symbol, significant, split_at, text_of, words

# Ids, classes and tags, with one more number where a rule beats others that have the same.
Specificity = tuple[int, ...]


class Selector(NamedTuple):
    """`text` is for Lexbor. `doubtful`: it may match fewer elements than `text` does, or none.

    `generated`: it is about the text that CSS puts before or after an element. The work of matching grows with the
    `combinators`, and with a power of the number of elements where each looks at many others: `looks_around` is 1, or 2
    where these do so again.
    """

    text: str
    specificity: Specificity
    doubtful: bool = False
    generated: str = ""
    combinators: int = 0
    looks_around: int = 0


# States that nothing has while a message is read.
_NEVER = words(
    """hover active focus focus-within focus-visible visited target fullscreen host user-invalid user-valid autofill
    popover-open modal picture-in-picture"""
)
_KNOWN = words(
    """link any-link root empty first-child last-child only-child first-of-type last-of-type only-of-type checked
    required optional read-only read-write"""
)
_FIELDS = ":is(button, input, select, textarea, optgroup, option, fieldset)"
_OFF = f"{_FIELDS}:is([disabled], fieldset[disabled] *)"
# What Lexbor reads otherwise than browsers do.
_WRITTEN_OUT = {"disabled": f":is({_OFF})", "enabled": f"{_FIELDS}:not({_OFF})"}
_KNOWN_FUNCTIONS = frozenset({"nth-child", "nth-last-child", "nth-of-type", "nth-last-of-type"})
_LISTS = {
    "is": "is",
    "where": "where",
    "-webkit-any": "is",
    "not": "not",
    "has": "has",
}
# Pseudo-elements without a text of their own.
_OTHER_PARTS = words(
    """selection backdrop cue file-selector-button grammar-error spelling-error target-text highlight part slotted
    view-transition column scroll-marker scroll-marker-group scroll-button checkmark picker picker-icon search-text"""
)
_NOTHING = ":not(*)"
_NAME = r"[a-zA-Z_][\w-]*"
COMPOUND = rf"(?:{_NAME}|[.#]{_NAME}|\*(?=[.#\s,]|$))(?:[.#]{_NAME})*"
_PLAIN = re.compile(rf"\s*{COMPOUND}(?:(?:\s+|\s*,\s*){COMPOUND})*\s*", re.ASCII)
PIECE = re.compile(rf"[.#]?{_NAME}|\*", re.ASCII)
_LONGEST = 4_000
_DEEPEST = 6
_MOST_IN_LIST = 500


@lru_cache(maxsize=4096)
def parse_selectors(prelude: str, parent: str = "") -> tuple[Selector, ...]:
    """The selectors of a list; none if browsers would not accept it. `parent` is what a nested rule stands in.

    >>> parse_selectors("p > .x:hover")[0].text
    'p > .x:not(*)'
    """
    if len(prelude) > _LONGEST:
        return ()
    if not parent and _PLAIN.fullmatch(prelude):
        return tuple(map(_plain_selector, prelude.split(",")[:_MOST_IN_LIST]))
    found = []
    is_strange = False
    for part in split_at(_tokens_of_selector(prelude), ",")[:_MOST_IN_LIST]:
        builder = _Builder(parent)
        selector = builder.selector(part)
        if selector is None:
            return ()
        found.append(selector)
        is_strange = is_strange or builder.is_strange
    # A browser that does not know one of the selectors leaves out the rule.
    return tuple(selector._replace(doubtful=True) for selector in found) if is_strange else tuple(found)


def _plain_selector(text: str) -> Selector:
    """Of names, classes and ids one below the other, as most are; the same as the tokens would give."""
    compounds = text.split()
    pieces = [piece for compound in compounds for piece in PIECE.findall(compound)]
    ids, classes = sum(piece[0] == "#" for piece in pieces), sum(piece[0] == "." for piece in pieces)
    tags = sum(piece[0] not in "#.*" for piece in pieces)
    return Selector(" ".join(compounds), (ids, classes, tags), combinators=len(compounds) - 1)


def _tokens_of_selector(prelude: str) -> tuple[Token, ...]:
    """Unlike in values, white space between tokens has a meaning."""
    return tuple(tinycss2.parse_component_value_list(prelude, skip_comments=True))


def _has_ampersand(tokens: Sequence[Token]) -> bool:
    """Whether the element that a nested rule stands in is named, also inside of functions."""
    return any(
        is_symbol(token, "&") or (isinstance(token, ast.FunctionBlock) and _has_ampersand(token.arguments))
        for token in tokens
    )


class _Builder:
    """Writes one selector anew. `is_strange`: it holds something that only some browsers know, or none."""

    def __init__(self, parent: str) -> None:
        self.is_strange = False
        self._parent = parent
        self._doubtful = False
        self._generated = ""
        self._counts = False
        self._has = False
        self._inner_combinators = 0

    def selector(self, tokens: Sequence[Token]) -> Selector | None:
        while tokens and isinstance(tokens[0], ast.WhitespaceToken):
            tokens = tokens[1:]
        while tokens and isinstance(tokens[-1], ast.WhitespaceToken):
            tokens = tokens[:-1]
        if not tokens:
            return None
        if self._parent and not _has_ampersand(tokens):
            tokens = [*_tokens_of_selector("& "), *tokens]
        written = self._written(tokens, 0)
        if written is None:
            return None
        text, specificity, combinators = written
        combinators += self._inner_combinators
        looks_around = 2 if self._has and (self._counts or "~" in text) else int(self._has or self._counts)
        return Selector(text or "*", specificity, self._doubtful, self._generated, combinators, looks_around)

    def _written(self, tokens: Sequence[Token], depth: int) -> tuple[str, Specificity, int] | None:
        pieces: list[str] = []
        ids = classes = tags = combinators = 0
        position = 0
        while position < len(tokens):
            token = tokens[position]
            position += 1
            if pieces and pieces[-1] == "." and not isinstance(token, ast.IdentToken):
                return None
            if isinstance(token, ast.HashToken):
                ids += 1
            elif isinstance(token, ast.IdentToken):
                is_class = bool(pieces) and pieces[-1] == "."
                classes, tags = classes + is_class, tags + (not is_class)
            elif isinstance(token, ast.SquareBracketsBlock):
                classes, token = classes + 1, self._attribute(token)
            elif isinstance(token, ast.WhitespaceToken) or (
                isinstance(token, ast.LiteralToken) and token.value in ">+~"
            ):
                combinators += 1
            elif is_symbol(token, "&"):
                pieces.append(f":is({self._parent})" if self._parent else ":root")
                inherited = max((known.specificity for known in parse_selectors(self._parent)), default=(0, 1, 0))
                ids, classes, tags = ids + inherited[0], classes + inherited[1], tags + inherited[2]
                continue
            elif is_symbol(token, ":"):
                pseudo = self._pseudo(tokens, position, depth)
                if pseudo is None:
                    return None
                text, (more_ids, more_classes, more_tags), position = pseudo
                pieces.append(text)
                ids, classes, tags = ids + more_ids, classes + more_classes, tags + more_tags
                continue
            elif is_symbol(token, "|"):
                tags -= self._drop_name_space(pieces)
                continue
            elif not (isinstance(token, ast.LiteralToken) and token.value in (".", "*")):
                return None
            pieces.append(token if isinstance(token, str) else text_of([token]))
        return "".join(pieces), (ids, classes, tags), combinators

    def _attribute(self, token: Token) -> str:
        """Without a name space, which attributes of HTML are never in."""
        content = significant(token.content)
        # Some browsers alone compare the case of a value where they are asked to.
        self._doubtful = self._doubtful or (len(content) > 3 and is_ident(content[-1], "s"))
        bar = next((place for place, part in enumerate(content[:2]) if is_symbol(part, "|")), None)
        if bar is None:
            return text_of([token])
        self._doubtful = self._doubtful or (bar == 1 and not is_symbol(content[0], "*"))
        return f"[{text_of(content[bar + 1 :])}]"

    def _drop_name_space(self, pieces: list[str]) -> int:
        """Takes away the name before a bar, which is a tag no more. Whom it is about is known only where it is `*`."""
        name = pieces.pop() if pieces else ""
        self._doubtful = self._doubtful or name != "*"
        return int(name not in ("*", ""))

    def _pseudo(self, tokens: Sequence[Token], position: int, depth: int) -> tuple[str, Specificity, int] | None:
        """What stands behind a colon: text, specificity, and the position behind it."""
        if position < len(tokens) and is_symbol(tokens[position], ":"):
            return self._pseudo_element(tokens[position + 1 : position + 2], position + 2)
        token = tokens[position] if position < len(tokens) else None
        if isinstance(token, ast.IdentToken):
            name = token.lower_value
            if name in ("before", "after", "first-line", "first-letter"):
                return self._pseudo_element([token], position + 1)
            if name in _KNOWN:
                return f":{name}", (0, 1, 0), position + 1
            if name in _WRITTEN_OUT:
                return _WRITTEN_OUT[name], (0, 1, 0), position + 1
            if name in _NEVER:
                return _NOTHING, (0, 1, 0), position + 1
            if name == "scope":
                return ":root", (0, 1, 0), position + 1
            self._doubtful = self.is_strange = True
            return ("" if position > 1 else "*"), (0, 1, 0), position + 1
        if isinstance(token, ast.FunctionBlock):
            text, specificity = self._function(token, depth + 1)
            return text, specificity, position + 1
        return None

    def _pseudo_element(self, tokens: Sequence[Token], position: int) -> tuple[str, Specificity, int] | None:
        if not tokens or not isinstance(tokens[0], ast.IdentToken | ast.FunctionBlock):
            return None
        name = tokens[0].lower_value if isinstance(tokens[0], ast.IdentToken) else tokens[0].lower_name
        if name in ("before", "after", "marker", "details-content"):
            self._generated = name
            return ("" if position > 2 else "*"), (0, 0, 1), position
        if name.endswith("placeholder"):
            self._generated = "placeholder"
            return ("" if position > 2 else "*"), (0, 0, 1), position
        if name in ("first-line", "first-letter"):
            self._doubtful = True
            return ("" if position > 2 else "*"), (0, 0, 1), position
        self.is_strange = self.is_strange or not (name.startswith("-webkit-") or name in _OTHER_PARTS)
        return _NOTHING, (0, 0, 1), position

    def _function(self, token: Token, depth: int) -> tuple[str, Specificity]:
        name = token.lower_name
        if name in _KNOWN_FUNCTIONS:
            self._counts = True
            return ":" + text_of([token]).replace("/**/", ""), (0, 1, 0)
        if name not in _LISTS or depth > _DEEPEST:
            self._doubtful = self.is_strange = True
            return "", (0, 1, 0)
        self._has = self._has or name == "has"
        texts: list[str] = []
        most: Specificity = (0, 0, 0)
        was_doubtful, self._doubtful = self._doubtful, False
        was_strange = self.is_strange
        for part in split_at(token.arguments, ",")[:_MOST_IN_LIST]:
            kept = list(part)
            while kept and isinstance(kept[0], ast.WhitespaceToken):
                kept.pop(0)
            while kept and isinstance(kept[-1], ast.WhitespaceToken):
                kept.pop()
            written = self._written(kept, depth) if kept else None
            if written is None:
                self._doubtful = self._doubtful or bool(kept)
                continue
            texts.append(written[0] or "*")
            self._inner_combinators += written[2]
            self._counts = self._counts or "~" in written[0]
            most = max(most, written[1])
        is_doubtful, self._doubtful = self._doubtful, self._doubtful or was_doubtful
        if name not in ("not", "has"):
            self.is_strange = was_strange  # The others of the list count all the same.
        if name == "not" and is_doubtful:
            return "", most  # What it excludes is not known, so it may exclude nothing.
        if not texts:
            return _NOTHING, most
        return f":{_LISTS[name]}({', '.join(texts)})", (0, 0, 0) if name == "where" else most
