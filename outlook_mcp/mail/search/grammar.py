"""Reads the text of a search: words, "phrases", OR, AND, NOT, -word, brackets and field:value.

Words side by side must all be there, and OR binds more tightly than that, as in Gmail: `from:erin invoice OR receipt`
wants one of the two words from Erin. AND that is written out binds more tightly than OR. Operators are upper case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import takewhile

from outlook_mcp.errors import InvalidInput
from outlook_mcp.mail.search.conditions import Expression, Field, all_of, any_of, negated, shown
from outlook_mcp.mail.search.fields import (
    DATE_FIELDS,
    NO_WILDCARD,
    WORD_FIELDS,
    Reader,
    condition_of,
    is_wildcard,
    note_on,
    squeezed,
    words_in,
)
from outlook_mcp.mail.search.folder_fields import folder_of
from outlook_mcp.mail.search.hints import hints_of
from outlook_mcp.mail.search.odata_habits import without_odata
from outlook_mcp.mail.search.sizes import SIZE_FIELDS, UNITS
from outlook_mcp.mail.search.tokens import Token, tokens_of

UNDERSTOOD = (
    "`text` understands from: to: cc: subject: body: filename: has:attachment is:unread is:flagged category: after: "
    "before: larger: in: (one folder for the whole search), OR, AND, NOT and brackets."
)
_DEEPEST = 20
_LONGEST_DATE = 5


@dataclass(frozen=True, slots=True)
class Parsed:
    """`expression` is None when nothing is left to look for. `ignored` are the parts of the text that mean nothing.

    With `is_doubtful` words were looked for that have the form of a field and value, of an operator or of a wildcard.
    """

    expression: Expression | None
    folder: str | None = None
    ignored: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    is_doubtful: bool = False


def parse(text: str, reader: Reader) -> Parsed:
    """The text as a tree. Raises InvalidInput for a date that cannot be read and for brackets without end.

    >>> from datetime import UTC, datetime
    >>> reader = Reader("me@contoso.example", datetime(2026, 11, 23, tzinfo=UTC))
    >>> shown(parse('from:erin (invoice OR "net 30") -draft', reader).expression)
    'from:erin AND (invoice OR "net 30") AND NOT draft'
    >>> parse("label:work in:sent invoice", reader).ignored
    ('label:work',)
    """
    bare = without_odata(text)
    tokens, notes = tokens_of(bare)
    parser = _Parser(tokens, reader)
    expression = parser.parse()
    if expression is not None and (parser.is_mixed or bare != text):
        notes.append(f"Read as: {shown(expression)}.")
    lower = [token.text for token in tokens if token.kind == "word" and token.text in ("or", "not")]
    is_doubtful = bool(lower) and len(tokens) > len(lower)
    if is_doubtful:
        notes.append(f"`{lower[0]}` was looked for as a word; the operator is {lower[0].upper()}.")
    hints = list(hints_of(tokens))
    notes += hints
    has_wildcard = any(is_wildcard(token.text) for token in tokens)
    if has_wildcard:
        notes.append(NO_WILDCARD)
    return Parsed(
        expression,
        next(iter(parser.folders), None),
        tuple(parser.ignored),
        (*notes, *parser.notes),
        is_doubtful=is_doubtful or has_wildcard or bool(hints) or any(token.is_unknown_field for token in tokens),
    )


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
        self.notes: list[str] = []
        self.is_mixed = False

    def parse(self) -> Expression | None:
        parts: list[Expression | None] = []
        while self._next < len(self._tokens):
            parts.append(self._side_by_side(self._reader.field))
            # A bracket that was never opened.
            self._take_token(")")
        self.ignored += [f"in:{name}" for name in self.folders[1:]]
        return _joined(parts, all_of)

    def _side_by_side(self, field: Field, *, is_any: bool = False) -> Expression | None:
        """Up to the end of the bracket. In curly ones, which are Gmail's, any of the parts is enough."""
        folders = len(self.folders)
        parts: list[Expression | None] = []
        has_or = False
        while self._kind() not in ("", ")"):
            parts.append(self._alternatives(field))
            has_or = has_or or self._had_or
        if is_any:
            self._ignore_folders(folders)
            return _joined(parts, any_of)
        self.is_mixed = self.is_mixed or (has_or and len(parts) > 1)
        return _joined(parts, all_of)

    def _alternatives(self, field: Field) -> Expression | None:
        folders = len(self.folders)
        parts = [self._together(field)]
        has_and = self._had_and
        while self._take_token("OR"):
            if self._kind() in ("", ")", "OR"):
                self.ignored.append("OR")
            else:
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
            if self._kind() in ("", ")", "AND", "OR"):
                self.ignored.append("AND")
            else:
                parts.append(self._operand(field))
        self._had_and = len(parts) > 1
        return _joined(parts, all_of)

    def _operand(self, field: Field) -> Expression | None:
        if self._kind() in ("", ")", "AND", "OR"):
            # An operator with nothing before it.
            self.ignored += [kind for kind in ("AND", "OR") if self._kind() == kind]
            return None
        token = self._tokens[self._next]
        self._next += 1
        if token.kind == "NOT":
            folders = len(self.folders)
            if self._kind() in ("", ")"):
                self.ignored.append("NOT")
            operand = self._operand(field)
            self._ignore_folders(folders, "NOT ")
            return None if operand is None else negated(operand)
        if token.kind in ("(", "{"):
            return self._group(field, is_any=token.kind == "{")
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

    def _group(self, field: Field, *, is_any: bool = False) -> Expression | None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise InvalidInput("The brackets in `text` are nested too deeply.", next_step="Write fewer brackets.")
        group = self._side_by_side(field, is_any=is_any)
        self._take_token(")")
        self._depth -= 1
        return group

    def _field(self, token: Token) -> Expression | None:
        name = squeezed(token.text)
        written = f"{token.text}{token.operator}"
        if self._kind() in ("(", "{") and name in WORD_FIELDS:
            self._next += 1
            return self._group(WORD_FIELDS[name], is_any=self._tokens[self._next - 1].kind == "{")
        if self._kind() not in ("word", "phrase"):
            self.ignored.append(written)
            return None
        value = self._date() if name in DATE_FIELDS else self._size() if name in SIZE_FIELDS else self._value()
        if folder := folder_of(name, value):
            self.folders.append(folder)
            return None
        condition = condition_of(token.text, token.operator, value, self._reader)
        note = note_on(name, token.operator, value)
        if note and note not in self.notes:
            self.notes.append(note)
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

    def _size(self) -> str:
        """A size whose unit stands apart, as in `larger:1 MB`, or of one word."""
        value = self._value()
        unit = self._tokens[self._next].text if self._kind() == "word" else ""
        return value + self._value() if value[-1:].isdigit() and unit.casefold() in UNITS else value

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
