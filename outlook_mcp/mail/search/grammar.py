"""Reads the text of a search: words, "phrases", OR, AND, NOT, -word, brackets and field:value.

Words side by side must all be there, and OR binds more tightly than that, as in Gmail: `from:erin invoice OR receipt`
wants one of the two words from Erin. AND that is written out binds more tightly than OR. Operators are upper case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal, NamedTuple

from outlook_mcp.errors import InvalidInput
from outlook_mcp.mail.search.conditions import Expression, Field, all_of, any_of, negated, shown
from outlook_mcp.mail.search.fields import (
    DATE_FIELDS,
    FOLDER_FIELDS,
    WORD_FIELDS,
    Reader,
    condition_of,
    is_field,
    squeezed,
    words_in,
)
from outlook_mcp.mail.search.phrases import straight_quotes

_DEEPEST = 20
_LONGEST_DATE = 3

_BLANK = re.compile(r"\s*")
_FIELD = re.compile(r"([A-Za-z][A-Za-z_-]*)(:|>=|<=|=|>|<)")
_PHRASE = re.compile(r'"([^"]*)"?')
# Brackets within a word, as in f(x), are part of it.
_WORD = re.compile(r"[^\s()|]+(?:\([^\s()|]*\)[^\s()|]*)*")
_PROXIMITY = re.compile(r"O?NEAR(?:\(.*\))?|AROUND\(.*\)|XRANK(?:\(.*\))?")
_OPERATORS: dict[str, Literal["AND", "OR", "NOT"]] = {
    "AND": "AND",
    "&&": "AND",
    "&": "AND",
    "OR": "OR",
    "NOT": "NOT",
}


class Token(NamedTuple):
    """`text` is the word, the phrase, or the name of a field, whose `operator` is one of : = > < >= <=."""

    kind: Literal["(", ")", "AND", "OR", "NOT", "field", "phrase", "word", "unknown"]
    text: str
    operator: str = ""


@dataclass(frozen=True, slots=True)
class Parsed:
    """`expression` is None when nothing is left to look for. `ignored` are the parts of the text that mean nothing."""

    expression: Expression | None
    folder: str | None = None
    ignored: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def parse(text: str, reader: Reader) -> Parsed:
    """The text as a tree. Raises InvalidInput for a date that cannot be read and for brackets without end.

    >>> from datetime import UTC, datetime
    >>> reader = Reader("me@contoso.example", datetime(2026, 11, 23, tzinfo=UTC))
    >>> shown(parse('from:erin (invoice OR "net 30") -draft', reader).expression)
    'from:erin AND (invoice OR "net 30") AND NOT draft'
    >>> parse("label:work in:sent invoice", reader).ignored
    ('label:work',)
    """
    tokens = _tokens(straight_quotes(text))
    parser = _Parser(tokens, reader)
    expression = parser.parse()
    notes = []
    if expression is not None and parser.is_mixed:
        notes.append(f"Read as: {shown(expression)}.")
    lower = [token.text for token in tokens if token.kind == "word" and token.text in ("or", "not")]
    if lower and len(tokens) > len(lower):
        notes.append(f"`{lower[0]}` was looked for as a word; the operator is {lower[0].upper()}.")
    if any("*" in token.text and not token.text.startswith(("*@", "@*")) for token in tokens):
        notes.append("`*` is not a wildcard here; whole words were looked for.")
    return Parsed(expression, next(iter(parser.folders), None), tuple(parser.ignored), tuple(notes))


def _tokens(text: str) -> list[Token]:
    found: list[Token] = []
    position = _skip(text, 0)
    while position < len(text):
        token, position = _token(text, position)
        found.append(token)
        position = _skip(text, position)
    return found


def _skip(text: str, position: int) -> int:
    blank = _BLANK.match(text, position)
    return blank.end() if blank else position


def _token(text: str, position: int) -> tuple[Token, int]:
    letter = text[position]
    if letter in "()":
        return Token("(" if letter == "(" else ")", letter), position + 1
    if letter == "|":
        return Token("OR", letter), position + 1
    if letter in "-+" and text[position + 1 : position + 2].strip(" )-+"):
        # `+word` is what a word means anyway.
        return (Token("NOT", letter), position + 1) if letter == "-" else _token(text, position + 1)
    if phrase := _PHRASE.match(text, position):
        return Token("phrase", phrase[1]), phrase.end()
    if (field := _FIELD.match(text, position)) and is_field(field[1], field[2]):
        return Token("field", field[1], field[2]), field.end()
    word = _WORD.match(text, position)
    written = word[0] if word else letter
    end = position + len(written)
    if operator := _OPERATORS.get(written):
        return Token(operator, written), end
    return Token("unknown" if _PROXIMITY.fullmatch(written) else "word", written), end


class _Parser:
    """`is_mixed` tells that words side by side, or AND, met OR without brackets."""

    def __init__(self, tokens: list[Token], reader: Reader) -> None:
        self._tokens = tokens
        self._reader = reader
        self._next = 0
        self._depth = 0
        # Of what was read last, brackets within it aside.
        self._had_or = self._had_and = False
        self.ignored: list[str] = []
        self.folders: list[str] = []
        self.is_mixed = False

    def parse(self) -> Expression | None:
        parts: list[Expression | None] = []
        while self._next < len(self._tokens):
            parts.append(self._side_by_side("text"))
            # A bracket that was never opened.
            self._take_token(")")
        self.ignored += [f"in:{name}" for name in self.folders[1:]]
        return _joined(parts, all_of)

    def _side_by_side(self, field: Field) -> Expression | None:
        parts: list[Expression | None] = []
        has_or = False
        while self._kind() not in ("", ")"):
            parts.append(self._alternatives(field))
            has_or = has_or or self._had_or
        self.is_mixed = self.is_mixed or (has_or and len(parts) > 1)
        return _joined(parts, all_of)

    def _alternatives(self, field: Field) -> Expression | None:
        folders = len(self.folders)
        parts = [self._together(field)]
        has_and = self._had_and
        while self._take_token("OR"):
            if self._kind() not in ("", ")", "OR"):
                parts.append(self._together(field))
                has_and = has_and or self._had_and
        self._had_or = len(parts) > 1
        if self._had_or:
            self._ignore_folders(folders)
            self.is_mixed = self.is_mixed or has_and
        return _joined(parts, any_of)

    def _together(self, field: Field) -> Expression | None:
        parts = [self._operand(field)]
        while self._take_token("AND"):
            if self._kind() not in ("", ")", "AND", "OR"):
                parts.append(self._operand(field))
        self._had_and = len(parts) > 1
        return _joined(parts, all_of)

    def _operand(self, field: Field) -> Expression | None:
        if self._kind() in ("", ")", "AND", "OR"):
            return None
        token = self._tokens[self._next]
        self._next += 1
        if token.kind == "NOT":
            folders = len(self.folders)
            operand = self._operand(field)
            self._ignore_folders(folders, "NOT ")
            return None if operand is None else negated(operand)
        if token.kind == "(":
            return self._group(field)
        if token.kind == "field":
            return self._field(token)
        if token.kind == "unknown":
            self.ignored.append(token.text)
            return None
        condition = words_in(field, token.text, self._reader.me)
        if condition is None and not token.text.isascii():
            # An emoji, for example: the index knows words only. Bare punctuation means nothing to anybody.
            self.ignored.append(token.text)
        return condition

    def _group(self, field: Field) -> Expression | None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise InvalidInput("The brackets in `text` are nested too deeply.", next_step="Write fewer brackets.")
        group = self._side_by_side(field)
        self._take_token(")")
        self._depth -= 1
        return group

    def _field(self, token: Token) -> Expression | None:
        name = squeezed(token.text)
        written = f"{token.text}{token.operator}"
        if self._kind() == "(" and name in WORD_FIELDS:
            self._next += 1
            return self._group(WORD_FIELDS[name])
        if self._kind() not in ("word", "phrase"):
            self.ignored.append(written)
            return None
        value = self._date() if name in DATE_FIELDS else self._value()
        if name in FOLDER_FIELDS:
            self.folders.append(value)
            return None
        condition = condition_of(token.text, token.operator, value, self._reader)
        if condition is None:
            self.ignored.append(f"{written}{value}")
        return condition

    def _value(self) -> str:
        self._next += 1
        return self._tokens[self._next - 1].text

    def _date(self) -> str:
        """A date of several words, as in `after:last week`, or of one."""
        following = self._tokens[self._next : self._next + _LONGEST_DATE]
        words = [token.text for token in takewhile(lambda token: token.kind == "word", following)]
        for number in range(len(words), 1, -1):
            written = " ".join(words[:number])
            if self._is_date(written):
                self._next += number
                return written
        return self._value()

    def _is_date(self, written: str) -> bool:
        try:
            return condition_of("date", ":", written, self._reader) is not None
        except InvalidInput:
            return False

    def _ignore_folders(self, since: int, lead: str = "") -> None:
        """A folder can be chosen for the whole search only, and only to look in it."""
        self.ignored += [f"{lead}in:{name}" for name in self.folders[since:]]
        del self.folders[since:]

    def _kind(self) -> str:
        return self._tokens[self._next].kind if self._next < len(self._tokens) else ""

    def _take_token(self, kind: str) -> bool:
        found = self._kind() == kind
        self._next += found
        return found


def _joined(
    parts: Iterable[Expression | None], join: Callable[[Iterable[Expression]], Expression]
) -> Expression | None:
    found = [part for part in parts if part is not None]
    return join(found) if found else None
